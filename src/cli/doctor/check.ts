import { cleanField } from '../../text.js';
import { withDeadline } from '../../wait.js';

/** `fail`: the rack cannot work, or not whole. `warn`: it works worse than it could. `skip`: it could not be looked at. */
export type Level = 'ok' | 'warn' | 'fail' | 'skip';

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly level: Level;
  /** What was seen. */
  readonly said: string;
  /** What to do next; null where there is nothing. */
  readonly next: string | null;
}

export function good(name: string, said: string): Check {
  return { name, level: 'ok', said, next: null };
}

export function skipped(name: string, said: string): Check {
  return { name, level: 'skip', said, next: null };
}

export function warned(name: string, said: string, next: string): Check {
  return { name, level: 'warn', said, next };
}

export function failed(name: string, said: string, next: string): Check {
  return { name, level: 'fail', said, next };
}

const LOOK_MS = 15_000;

/** One look with a deadline; whatever it throws is a failed check with `next`. Never rejects. */
export async function look(
  name: string,
  next: string,
  work: (signal: AbortSignal) => Promise<Check | readonly Check[]>,
): Promise<readonly Check[]> {
  const limit = { signal: new AbortController().signal, timeoutMs: LOOK_MS };
  try {
    return [await withDeadline(limit, 'deadline-passed', work)].flat();
  } catch (thrown) {
    // What is not ours is a message of the system, and says more by itself.
    const said = thrown instanceof Error ? thrown.message : String(thrown);
    return [failed(name, cleanField(said, 200) ?? 'failed', next)];
  }
}
