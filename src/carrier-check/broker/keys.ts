import { createHash } from 'node:crypto';
import type { Carrier } from '../marks.js';

/** The names in Redis, the same for all racks that share it. */
export interface CarrierKeys {
  readonly prefix: string;
  readonly queue: string;
  /** Hash: breaker, canary, day, used, since, again. */
  readonly state: string;
  /** List: the IMEIs answered since the canaries were last read right. */
  readonly since: string;
  /** List: what lost its trust afterwards, `<ms> <imei>`. */
  readonly revoked: string;
  /** Where answers and holds are told to all racks. */
  readonly channel: string;
  /** What stands before the IMEI in the key of its answer. */
  readonly answers: string;
  /** The same for the intent to ask the carrier, which stands while a request is under way. */
  readonly intents: string;
}

export function keysOf(prefix: string, carrier: Carrier): CarrierKeys {
  const own = `${prefix}:${carrier}`;
  return {
    prefix,
    queue: `carrier-${carrier}`,
    state: `${own}:state`,
    since: `${own}:since`,
    revoked: `${own}:revoked`,
    channel: `${own}:news`,
    answers: `${own}:answer:`,
    intents: `${own}:intent:`,
  };
}

export interface Question {
  readonly imei: string;
  /** The answer must be newer than the one of that time, which was too old; 0 where there was none. */
  readonly newerThan: number;
}

/**
 * The same question is the same job. A question that finds an answer too old is another one than the question which
 * gave that answer: else it could be taken for the latter while that one's job ends, and nobody would ask it. BullMQ
 * names jobs in its errors, which are logged: the IMEI is not to be read there.
 */
export function jobIdOf({ imei, newerThan }: Question, background: boolean): string {
  const tag = createHash('sha256').update(imei).digest('hex').slice(0, 24);
  return `${background ? 'later' : 'now'}-${tag}-${newerThan}`;
}
