import type { ClearJob } from './clearing-method.js';

/** The arguments of a tool with the facts of this order filled in: one argument stays one, whatever the facts hold. */
export function fillArguments(template: readonly string[], job: ClearJob): string[] {
  const facts: Readonly<Record<string, string>> = {
    port: job.port,
    run: job.run,
    reader: String(job.reader),
    model: job.model,
    job: job.job,
  };
  return template.map((argument) =>
    argument.replace(/\{([a-z]+)\}/g, (whole, name: string) => facts[name] ?? whole),
  );
}
