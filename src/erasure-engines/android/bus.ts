import type { AttentionCode } from '../../attention.js';
import type { Condition, Sighting } from '../../devices/sighting.js';
import { hasCode } from '../../errors.js';
import { serialOf } from '../../handset.js';
import { withDeadline } from '../../wait.js';
import type { Visit } from './visit.js';

/** Why a person is needed before adb can be used, for conditions that do not pass by themselves. */
export function presentTrouble(sighting: Sighting | null): AttentionCode | null {
  switch (sighting?.condition) {
    case 'adb:unauthorized':
      return 'authorise-usb-debugging';
    case 'adb:no-permissions':
      return 'usb-permission';
    case 'usb:no-adb':
      return 'enable-usb-debugging';
    case 'adb:recovery':
    case 'adb:sideload':
    case 'adb:rescue':
    case 'adb:bootloader':
      return 'wrong-boot-mode';
    default:
      return null;
  }
}

/** What tells one presence on the bus from the next: adb numbers its transports anew each time. */
export function presenceOf(sighting: Sighting | null): string {
  return sighting === null ? 'gone' : `${sighting.condition}#${sighting.adb?.transportId ?? '-'}`;
}

/**
 * Waits until the handset has left the presence it had. Null when it is still there after `timeoutMs`: whatever was
 * asked of it did not happen.
 */
export async function waitLeave(
  visit: Visit,
  presence: string,
  timeoutMs: number,
): Promise<{ seen: string } | null> {
  try {
    const { signal } = visit.context;
    const next = await visit.link.waitFor((sighting) => presenceOf(sighting) !== presence, {
      signal,
      timeoutMs,
    });
    return { seen: next?.condition ?? 'gone' };
  } catch (error) {
    if (isOwnEnd(error, visit.context.signal)) return null;
    throw error;
  }
}

/** Conditions in which a handset that came back can be judged; the others pass by themselves or lead nowhere. */
const SETTLED: readonly Condition[] = ['adb:device', 'adb:unauthorized', 'usb:no-adb'];

/**
 * Waits until a handset is back and stays in one condition. A booting handset shows itself without adb first, so
 * `usb:no-adb` counts only after `quietMs` without a change. Null after `timeoutMs`.
 */
export async function waitReturn(
  visit: Visit,
  { timeoutMs, quietMs }: { readonly timeoutMs: number; readonly quietMs: number },
): Promise<Sighting | null> {
  try {
    return await withDeadline(
      { signal: visit.context.signal, timeoutMs },
      'handset-timeout',
      async (signal) => {
        for (;;) {
          const seen = await visit.link.waitFor(
            (sighting) => sighting !== null && SETTLED.includes(sighting.condition),
            {
              signal,
              timeoutMs,
            },
          );
          if (seen?.condition !== 'usb:no-adb' || (await staysQuiet(visit, signal, quietMs)))
            return seen;
        }
      },
    );
  } catch (error) {
    if (isOwnEnd(error, visit.context.signal)) return null;
    throw error;
  }
}

async function staysQuiet(visit: Visit, signal: AbortSignal, quietMs: number): Promise<boolean> {
  try {
    await visit.link.waitFor((sighting) => sighting?.condition !== 'usb:no-adb', {
      signal,
      timeoutMs: quietMs,
    });
    return false;
  } catch (error) {
    if (isOwnEnd(error, signal)) return true;
    throw error;
  }
}

/** The wait's own end means that nothing was seen; the end of the caller's signal does not. */
function isOwnEnd(error: unknown, callers: AbortSignal): boolean {
  return !callers.aborted && hasCode(error, 'handset-timeout', 'deadline-passed');
}

/** How long a handset without adb must stay so before that is its state and not a step of its boot. */
export function quietMs(visit: Visit, expectAdb: boolean): number {
  const { settleSeconds, leaveSeconds } = visit.context.timing;
  return (expectAdb ? Math.max(leaveSeconds, settleSeconds * 10) : settleSeconds * 10) * 1000;
}

/** False where the bus shows another serial than the run's; true or unknown otherwise. */
export function looksSame(visit: Visit, sighting: Sighting): boolean {
  const known = visit.context.history().identity?.serial ?? null;
  return known === null || sighting.handset === null || serialOf(sighting.handset) === known;
}
