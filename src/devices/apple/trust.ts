import { hasCode } from '../../errors.js';
import type { Clock, WaitOptions } from '../../wait.js';
import type { Condition } from '../sighting.js';
import { AFC_SERVICE } from './afc/afc.js';
import type { Lockdown } from './lockdown/lockdown.js';
import { encodePairRecord, type PairRecord } from './lockdown/pair-record.js';
import { preparePairing } from './lockdown/pairing.js';
import { goodbye, openLockdown, openSession, type Reach } from './reach.js';

/** What refuses for good, until the handset is plugged in anew or was paired otherwise. */
const REFUSALS = [
  ['pairing-denied', 'mux:trust-declined'],
  ['pairing-forbidden', 'mux:pairing-forbidden'],
  ['pairing-supervised', 'mux:supervised'],
  ['find-my-guard', 'mux:find-my-guard'],
] as const;
/** A dialog waits for a person; a locked handset waits longer. */
const PENDING_EVERY_MS = 1_000;
const LOCKED_EVERY_MS = 3_000;
/** A handshake can be cut off by a bad cable as well as by a stale record. */
const TLS_FAILURES_BELIEVED = 2;

/** When a handset in this condition is to be looked at again, in milliseconds; null: not before something happens. Pure. */
export function lookAgainMs(condition: Condition): number | null {
  if (condition === 'mux:unpaired') return PENDING_EVERY_MS;
  return condition === 'mux:locked' || condition === 'mux:not-unlocked' ? LOCKED_EVERY_MS : null;
}

/**
 * The trust of one handset in this rack, from one plugging in to the next. usbmuxd pairs by itself as well, with offers
 * of its own; whoever is accepted first saves a record, and every look begins with the record that is there.
 */
export class Trust {
  readonly #reach: Reach;
  readonly #clock: Clock;
  #offer: PairRecord | null = null;
  #refused: Condition | null = null;
  #tlsFailures = 0;

  constructor(reach: Reach, clock: Clock) {
    this.#reach = reach;
    this.#clock = clock;
  }

  /**
   * Whether the handset trusts this rack now. Where it does not, it is asked to, at each look with the same offer: a new
   * one would bring up its dialog anew. One that refused is not asked again.
   * Errors: those of `openSession` and of pairing that answer neither way.
   */
  async look(options: WaitOptions): Promise<Condition> {
    const before = await this.#begin(options);
    if (before !== 'mux:unpaired') return before;
    if (this.#refused) return this.#refused;
    const refusal = await this.#ask(options);
    return refusal ?? this.#begin(options);
  }

  async #begin(options: WaitOptions): Promise<Condition> {
    try {
      const condition = await trial(this.#reach, options);
      this.#tlsFailures = 0;
      this.#offer = null;
      this.#refused = null;
      return condition;
    } catch (error) {
      return this.#untrusted(error);
    }
  }

  #untrusted(error: unknown): Condition {
    if (hasCode(error, 'iphone-unpaired', 'pair-record-unusable')) return 'mux:unpaired';
    const locked = lockedBy(error);
    if (locked) return locked;
    this.#tlsFailures = hasCode(error, 'iphone-tls') ? this.#tlsFailures + 1 : 0;
    // Certificates that do not fit are what a record of an earlier pairing looks like.
    if (this.#tlsFailures >= TLS_FAILURES_BELIEVED) return 'mux:unpaired';
    throw error;
  }

  /** Null: it accepted, and the record is saved. */
  async #ask(options: WaitOptions): Promise<Condition | null> {
    const lockdown = await openLockdown(this.#reach, options);
    try {
      this.#offer ??= await this.#newOffer(lockdown, options);
      const escrowBag = await lockdown.pair(this.#offer, options);
      const record = encodePairRecord({ ...this.#offer, escrowBag });
      await this.#reach.mux.savePairRecord(this.#reach, record, options);
      return null;
    } catch (error) {
      return this.#refusal(error);
    } finally {
      lockdown.destroy();
    }
  }

  async #newOffer(lockdown: Lockdown, options: WaitOptions): Promise<PairRecord> {
    const systemBuid = await this.#reach.mux.readBuid(options);
    return preparePairing(lockdown, { systemBuid, now: this.#clock() }, options);
  }

  #refusal(error: unknown): Condition {
    if (hasCode(error, 'pairing-pending')) return 'mux:unpaired';
    if (hasCode(error, 'iphone-unpaired')) {
      // It calls the offer itself invalid: its key is another one by now.
      this.#offer = null;
      return 'mux:unpaired';
    }
    const locked = lockedBy(error);
    if (locked) return locked;
    const [, refused] = REFUSALS.find(([code]) => hasCode(error, code)) ?? [];
    if (!refused) throw error;
    this.#refused = refused;
    return refused;
  }
}

/** Tries the record that is kept: by itself it says nothing, because it outlives the erase of its handset. */
async function trial(reach: Reach, options: WaitOptions): Promise<Condition> {
  const { lockdown, record } = await openSession(reach, options);
  try {
    return await opened(lockdown, record, options);
  } finally {
    await goodbye(lockdown, options);
  }
}

/**
 * What a session is good for. Before the first unlock after a start a handset begins sessions and starts no service that
 * reads user data; with an escrow bag it then says MissingValue, and while merely locked it obeys (libimobiledevice
 * issues 1078 and 1273). The service is not connected to.
 */
async function opened(
  lockdown: Lockdown,
  { escrowBag }: PairRecord,
  options: WaitOptions,
): Promise<Condition> {
  try {
    await lockdown.startService(AFC_SERVICE, options);
  } catch (error) {
    // A service that is not there, or not before activation, is no matter of trust.
    if (hasCode(error, 'iphone-refused')) return 'mux:paired';
    if (!hasCode(error, 'iphone-locked') || !escrowBag) throw error;
    const unlocking = lockdown.startService(AFC_SERVICE, { ...options, escrowBag });
    const thrown = await unlocking.catch((second: unknown) => second);
    throw hasCode(thrown, 'iphone-not-unlocked') ? thrown : error;
  }
  return 'mux:paired';
}

function lockedBy(error: unknown): Condition | null {
  if (hasCode(error, 'iphone-not-unlocked')) return 'mux:not-unlocked';
  return hasCode(error, 'iphone-locked') ? 'mux:locked' : null;
}
