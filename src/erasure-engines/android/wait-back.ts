import type { Sighting } from '../../devices/sighting.js';
import { SarachiError } from '../../errors.js';
import { looksSame, presenceOf, waitReturn } from './bus.js';
import { untilAnswering } from './probe.js';
import type { Visit } from './visit.js';

/**
 * Waits until a handset is back and can be judged: in a condition that lasts and, where that is adb, with a system that
 * answers. The adb server may list a handset that rebooted a moment longer than its bus, so an adb that is gone before it
 * answered starts the wait anew. Another handset is not waited for to answer. Null after `timeoutMs`. Errors: those of
 * `untilAnswering`.
 */
export async function waitBack(
  visit: Visit,
  { timeoutMs, quietMs }: { readonly timeoutMs: number; readonly quietMs: number },
): Promise<Sighting | null> {
  const { clock } = visit.context;
  const end = clock() + timeoutMs;
  for (;;) {
    const left = end - clock();
    const back = left > 0 ? await waitReturn(visit, { timeoutMs: left, quietMs }) : null;
    if (back?.condition !== 'adb:device' || !looksSame(visit, back)) return back;
    if (await answers(visit, presenceOf(back), Math.max(left, 1))) return back;
  }
}

/** False when this presence on the bus ended before its system answered. */
async function answers(visit: Visit, presence: string, timeoutMs: number): Promise<boolean> {
  const { context, link } = visit;
  const moved = new AbortController();
  const signal = AbortSignal.any([context.signal, moved.signal]);
  const leaving = link
    .waitFor((sighting) => presenceOf(sighting) !== presence, { signal, timeoutMs })
    .then(() => moved.abort(new SarachiError('handset-gone')));
  // Its own end says nothing: the wait for the answer has the same deadline.
  leaving.catch(() => undefined);
  try {
    await untilAnswering({ ...visit, context: { ...context, signal } }, timeoutMs);
    return true;
  } catch (error) {
    if (moved.signal.aborted && !context.signal.aborted) return false;
    throw error;
  } finally {
    moved.abort(new SarachiError('aborted'));
  }
}
