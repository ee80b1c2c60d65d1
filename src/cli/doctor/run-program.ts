import { execFile } from 'node:child_process';
import { SarachiError } from '../../errors.js';
import { cleanField } from '../../text.js';

/** What a program prints, at most 64 KiB of it. Error: internal with its name, where it is missing or fails. */
export function runProgram(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { signal, killSignal: 'SIGKILL', maxBuffer: 1 << 16 } as const;
    execFile(program, args, options, (cause, stdout, stderr) => {
      if (!cause) return resolve(stdout);
      const said = cause.code === 'ENOENT' ? 'not found' : cleanField(stderr, 120);
      reject(new SarachiError('command-failed', { program: cleanField(program), said }, { cause }));
    });
  });
}
