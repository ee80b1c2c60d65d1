import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SarachiError } from '../../src/errors.js';
import { command } from './command.js';
import type { Standing } from './one-handset.js';

const PATTERN_BYTES = 4_194_304;
const PAGE = 4096;

export interface DdOverwrite {
  readonly seconds: number;
  /** Bytes that were written and read back. */
  readonly bytes: number;
  /** Seconds of each part: push, write, read, remove. */
  readonly parts: Readonly<Record<'push' | 'write' | 'read' | 'remove', number>>;
  readonly wireBytes: number;
}

export interface DdOptions {
  readonly bytes: number;
  /** Port of the adb server. */
  readonly port: number;
  /** For the pattern on the host. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/**
 * The same bytes by hand: push a 4 MiB pattern, `dd` it with bs=4194304 onto the end of one file again and again,
 * `sync`, `sha256sum` all of it, `rm`, `sync`; each a call of the `adb` program. Rejects with overwrite-mismatch
 * where the handset's hash is not that of what should be there.
 */
export async function overwriteByDd(standing: Standing, options: DdOptions): Promise<DdOverwrite> {
  const { bytes, port, folder, signal } = options;
  const pattern = randomBytes(PATTERN_BYTES);
  const file = path.join(folder, 'pattern');
  await writeFile(file, pattern);
  const adb = (...args: readonly string[]) =>
    command('adb', ['-P', String(port), '-s', standing.address, ...args], { signal });
  const fillBytes = bytes - PATTERN_BYTES;
  const whole = Math.floor(fillBytes / PATTERN_BYTES);
  const pages = Math.floor((fillBytes % PATTERN_BYTES) / PAGE);
  const at = [performance.now()];
  const wireBefore = standing.wireBytes();
  const step = () => at.push(performance.now());
  await adb('push', file, '/data/local/tmp/pattern');
  step();
  await adb(
    'shell',
    `cd /data/local/tmp && i=0 && while [ $i -lt ${whole} ]; do dd if=pattern bs=4194304 2>/dev/null >>fill || exit 1; i=$((i+1)); done && dd if=pattern bs=${PAGE} count=${pages} 2>/dev/null >>fill && sync`,
  );
  step();
  const said = await adb('shell', 'cd /data/local/tmp && sha256sum pattern fill');
  step();
  await adb('shell', 'cd /data/local/tmp && rm pattern fill && sync');
  step();
  const wireBytes = standing.wireBytes() - wireBefore;
  check(said, pattern, { whole, pages });
  const seconds = (part: number) => ((at[part + 1] ?? 0) - (at[part] ?? 0)) / 1000;
  return {
    seconds: [0, 1, 2, 3].reduce((sum, part) => sum + seconds(part), 0),
    bytes: (whole + 1) * PATTERN_BYTES + pages * PAGE,
    parts: { push: seconds(0), write: seconds(1), read: seconds(2), remove: seconds(3) },
    wireBytes,
  };
}

function check(said: string, pattern: Buffer, size: { whole: number; pages: number }): void {
  const fill = createHash('sha256');
  for (let n = 0; n < size.whole; n += 1) fill.update(pattern);
  fill.update(pattern.subarray(0, size.pages * PAGE));
  const expected = [createHash('sha256').update(pattern), fill].map((hash) => hash.digest('hex'));
  const got = [...said.matchAll(/^([0-9a-f]{64})\b/gm)].map(([, hash]) => hash);
  if (got.join() !== expected.join()) throw new SarachiError('overwrite-mismatch', { by: 'dd' });
}
