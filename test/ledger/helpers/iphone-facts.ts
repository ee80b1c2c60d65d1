import type { Evidence, EvidenceKind, JsonObject, Stage } from '../../../src/evidence.js';
import type { CertificateFacts } from '../../../src/ledger/certificate-facts.js';
import { passedFacts } from './facts.js';

type Row = readonly [EvidenceKind, Stage, string, JsonObject, boolean?];

const UDID = '00008130-0011284E0A3A001E';
const ECID = '11284E0A3A001E';

const IDENTIFIED: readonly Row[] = [
  [
    'identity',
    'identify',
    'lockdown GetValue; com.apple.disk_usage',
    {
      identity: { model: 'iPhone 15', serial: 'F2LXK0PJ4N', udid: UDID, ecid: ECID },
      capabilities: { ios: 18, activated: true, files: true },
    },
  ],
  [
    'gates',
    'identify',
    'com.apple.fmip; NonVolatileRAM; GetCloudConfiguration',
    {
      state: { findMy: false, activationLocked: false, supervised: false, profiles: [] },
      blockers: [],
    },
  ],
  [
    'carrier-mark',
    'carrier-check',
    'stated at the port',
    { carrier: 'docomo', mark: 'circle', source: 'manual', by: 'reception-2' },
  ],
  [
    'restriction-decided',
    'carrier-check',
    'restriction policy 2026-1',
    {
      ...{ aggregate: 'circle', beforeErase: 'go-on', lane: 'release', reasons: [], holds: [] },
      policy: { version: '2026-1', sha256: 'ef'.repeat(32) },
    },
  ],
];

const ERASED: readonly Row[] = [
  [
    'before-reset',
    'reset-delete',
    'lockdown; NonVolatileRAM; disk_usage',
    { deviceName: 'Hanako’s iPhone', dataAvailable: 83_112_034_304, obliteration: null },
  ],
  ['canary-planted', 'reset-delete', 'AFC write and read back', { files: 3 }],
  ['left-bus', 'reset-delete', 'usbmuxd Detached', { try: 1 }],
  ['returned-same-port', 'reset-delete', 'usbmuxd Attached; sysfs', { try: 1, usbPath: '3-1.4' }],
  ['pairing-forgotten', 'reset-delete', 'StartSession', { said: 'InvalidHostID' }],
  ['not-activated', 'reset-delete', 'ActivationState', { before: 'Activated', now: 'Unactivated' }],
  [
    'obliteration-recorded',
    'reset-delete',
    'NonVolatileRAM obliteration',
    { before: null, now: 'EACS Done @1795137240' },
  ],
  ['settings-as-new', 'reset-delete', 'DeviceName; international', { deviceName: 'iPhone' }],
  ['canary-gone', 'reset-delete', 'AFC listing', { found: 0, planted: 3 }],
  [
    'storage-collapsed',
    'reset-delete',
    'com.apple.disk_usage',
    { availableBefore: 83_112_034_304, availableAfter: 119_400_038_400 },
  ],
  [
    'encryption-state',
    'reset-delete',
    'model and version of iOS',
    {
      state: 'encrypted',
      why: 'every iPhone that runs iOS 12 or later encrypts its data volume',
    },
  ],
  ['rung-tried', 'reset-delete', 'profile-service', { try: 1, preserveDataPlan: false }],
];

function overwritten(scope: string): readonly Row[] {
  return [
    [
      'overwrite-planned',
      'overwrite-erase',
      'random seed of this run',
      { seed: '5d0c1f7a', rule: 'AES-256-CTR by offset', scope },
    ],
    [
      'overwrite-written',
      'overwrite-erase',
      'AFC writes until no space is left',
      { bytes: 82_994_593_792, files: 78, coveragePercent: 99.85 },
    ],
    [
      'overwrite-read-back',
      'overwrite-erase',
      'AFC read of every byte',
      { bytes: 82_994_593_792, mismatches: 0, connection: 'new', cache: 'not-excluded' },
    ],
    [
      'not-covered',
      'overwrite-erase',
      'AFC device information on the full storage',
      { leftOverBytes: 117_440_512, systemUsedBytes: 36_288_004_096 },
    ],
    ['overwrite-removed', 'overwrite-erase', 'AFC remove', { freeBytes: 83_110_199_296 }],
  ];
}

const SKIPPED: Row = [
  'overwrite-skipped',
  'overwrite-erase',
  'policy iphone.overwrite',
  { why: 'policy' },
];

