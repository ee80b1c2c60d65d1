import type { Afc } from '../../../devices/apple/afc/afc.js';
import type { Condition, Sighting } from '../../../devices/sighting.js';
import { type ErrorCode, hasCode, SarachiError } from '../../../errors.js';
import type { HandsetKey } from '../../../handset.js';
import { abortError, sleep, type WaitOptions } from '../../../wait.js';
import type { Visit } from '../visit.js';

/** Drops in a row between which nothing was gained; more than this needs a person. */
const MAX_VAIN_DROPS = 5;
/** Grows with each of them: a connection that ends at once may end before the board tells why. */
const PAUSE_MS = 400;

/** Conditions that do not pass without a person, and what they are as an error. */
const NEEDS_PERSON: Partial<Readonly<Record<Condition, ErrorCode>>> = {
  'mux:locked': 'iphone-locked',
  'mux:not-unlocked': 'iphone-not-unlocked',
  'mux:unpaired': 'iphone-unpaired',
  'mux:trust-declined': 'iphone-unpaired',
  'mux:pairing-forbidden': 'iphone-unpaired',
  'mux:supervised': 'iphone-unpaired',
  'mux:find-my-guard': 'iphone-unpaired',
};

/** What a pulled cable, a dead connection or a usbmuxd that was restarted look like. */
function isDrop(error: unknown): error is SarachiError {
  return hasCode(
    error,
    'handset-gone',
    'handset-timeout',
    'iphone-closed',
    'iphone-tls',
    'iphone-protocol',
    'afc-protocol',
    'usbmuxd-gone',
    'usbmuxd-protocol',
    'usbmuxd-refused',
  );
}

export interface Crossing {
  /** Who is worked on; null: nobody said who that is. */
  readonly handset: HandsetKey | null;
  /** How far the work has got, in any unit that grows: a drop after which it grew is not one too many. */
  readonly reached: () => number;
}

/**
 * Runs `work` on a new AFC connection, and again on another after each drop, as long as the handset comes back and the
 * work gets on. `work` must look for itself where it stands. One request that takes `stallSeconds` is a stall
 * (overwrite-incomplete, `step: stall`). Errors also: handset-timeout (`step: return`) where it stays away,
 * handset-swapped, iphone-locked, iphone-not-unlocked, iphone-unpaired, the last drop where nothing is gained any more.
 */
export async function throughDrops<T>(
  visit: Visit,
  crossing: Crossing,
  work: (afc: Afc, request: WaitOptions) => Promise<T>,
): Promise<T> {
  const { link, context } = visit;
  const wholeMs = context.timing.stageHours * 3_600_000;
  let best = crossing.reached();
  for (let vain = 0; ; ) {
    try {
      return await link.afc({ signal: context.signal, timeoutMs: wholeMs }, (afc, signal) => {
        assertSame(crossing, link.sighting());
        return stalling(work(afc, { signal, timeoutMs: context.timing.stallSeconds * 1000 }));
      });
    } catch (error) {
      if (context.signal.aborted) throw abortError(context.signal);
      if (!isDrop(error)) throw error;
      vain = crossing.reached() > best ? 1 : vain + 1;
      best = Math.max(best, crossing.reached());
      if (vain > MAX_VAIN_DROPS) throw error;
      await sleep(PAUSE_MS * (vain - 1), context.signal);
      await comeBack(visit, crossing);
    }
  }
}

/** Within the work only AFC itself is waited for. */
async function stalling<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw hasCode(error, 'handset-timeout')
      ? new SarachiError('overwrite-incomplete', { step: 'stall' }, { cause: error })
      : error;
  }
}

async function comeBack({ link, context }: Visit, crossing: Crossing): Promise<void> {
  const settled = (sighting: Sighting | null) =>
    sighting !== null &&
    (sighting.condition === 'mux:paired' || NEEDS_PERSON[sighting.condition] !== undefined);
  const timeoutMs = context.timing.returnSeconds * 1000;
  const back = await link
    .waitFor(settled, { signal: context.signal, timeoutMs })
    .catch((error: unknown) => {
      throw hasCode(error, 'handset-timeout')
        ? new SarachiError('handset-timeout', { step: 'return' }, { cause: error })
        : error;
    });
  assertSame(crossing, back);
  const code = back ? NEEDS_PERSON[back.condition] : undefined;
  if (code) throw new SarachiError(code, { condition: back?.condition ?? null });
}

function assertSame({ handset }: Crossing, sighting: Sighting | null): void {
  const seen = sighting?.handset ?? null;
  if (handset !== null && seen !== null && seen !== handset)
    throw new SarachiError('handset-swapped', { by: 'udid' });
}
