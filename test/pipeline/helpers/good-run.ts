import { checkConfig } from '../../../src/config.js';
import type { Evidence, EvidenceKind, JsonObject, Stage } from '../../../src/evidence.js';
import { STAGES } from '../../../src/evidence.js';
import type { RunRecord } from '../../../src/pipeline/run-record.js';

export const { policy } = checkConfig({
  rack: { controllers: { A: {} }, ports: { P01: { usb: ['1-1'], controller: 'A' } } },
});
const AT = '2026-11-21T00:00:00.000Z';

export function fact(stage: Stage, kind: EvidenceKind, value: JsonObject = {}): Evidence {
  return { stage, kind, method: 'test', at: AT, holds: true, value };
}

export const IDENTITY = {
  platform: 'android',
  serial: 'SERIAL',
  imeis: ['356303481234561'],
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
} as const;

/** A run in which everything that counts was seen, and no signal of the reset more than needed. */
export function good(): RunRecord {
  return {
    run: 'r1',
    port: 'P01',
    usbPath: '1-1',
    handset: 'android:SERIAL',
    openedAt: AT,
    policyVersion: '1',
    identity: IDENTITY,
    plan: { stages: STAGES.map((stage) => ({ stage, method: 'test', reason: null })) },
    evidence: [
      fact('identify', 'identity'),
      fact('identify', 'gates'),
      fact('carrier-check', 'carrier-check-skipped'),
      fact('reset-delete', 'before-reset'),
      fact('reset-delete', 'canary-planted'),
      fact('reset-delete', 'left-bus'),
      fact('reset-delete', 'returned-same-port'),
      fact('reset-delete', 'canary-gone'),
      fact('reset-delete', 'android-id-changed'),
      fact('overwrite-erase', 'overwrite-written'),
      fact('overwrite-erase', 'overwrite-read-back'),
      fact('overwrite-erase', 'overwrite-removed'),
      fact('felica-clear', 'felica-not-present'),
      fact('verify', 'closing-reset'),
      fact('verify', 'final-state'),
    ],
    intents: [],
    attempts: STAGES.map((stage, index) => ({
      stage,
      fence: index + 1,
      startedAt: AT,
      endedAt: AT,
      outcome: { kind: 'done' },
    })),
    attentions: [],
    acts: [],
    voided: null,
    settled: null,
    certificate: null,
    validation: null,
  };
}

/** The good run of an iPhone whose free storage was not overwritten. */
export function iphone(why: string, ...more: Evidence[]): RunRecord {
  const run = good();
  const unlike: EvidenceKind[] = [
    'felica-not-present',
    'overwrite-written',
    'overwrite-read-back',
    'overwrite-removed',
  ];
  return {
    ...run,
    identity: { ...IDENTITY, platform: 'apple' },
    evidence: [
      ...run.evidence.filter(({ kind }) => !unlike.includes(kind)),
      fact('overwrite-erase', 'overwrite-skipped', { why }),
      fact('felica-clear', 'secure-element-cards-ended'),
      ...more,
    ],
  };
}

export const overwriteOf = (overwrite: 'required' | 'if-served' | 'off') => ({
  ...policy,
  iphone: { ...policy.iphone, overwrite },
});
