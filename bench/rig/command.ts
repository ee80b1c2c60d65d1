import { spawn } from 'node:child_process';
import process from 'node:process';
import { SarachiError } from '../../src/errors.js';
import { abortError } from '../../src/wait.js';

const KEPT_BYTES = 4 * 1024 * 1024;

export interface CommandOptions {
  readonly signal: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether an exit code other than 0 is an answer too. */
  readonly anyExit?: boolean;
}

/** Runs one program of the host to its end; stdout. Errors: command-failed with its words, aborted. */
export function command(
  program: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<string> {
  const { signal, env = {}, anyExit = false } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < KEPT_BYTES) stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-1000);
    });
    child.once('error', (cause) =>
      reject(
        signal.aborted
          ? abortError(signal)
          : new SarachiError('command-failed', { program }, { cause }),
      ),
    );
    child.once('close', (exitCode) => {
      if (exitCode === 0 || anyExit) resolve(stdout);
      else reject(new SarachiError('command-failed', { program, exitCode, stderr }));
    });
  });
}
