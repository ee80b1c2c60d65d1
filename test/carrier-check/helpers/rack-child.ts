import process from 'node:process';
import { CarrierBroker } from '../../../src/carrier-check/broker/carrier-broker.js';
import type { CarrierPace } from '../../../src/carrier-check/broker/pace.js';
import { MARKS, type Mark } from '../../../src/carrier-check/marks.js';
import type { WaitOptions } from '../../../src/wait.js';
import { connect, okAnswer, silent } from './broker-world.js';

/** What a rack's process is started with. */
export interface RackOrders {
  readonly name: string;
  readonly socket: string;
  readonly url: string;
  readonly pace: CarrierPace;
  readonly lockMs: number;
  readonly imeis: readonly string[];
}

export type FromRack =
  | {
      readonly type: 'answered';
      readonly imei: string;
      readonly mark: Mark;
      readonly cached: boolean;
    }
  | { readonly type: 'rejected'; readonly imei: string; readonly message: string };

/** Look-ups over HTTP, as a partner's API has it. */
async function lookUp({ url, name }: RackOrders, imei: string, { signal }: WaitOptions) {
  const headers = { 'x-rack': name };
  const reply = await fetch(`${url}/restrictions/${imei}`, { signal, headers });
  const { mark } = (await reply.json()) as { mark: unknown };
  return okAnswer(imei, MARKS.find((known) => known === mark) ?? 'unknown');
}

async function main(orders: RackOrders): Promise<void> {
  const { pace, lockMs, imeis } = orders;
  const broker = new CarrierBroker({
    connection: connect(orders.socket),
    lines: [
      {
        source: {
          ...{ carrier: 'docomo', source: 'api' },
          lookUp: (imei, options) => lookUp(orders, imei, options),
        },
        pace,
      },
    ],
    ...{ clock: Date.now, random: Math.random, log: silent, lockMs },
  });
  await broker.start();
  const tell = (message: FromRack) => process.send?.(message);
  for (const imei of imeis) {
    const options = { signal: new AbortController().signal, timeoutMs: 120_000 };
    broker.ask({ carrier: 'docomo', imei, maxAgeMs: pace.ttlMs }, options).then(
      ({ mark, cached }) => tell({ type: 'answered', imei, mark, cached }),
      (error: unknown) => tell({ type: 'rejected', imei, message: String(error) }),
    );
  }
}

process.on('disconnect', () => process.exit(0));
process.once('message', (orders: RackOrders) => void main(orders));
