import { hasCode, SarachiError } from '../../../errors.js';
import { cleanSerial } from '../../../text.js';
import { looksSame, quietMs } from '../bus.js';
import { commandWait, type Visit } from '../visit.js';
import { waitBack } from '../wait-back.js';

/** What a pulled cable, a loose plug or an adb server that was restarted look like in the middle of a command. */
export function isDrop(error: unknown): error is SarachiError {
  return hasCode(
    error,
    'handset-gone',
    'handset-timeout',
    'adb-protocol',
    'adb-refused',
    'adb-server-gone',
  );
}

/**
 * Waits for the handset after a drop and makes sure that it is the same one with its shell open. Rejects with
 * handset-swapped, handset-gone where it stays away, or adb-closed where only trade-in mode answers: it rebooted.
 */
export async function comeBack(visit: Visit): Promise<void> {
  const { link, context } = visit;
  const timeoutMs = context.timing.returnSeconds * 1000;
  const back = await waitBack(visit, { timeoutMs, quietMs: quietMs(visit, true) });
  if (back?.condition !== 'adb:device') {
    throw new SarachiError('handset-gone', { condition: back?.condition ?? 'gone' });
  }
  if (!looksSame(visit, back)) throw new SarachiError('handset-swapped', { by: 'bus-serial' });
  const { stdout } = await link.shell('getprop ro.serialno', commandWait(visit));
  const known = context.history().identity?.serial ?? null;
  const serial = cleanSerial(stdout);
  if (known !== null && serial !== null && serial !== known)
    throw new SarachiError('handset-swapped', { by: 'serial' });
}

/** Runs a short command again after each drop, as long as the handset keeps coming back. */
export async function throughDrops<T>(visit: Visit, work: () => Promise<T>): Promise<T> {
  for (let drops = 0; ; drops += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isDrop(error) || drops >= MAX_DROPS_IN_A_ROW) throw error;
      await comeBack(visit);
    }
  }
}

/** A plug that drops out more often than this without any step in between needs a person. */
const MAX_DROPS_IN_A_ROW = 5;
