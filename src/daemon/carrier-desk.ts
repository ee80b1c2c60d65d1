import type { Redis } from 'ioredis';
import { CarrierBroker } from '../carrier-check/broker/carrier-broker.js';
import type { CarrierView } from '../carrier-check/broker/carrier-view.js';
import { carrierCheck } from '../carrier-check/carrier-check.js';
import type { CarrierCheckParts } from '../carrier-check/check-parts.js';
import type { Carrier } from '../carrier-check/marks.js';
import type { StageContext, StageOutcome } from '../erasure-engines/engine.js';
import { asSarachiError, SarachiError } from '../errors.js';
import type { HealthCheck } from '../http/rack-api.js';
import type { Log } from '../log.js';
import { type Clock, withDeadline } from '../wait.js';
import type { CarrierSetup } from './carrier-setup.js';

const START_MS = 60_000;
const LOOK_MS = 1_000;
/** The longest look-up, and less than a part of the daemon may take to stop. */
const STOP_MS = 40_000;

/** What the desk remembers by IMEI, and whom it tells. */
export interface CarrierBooks {
  readonly note: CarrierCheckParts['note'];
  readonly imported: CarrierCheckParts['imported'];
  readonly seenBefore: CarrierCheckParts['seenBefore'];
  /** Answers that were given out are no longer trusted: their canary was read wrong afterwards. */
  readonly onRevoked: (carrier: Carrier, imeis: readonly string[]) => void;
}

export interface CarrierDeskParts {
  readonly setup: CarrierSetup;
  readonly books: CarrierBooks;
  /** The daemon's own; the desk works on a second connection like it. */
  readonly connection: Redis;
  readonly clock: Clock;
  readonly log: Log;
}

interface Asking {
  readonly broker: CarrierBroker;
  readonly connection: Redis;
}

/** Where the rack asks about network restriction: the stage with its parts, and the broker where carriers are asked by machine. */
export class CarrierDesk {
  readonly #parts: CarrierDeskParts;
  readonly #asking: Asking | null;

  private constructor(parts: CarrierDeskParts, asking: Asking | null) {
    this.#parts = parts;
    this.#asking = asking;
  }

  /** Begins to ask, also what an earlier daemon left. Rejects with redis-gone. */
  static async start(parts: CarrierDeskParts): Promise<CarrierDesk> {
    return new CarrierDesk(parts, parts.setup.lines.length > 0 ? await startAsking(parts) : null);
  }

  /** null where no carrier is asked by machine. */
  get broker(): CarrierBroker | null {
    return this.#asking?.broker ?? null;
  }

  /** Lets look-ups that run come to their end; not with a Redis that does not answer, where their answers cannot be kept. */
  async stop(): Promise<void> {
    if (!this.#asking) return;
    const { broker, connection } = this.#asking;
    const within = (timeoutMs: number) => ({ signal: new AbortController().signal, timeoutMs });
    try {
      await withDeadline(within(LOOK_MS), 'redis-gone', () => connection.ping());
      await withDeadline(within(STOP_MS), 'deadline-passed', () => broker.stop());
    } finally {
      connection.disconnect();
    }
  }

  /** The stage. */
  check(context: StageContext, port: string): Promise<StageOutcome> {
    const { setup, books } = this.#parts;
    const { note, imported, seenBefore } = books;
    const { ways, policy, policySha256, waitMs } = setup;
    const ask: CarrierCheckParts['ask'] = async (question, options) => {
      if (!this.broker) throw new SarachiError('internal', { tag: 'carrier-broker-8d41' });
      return this.broker.ask(question, options);
    };
    const parts = { ways, policy, policySha256, waitMs, ask, imported, note, seenBefore };
    return carrierCheck(context, parts, port);
  }

  /** How the carriers stand, for information: a carrier that is away keeps no rack from working. Never rejects. */
  async information(): Promise<readonly HealthCheck[]> {
    const { broker } = this;
    if (!broker) return [];
    const limit = { signal: new AbortController().signal, timeoutMs: LOOK_MS };
    try {
      const views = await withDeadline(limit, 'deadline-passed', () => broker.state());
      return views.map((view) => ({
        name: `carrier ${view.carrier}`,
        ok: true,
        detail: describe(view),
      }));
    } catch (error) {
      const detail = `not known: ${asSarachiError(error).code}`;
      return this.#parts.setup.lines.map(({ source }) => ({
        name: `carrier ${source.carrier}`,
        ok: true,
        detail,
      }));
    }
  }
}

/** `open: maintenance until 2026-04-01T…, 3 waiting, 17 of 1000 today` */
function describe({ breaker, waiting, rate }: CarrierView): string {
  const why = breaker.outcome ? `: ${breaker.outcome}` : '';
  const until = breaker.until ? ` until ${breaker.until}` : '';
  const asked = breaker.state === 'closed' ? 'asked' : `${breaker.state}${why}${until}`;
  return `${asked}, ${waiting} waiting, ${rate.usedToday} of ${rate.perDay} today`;
}

async function startAsking({
  setup,
  books,
  clock,
  log,
  ...parts
}: CarrierDeskParts): Promise<Asking> {
  const connection = parts.connection.duplicate();
  connection.on('error', (error) =>
    log.warn({ err: error, code: 'redis-gone' }, 'redis connection'),
  );
  const { lines } = setup;
  const { onRevoked } = books;
  const broker = new CarrierBroker({
    ...{ connection, lines, clock, log, onRevoked, random: Math.random },
  });
  try {
    const limit = { signal: new AbortController().signal, timeoutMs: START_MS };
    await withDeadline(limit, 'redis-gone', () => broker.start());
    return { broker, connection };
  } catch (error) {
    connection.disconnect();
    throw error;
  }
}
