import { randomBytes } from 'node:crypto';

/** Sorts by time, names the port, and cannot be guessed: `20261121T201530-P07-4f2a9c1e`. */
export function newRunId(port: string, now: number): string {
  const stamp = new Date(now).toISOString().replace(/[-:]|\.\d+Z$/g, '');
  return `${stamp}-${port}-${randomBytes(4).toString('hex')}`;
}
