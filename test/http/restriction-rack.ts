import type { Test } from 'tap';
import { CarrierBroker } from '../../src/carrier-check/broker/carrier-broker.js';
import { webSource } from '../../src/carrier-check/web/web-source.js';
import { checkConfig } from '../../src/config.js';
import { RestrictionService } from '../../src/daemon/restriction-service.js';
import { startSimulatedCarriers } from '../../src/simulator/carriers/simulated-carriers.js';
import { connect, imeiOf, paceOf, silent } from '../carrier-check/helpers/broker-world.js';
import { DeskWorld } from '../carrier-check/helpers/desk-world.js';
import { enabledRules } from '../carrier-check/helpers/rules.js';
import { JSON_BODY, testApp } from './test-app.js';

export const API = '/api/v1/restrictions';
/** docomo says ○ of it until a test says otherwise; read again after every three answers. */
export const CANARY = imeiOf(99);

const { restrictionWatch } = checkConfig({
  rack: { controllers: { A: {} }, ports: { P01: { usb: ['1-1'], controller: 'A' } } },
});
let racks = 0;

interface RestrictionRackOptions {
  /** Of a Redis. */
  readonly socket: string;
  /** null for a rack that asks no carrier. */
  readonly asks: 'docomo' | null;
  /** Whether the broker's news of lost trust are heard. */
  readonly hears: boolean;
}

/** The API over a real ledger; with a real broker and simulated carriers where they are asked. */
export async function restrictionRack(t: Test, { socket, asks, hears }: RestrictionRackOptions) {
  racks += 1;
  const world = await DeskWorld.open(t);
  const clock = () => world.now;
  const carriers = await startSimulatedCarriers({ table: {} });
  t.teardown(() => carriers.close());
  carriers.set(CANARY, 'docomo', 'circle');
  const redis = connect(socket);
  t.teardown(() => redis.disconnect());
  let service: RestrictionService | null = null;
  const broker = new CarrierBroker({
    ...{ connection: redis, clock, random: () => 0, log: silent, prefix: `http-${racks}` },
    lines: (asks ? [asks] : []).map((name) => ({
      source: webSource(name, enabledRules(carriers.urls), { clock, log: silent }),
      pace: paceOf({ canary: { imeis: [{ imei: CANARY, mark: 'circle' }], every: 3 } }),
    })),
    onRevoked: () => {
      if (hears) service?.revoked();
    },
  });
  await broker.start();
  t.teardown(() => broker.stop());
  const start = async (settings: Partial<typeof restrictionWatch> = {}) => {
    const started = new RestrictionService({
      ...{ desk: world.desk, book: world.book, broker: asks && broker, clock, log: world.log },
      settings: { ...restrictionWatch, enabled: false, ...settings },
    });
    await started.start();
    t.teardown(() => started.stop());
    return started;
  };
  service = await start();
  const { app } = await testApp('127.0.0.1', service);
  const post = (url: string, payload: object) =>
    app.inject({ method: 'POST', url, headers: JSON_BODY, payload });
  const upload = (payload: Buffer | string, type = 'text/csv') =>
    app.inject({
      ...{ method: 'POST', url: `${API}/import`, headers: { 'content-type': type } },
      payload: Buffer.from(payload),
    });
  const history = async (imei: string) => (await app.inject(`${API}/${imei}`)).json();
  return { world, carriers, app, post, upload, history, start };
}
