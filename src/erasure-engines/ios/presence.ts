import type { AttentionCode } from '../../attention.js';
import type { Condition, Sighting } from '../../devices/sighting.js';
import { hasCode } from '../../errors.js';
import type { StageOutcome } from '../engine.js';
import { attention } from '../outcome.js';
import type { Visit } from './visit.js';

/** What a person does about a condition that does not pass by itself. */
const TROUBLES: Readonly<Partial<Record<Condition, AttentionCode>>> = {
  'mux:unpaired': 'iphone-trust',
  'mux:trust-declined': 'iphone-trust-declined',
  'mux:locked': 'iphone-locked',
  'mux:not-unlocked': 'iphone-not-unlocked',
  'mux:pairing-forbidden': 'iphone-pairing-forbidden',
  'mux:supervised': 'iphone-supervised',
  'mux:find-my-guard': 'find-my-guard',
};

/** Why a person is needed before the handset can be asked anything; null where it can, or may soon. */
export function presentTrouble(sighting: Sighting | null): AttentionCode | null {
  return sighting ? (TROUBLES[sighting.condition] ?? null) : null;
}

/** What tells one presence on the bus from the next: the kernel numbers a device anew each time it comes. */
export function presenceOf(sighting: Sighting | null): string {
  return sighting?.mux?.address ?? 'gone';
}

/** False where the bus shows another handset than the run's; true or unknown otherwise. */
export function looksSame(visit: Visit, sighting: Sighting): boolean {
  const known = visit.context.history().identity?.udid ?? null;
  return known === null || !sighting.mux || sighting.mux.udid === known;
}

/** Waits until the handset has left the presence it had; null where it has not within `timeoutMs`. */
export async function waitLeave(
  visit: Visit,
  presence: string,
  timeoutMs: number,
): Promise<{ readonly seen: string } | null> {
  const { link, context } = visit;
  const next = await within(visit, () =>
    link.waitFor((sighting) => hasLeft(sighting, presence), { signal: context.signal, timeoutMs }),
  );
  return next && { seen: next.value?.condition ?? 'gone' };
}

/** A usbmuxd that is gone says nothing about the handset. */
function hasLeft(sighting: Sighting | null, presence: string): boolean {
  return sighting?.condition !== 'mux:unknown' && presenceOf(sighting) !== presence;
}

/**
 * Waits for a handset that can be judged: one that trusts this rack, or one that needs a person and still does after
 * a while, since one at its first-boot screen trusts without being touched. Null after `timeoutMs`.
 */
export async function waitBack(visit: Visit, timeoutMs: number): Promise<Sighting | null> {
  const { link, context } = visit;
  const { signal, clock } = context;
  const end = clock() + timeoutMs;
  const quietMs = context.timing.settleSeconds * 5000;
  for (;;) {
    const left = Math.max(1, end - clock());
    const seen = await within(visit, () =>
      link.waitFor((now) => now !== null && (isOpen(now) || presentTrouble(now) !== null), {
        signal,
        timeoutMs: left,
      }),
    );
    if (!seen?.value || isOpen(seen.value)) return seen?.value ?? null;
    const { condition } = seen.value;
    const moved = await within(visit, () =>
      link.waitFor((now) => now?.condition !== condition, {
        signal,
        timeoutMs: Math.min(quietMs, left),
      }),
    );
    if (!moved) return seen.value;
  }
}

function isOpen({ condition }: Sighting): boolean {
  return condition === 'mux:paired';
}

/** The wait's own end means that nothing was seen: null. The end of the stage's signal goes up. */
async function within<T>(
  visit: Visit,
  wait: () => Promise<T>,
): Promise<{ readonly value: T } | null> {
  try {
    return { value: await wait() };
  } catch (error) {
    if (!visit.context.signal.aborted && hasCode(error, 'handset-timeout')) return null;
    throw error;
  }
}

/** Waits until the handset can be asked; what a person has to do for that, or null when it can. */
export async function openTrouble(visit: Visit): Promise<StageOutcome | null> {
  const { link, context } = visit;
  const waits = link.sighting()?.condition !== 'mux:paired';
  const now = waits
    ? await waitBack(visit, context.timing.identifySeconds * 1000)
    : link.sighting();
  if (!now) return attention('handset-not-returning', {});
  const code = presentTrouble(now);
  return code ? attention(code) : null;
}
