import process from 'node:process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { hubSection } from '../config-hub.js';
import { LightKeeper } from '../devices/hub/light-keeper.js';
import { litPorts, openLights } from '../devices/hub/open-hub.js';
import { LIGHT_COLOURS, LIGHT_PATTERNS } from '../devices/hub/rack-hub.js';
import { asSarachiError, SarachiError } from '../errors.js';

/**
 * The process that holds the lights. It is told on stdin, one JSON line each: first the hub's configuration, then all lights, again and
 * again. When nothing comes for `staleMs`, or stdin ends because the daemon died in whatever way, the lights fall to the stale pattern.
 * On stdout it says how each change of writing went.
 */
const REFRESH_MS = 10_000;
const LAST_MS = 20_000;
const LAST_WRITE_MS = 5_000;

const first = z.strictObject({ hub: hubSection, staleMs: z.number().positive() });
const later = z.strictObject({
  lights: z.record(
    z.string(),
    z.object({ colour: z.enum(LIGHT_COLOURS), pattern: z.enum(LIGHT_PATTERNS) }),
  ),
});

let said = '';

/** The reader may be gone; the lights matter more. */
function say(trouble: SarachiError | null): void {
  const line = JSON.stringify(
    trouble ? { ok: false, code: trouble.code, message: trouble.message } : { ok: true },
  );
  if (line !== said) process.stdout.write(`${line}\n`);
  said = line;
}

function parsed<T>(schema: z.ZodType<T>, line: string): T {
  const read = schema.safeParse(JSON.parse(line));
  if (!read.success) throw new SarachiError('internal', { what: 'line' }, { cause: read.error });
  return read.data;
}

async function main(): Promise<void> {
  process.stdout.on('error', () => undefined);
  // Whoever ends the daemon often signals its whole group: the last thing to do is still to be done.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => undefined);
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const { hub, staleMs } = parsed(first, (await lines.next()).value ?? '');
  const lights = openLights(hub);
  const ports = litPorts(hub);
  const clock = () => performance.now();
  const keeper = new LightKeeper({
    ...{ lights, ports, staleMs, clock },
    refreshMs: REFRESH_MS,
    report: say,
  });
  const ended = new AbortController();
  const end = new AbortController();
  const running = keeper.run(ended.signal, { signal: end.signal, timeoutMs: LAST_WRITE_MS });
  try {
    for (let line = await lines.next(); !line.done; line = await lines.next())
      keeper.told(new Map(Object.entries(parsed(later, line.value).lights)));
  } finally {
    const timer = setTimeout(() => end.abort(), LAST_MS);
    ended.abort();
    await running.catch((error: unknown) => say(asSarachiError(error)));
    clearTimeout(timer);
    await lights.close();
  }
}

await main();
process.exit();