const ENDED: readonly Row[] = [
  [
    'secure-element-cards-ended',
    'felica-clear',
    'follows from the proved erase',
    { source: 'Apple Platform Security' },
  ],
  ['pairing-removed', 'verify', 'lockdown Unpair; StartSession', { said: 'InvalidHostID' }],
  ['closing-reset', 'verify', 'the erase was the last reset', { method: 'profile-service' }],
  ['final-state', 'verify', 'lockdown; usbmuxd', { state: 'set-up screen' }],
];

function toEvidence(rows: readonly Row[]): Evidence[] {
  const start = Date.UTC(2026, 10, 20, 1, 2, 3);
  return rows.map(([kind, stage, method, value, holds = true], at) => ({
    ...{ kind, stage, method, value, holds },
    at: new Date(start + at * 61_000).toISOString(),
  }));
}

function iphone(rows: readonly Row[], changes: Partial<CertificateFacts>): CertificateFacts {
  const passed = passedFacts();
  return {
    ...passed,
    run: '20261120-010155-P07-5e1f',
    identity: {
      ...passed.identity,
      ...{ platform: 'apple', serial: 'F2LXK0PJ4N', udid: UDID, ecid: ECID },
      ...{ manufacturer: 'Apple', brand: null, model: 'iPhone 15', device: 'iPhone15,4' },
      ...{ imeiSource: 'lockdown', osVersion: '18.1.1', sdk: null, build: '22B91' },
      ...{ securityPatch: null, felica: 'present', batteryPercent: 74, batteryCycles: 188 },
    },
    plan: [
      { stage: 'identify', method: 'lockdown and its services', reason: null },
      { stage: 'carrier-check', method: 'as configured', reason: null },
      { stage: 'reset-delete', method: 'profile-service', reason: null },
    ],
    operatorActs: [],
    evidence: toEvidence(rows),
    ...changes,
  };
}

/** An iPhone that passed with its free space overwritten before the erase, or after it. */
export function overwrittenIphone(side: 'before' | 'after' = 'before'): CertificateFacts {
  const fill = overwritten(
    side === 'before'
      ? 'before the erase: free storage only'
      : 'after the erase: all but the fresh system',
  );
  const middle = side === 'before' ? [...fill, ...ERASED] : [...ERASED, ...fill];
  return iphone([...IDENTIFIED, ...middle, ...ENDED], {});
}

/** An iPhone that passed with nothing overwritten, as the policy says. */
export function erasedIphone(): CertificateFacts {
  const reasons = ['note:not-overwritten'];
  return iphone([...IDENTIFIED, ...ERASED, SKIPPED, ...ENDED], { reasons });
}

/** An iPhone on which Find My was on, and which was taken out of the rack. */
export function lockedIphone(): CertificateFacts {
  const gates: Row = [
    'gates',
    'identify',
    'com.apple.fmip; NonVolatileRAM; GetCloudConfiguration',
    {
      state: { findMy: true, activationLocked: true, supervised: false, profiles: [] },
      blockers: ['find-my-on'],
    },
    false,
  ];
  const rows = IDENTIFIED.map((row) => (row[0] === 'gates' ? gates : row));
  return iphone(rows, {
    verdict: 'inconclusive',
    lane: 'attention',
    reasons: [
      'voided:removed',
      ...['reset-delete', 'overwrite-erase', 'felica-clear', 'verify'].map(
        (s) => `unfinished:${s}`,
      ),
      ...['gates', 'closing-reset', 'final-state'].map((kind) => `missing:${kind}`),
      ...['overwrite-written', 'overwrite-read-back', 'overwrite-removed'].map(
        (kind) => `missing:${kind}`,
      ),
      ...['before-reset', 'canary-planted', 'decisive-signal'].map((word) => `reset:${word}`),
      'missing:felica-clear-proof',
    ],
  });
}

/** An Android handset that passed and goes back to its seller, for a carrier restricts it. */
export function returnedAndroid(): CertificateFacts {
  const facts = passedFacts();
  const reasons = ['restriction:docomo:cross'];
  const evidence = facts.evidence.map((fact): Evidence => {
    if (fact.kind === 'carrier-mark' && fact.value['carrier'] === 'docomo')
      return { ...fact, value: { ...fact.value, mark: 'cross' } };
    if (fact.kind !== 'restriction-decided') return fact;
    return { ...fact, value: { ...fact.value, aggregate: 'cross', lane: 'return', reasons } };
  });
  return { ...facts, lane: 'return', reasons, evidence };
}
