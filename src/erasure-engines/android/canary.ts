import { randomBytes } from 'node:crypto';
import type { Evidence } from '../../evidence.js';
import { shellQuote } from '../../text.js';
import { latest } from '../past.js';
import { commandWait, runWord, type Visit } from './visit.js';

export interface Canary {
  readonly directory: string;
  readonly path: string;
  readonly token: string;
}

/** `unknown`: the directory could not be listed, so that the file's absence says nothing. */
export type CanaryState = 'survived' | 'gone' | 'unknown';

/**
 * Puts a file of this run into each place and reads it back; records only what was really there. Their absence after
 * the reset is the strongest sign of it that a shell user can see.
 */
export async function plantCanaries(visit: Visit): Promise<readonly Canary[]> {
  const planted: Canary[] = [];
  for (const directory of [visit.places.work, visit.places.shared]) {
    const token = randomBytes(16).toString('hex');
    const path = `${directory}/sarachi-canary-${runWord(visit)}-${token.slice(0, 8)}`;
    const file = shellQuote(path);
    const { stdout } = await visit.link.shell(
      `echo ${token} >${file} 2>/dev/null; sync; cat ${file} 2>/dev/null`,
      commandWait(visit),
    );
    if (stdout.trim() === token) planted.push({ directory, path, token });
  }
  await visit.context.record('canary-planted', {
    method: 'adb shell echo, sync, cat',
    holds: planted.length > 0,
    value: { canaries: planted.map(({ directory, path, token }) => ({ directory, path, token })) },
  });
  return planted;
}

/** The canaries of the last planting that is on record. */
export function plantedCanaries(evidence: readonly Evidence[]): readonly Canary[] {
  const list = latest(evidence, 'canary-planted')?.value['canaries'];
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: Record<string, unknown>) => {
    const { directory, path, token } = item;
    return typeof directory === 'string' && typeof path === 'string' && typeof token === 'string'
      ? [{ directory, path, token }]
      : [];
  });
}

/** Looks for each canary. Its directory must be listable, or nothing was seen. */
export async function lookForCanaries(
  visit: Visit,
  canaries: readonly Canary[],
): Promise<readonly { readonly path: string; readonly state: CanaryState }[]> {
  const found: { path: string; state: CanaryState }[] = [];
  for (const { directory, path } of canaries) {
    const { stdout } = await visit.link.shell(
      `if [ -e ${shellQuote(path)} ]; then echo survived; elif ls ${shellQuote(directory)}/ >/dev/null 2>&1; then echo gone; fi`,
      commandWait(visit),
    );
    const said = stdout.trim();
    found.push({ path, state: said === 'survived' || said === 'gone' ? said : 'unknown' });
  }
  return found;
}
