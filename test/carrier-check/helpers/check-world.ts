import type { Test } from 'tap';
import type { CarrierAnswer } from '../../../src/carrier-check/answer.js';
import { CarrierBroker } from '../../../src/carrier-check/broker/carrier-broker.js';
import { carrierCheck } from '../../../src/carrier-check/carrier-check.js';
import type {
  AnswerAbout,
  CarrierCheckParts,
  Way,
} from '../../../src/carrier-check/check-parts.js';
import type { Carrier } from '../../../src/carrier-check/marks.js';
import { checkRestrictionPolicy } from '../../../src/carrier-check/restriction-policy.js';
import type { StageOutcome } from '../../../src/erasure-engines/engine.js';
import type { JsonObject } from '../../../src/evidence.js';
import type { HandsetIdentity } from '../../../src/handset.js';
import { MemoryRun } from '../../erasure-engines/android/helpers/run-context.js';
import { TableCarrier } from './broker-rack.js';
import { connect, paceOf, silent } from './broker-world.js';

export const ASKED = ['docomo', 'kddi', 'softbank'] as const;
export type AskedCarrier = (typeof ASKED)[number];

const IDENTITY: HandsetIdentity = {
  platform: 'android',
  serial: 'SERIAL1',
  imeis: [],
  imeiSource: 'test',
  manufacturer: 'Google',
  brand: 'google',
  model: 'Pixel 7',
  device: 'panther',
  osVersion: '15',
  sdk: 35,
  build: 'x',
  securityPatch: null,
  storageBytes: null,
  encryption: 'file',
  batteryPercent: 80,
  batteryCycles: null,
  felica: 'not-present',
  esim: 'unknown',
};

/** Three carriers that answer from tables, asked through a broker on a real Redis. */
export interface CheckWorld {
  readonly carriers: Readonly<Record<AskedCarrier, TableCarrier>>;
  readonly broker: CarrierBroker;
  /** A check with these parts changed, and what it noted. */
  desk(changes?: Partial<CarrierCheckParts>): Desk;
}

export interface Desk {
  readonly noted: { readonly answer: CarrierAnswer; readonly about: AnswerAbout }[];
  check(run: MemoryRun, signal?: AbortSignal): Promise<StageOutcome>;
}

export const PERSON: Way = { by: 'person' };
const ASK: Way = { by: 'ask', source: 'api', maxAgeMs: 3_600_000 };

/** The ways of the three carriers, with these changed. */
export function waysOf(changes: Partial<Record<Carrier, Way>> = {}): Map<Carrier, Way> {
  const ways = new Map<Carrier, Way>(ASKED.map((carrier) => [carrier, ASK]));
  for (const [carrier, way] of Object.entries(changes)) ways.set(carrier as Carrier, way);
  return ways;
}

export async function checkWorld(t: Test, socket: string, prefix: string): Promise<CheckWorld> {
  const connection = connect(socket);
  const carriers = {
    docomo: new TableCarrier(),
    kddi: new TableCarrier(),
    softbank: new TableCarrier(),
  };
  const broker = new CarrierBroker({
    ...{ connection, prefix, log: silent, clock: Date.now, random: () => 0, lockMs: 20_000 },
    lines: ASKED.map((carrier) => ({
      source: {
        ...{ carrier, source: 'api' as const },
        lookUp: async (imei: string) => ({ ...(await carriers[carrier].lookUp(imei)), carrier }),
      },
      pace: paceOf(),
    })),
  });
  await broker.start();
  t.teardown(async () => {
    await broker.stop();
    connection.disconnect();
  });
  const desk = (changes: Partial<CarrierCheckParts> = {}): Desk => {
    const noted: Desk['noted'] = [];
    const parts: CarrierCheckParts = {
      ways: waysOf(),
      policy: checkRestrictionPolicy({}),
      policySha256: 'a'.repeat(64),
      waitMs: 10_000,
      ask: (question, options) => broker.ask(question, options),
      imported: async () => null,
      note: async (answer, about) => {
        noted.push({ answer, about });
      },
      seenBefore: () => [],
      ...changes,
    };
    return {
      noted,
      check: (run, signal) => carrierCheck(run.context('carrier-check', signal), parts, 'P07'),
    };
  };
  return { carriers, broker, desk };
}

/** A run whose handset was identified with these numbers. */
export function identified(imeis: readonly string[], telephony: boolean | null = true): MemoryRun {
  const run = new MemoryRun();
  run.identity = { ...IDENTITY, imeis };
  run.state('identity', 'identify', { capabilities: { telephony } });
  return run;
}

/** A person confirms what the stage asked for. */
export function confirm(run: MemoryRun, attention: string, statement: JsonObject = {}): void {
  const value = { ...statement, attention, by: 'hanako' };
  run.state('person-confirmed', 'carrier-check', value);
}

/** `docomo circle ok` for each mark on record, in the order of the carriers. */
export function marksOf(run: MemoryRun): string[] {
  return run.evidence
    .filter(({ kind }) => kind === 'carrier-mark')
    .map(({ value }) => `${value['carrier']} ${value['slot']} ${value['mark']} ${value['outcome']}`)
    .sort();
}
