import { hasCode } from '../../errors.js';
import type { WaitOptions } from '../../wait.js';
import type { Condition } from '../sighting.js';
import { goodbye, openSession, type Reach } from './reach.js';

/**
 * Whether the handset trusts this rack, by beginning a session: a record alone says nothing, because it outlives the
 * erase of its handset. Errors: those of `openSession` that answer neither way.
 */
export async function judgePairing(reach: Reach, options: WaitOptions): Promise<Condition> {
  try {
    const { lockdown } = await openSession(reach, options);
    await goodbye(lockdown, options);
    return 'mux:paired';
  } catch (error) {
    // A handshake that fails is what a record of an earlier pairing looks like; usbmuxd itself deletes it then.
    if (hasCode(error, 'iphone-unpaired', 'pair-record-unusable', 'iphone-tls'))
      return 'mux:unpaired';
    if (hasCode(error, 'iphone-locked', 'iphone-not-unlocked')) return 'mux:locked';
    throw error;
  }
}
