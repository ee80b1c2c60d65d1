import { setMaxListeners } from 'node:events';
import type { Redis } from 'ioredis';
import type { Test } from 'tap';
import type { CarrierAnswer } from '../../../src/carrier-check/answer.js';
import { CarrierBroker } from '../../../src/carrier-check/broker/carrier-broker.js';
import type { BrokeredAnswer } from '../../../src/carrier-check/broker/carrier-line.js';
import type { CarrierPace } from '../../../src/carrier-check/broker/pace.js';
import { type Trouble, unknownAnswer } from '../../../src/carrier-check/broker/unknown-answer.js';
import { MARKS, type Mark } from '../../../src/carrier-check/marks.js';
import { connect, okAnswer, paceOf, silent } from './broker-world.js';

/** A carrier that answers from a table and remembers what it was asked. */
export class TableCarrier {
  readonly asked: string[] = [];
  says: Mark | Trouble = 'circle';
  readonly table = new Map<string, Mark | Trouble>();
  /** Every look-up waits for it. */
  gate: Promise<void> = Promise.resolve();

  async lookUp(imei: string): Promise<CarrierAnswer> {
    this.asked.push(imei);
    await this.gate;
    const said = this.table.get(imei) ?? this.says;
    const mark = MARKS.find((known) => known === said);
    return mark
      ? okAnswer(imei, mark)
      : unknownAnswer({ carrier: 'docomo', source: 'api' }, imei, said as Trouble, Date.now());
  }

  /** Holds all look-ups until the function that it returns is called. */
  shut(): () => void {
    let open = () => {};
    this.gate = new Promise((resolve) => {
      open = resolve;
    });
    return open;
  }
}

export interface Rack {
  readonly broker: CarrierBroker;
  readonly redis: Redis;
  readonly revoked: string[];
  /** How far its clock is ahead. */
  aheadMs: number;
  ask(imei: string, options?: AskOptions): Promise<BrokeredAnswer>;
}

interface AskOptions {
  readonly maxAgeMs?: number;
  readonly timeoutMs?: number;
  readonly background?: boolean;
  readonly signal?: AbortSignal;
}

export interface RackParts {
  readonly socket: string;
  readonly prefix: string;
  readonly pace?: Partial<CarrierPace>;
}

/** One rack in this process. */
export async function startRack(t: Test, carrier: TableCarrier, parts: RackParts): Promise<Rack> {
  const redis = connect(parts.socket);
  const revoked: string[] = [];
  const pace = paceOf(parts.pace);
  const broker = new CarrierBroker({
    ...{ connection: redis, prefix: parts.prefix, log: silent, random: () => 0, lockMs: 20_000 },
    clock: () => Date.now() + rack.aheadMs,
    lines: [
      {
        source: {
          ...{ carrier: 'docomo', source: 'api' },
          lookUp: (imei) => carrier.lookUp(imei),
        },
        pace,
      },
    ],
    onRevoked: (_carrier, imeis) => revoked.push(...imeis),
  });
  const always = new AbortController().signal;
  setMaxListeners(0, always);
  const rack: Rack = {
    ...{ broker, redis, revoked, aheadMs: 0 },
    ask: (imei, options = {}) => {
      const { maxAgeMs = pace.ttlMs, timeoutMs = 15_000, background = false } = options;
      const question = { carrier: 'docomo', imei, maxAgeMs, background } as const;
      return broker.ask(question, { signal: options.signal ?? always, timeoutMs });
    },
  };
  await broker.start();
  t.teardown(async () => {
    await broker.stop();
    redis.disconnect();
  });
  return rack;
}
