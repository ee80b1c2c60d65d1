import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { Evidence, EvidenceKind, JsonObject, Stage } from '../../../src/evidence.js';
import { buildCertificate } from '../../../src/ledger/build-certificate.js';
import type { CertificateFacts } from '../../../src/ledger/certificate-facts.js';
import type { SignedCertificate } from '../../../src/ledger/certificate-schema.js';
import { keyIdOf, type SigningKey, signCertificate } from '../../../src/ledger/signing.js';

/** A key for tests only: the first test vector of RFC 8032, section 7.1. */
export function testKey(): SigningKey {
  const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
  const der = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex');
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return { id: keyIdOf(publicKey), publicPem, privateKey };
}

interface Row {
  readonly kind: EvidenceKind;
  readonly stage: Stage;
  readonly method: string;
  readonly value?: JsonObject;
  readonly holds?: boolean;
}

const ROWS: readonly Row[] = [
  {
    kind: 'identity',
    stage: 'identify',
    method: 'getprop; service call iphonesubinfo 4',
    value: { identity: { model: 'Pixel 8', serial: '26061FDH2000AP' } },
  },
  {
    kind: 'gates',
    stage: 'identify',
    method: 'dumpsys account; dumpsys device_policy',
    value: { accounts: 0, owner: null, batteryPercent: 81 },
  },
  {
    kind: 'person-confirmed',
    stage: 'carrier-check',
    method: 'stated at the port',
    value: { jpki: 'never-registered', attention: 'jpki-declaration-missing', by: 'reception-2' },
  },
  {
    kind: 'carrier-mark',
    stage: 'carrier-check',
    method: 'stated at the port',
    value: { carrier: 'docomo', mark: 'circle', source: 'manual', by: 'reception-2' },
  },
  {
    kind: 'carrier-mark',
    stage: 'carrier-check',
    method: 'asked by web kddi-html/1 rules 2026-1',
    value: {
      ...{ carrier: 'kddi', mark: 'dash', imei: '356303481234561', slot: 1 },
      ...{ outcome: 'ok', source: 'web', checkedAt: '2026-11-20T01:04:40.120Z', scope: 'unknown' },
      ...{ rawGlyph: '－', glyph: '－', rawText: '－ データに登録がありません。', by: null },
      ...{ parser: 'kddi-html/1 rules 2026-1', excerpt: '<p>－</p>', sha256: 'cd'.repeat(32) },
      ...{ cached: false, held: null },
    },
  },
  {
    kind: 'restriction-decided',
    stage: 'carrier-check',
    method: 'restriction policy 2026-1',
    value: {
      ...{ aggregate: 'circle', beforeErase: 'go-on', lane: 'release', reasons: [], holds: [] },
      policy: { version: '2026-1', sha256: 'ef'.repeat(32) },
    },
  },
  {
    kind: 'before-reset',
    stage: 'reset-delete',
    method: 'settings get secure android_id; df -k /data',
    value: { usedKilobytes: 48_120_332 },
  },
  {
    kind: 'canary-planted',
    stage: 'reset-delete',
    method: 'sync push /data/local/tmp',
    value: { files: 3 },
  },
  {
    kind: 'rung-tried',
    stage: 'reset-delete',
    method: 'cmd testharness enable',
    value: { rung: 'test-harness', answer: 'accepted' },
  },
  { kind: 'left-bus', stage: 'reset-delete', method: 'usb detach', value: { afterSeconds: 4.2 } },
  {
    kind: 'returned-same-port',
    stage: 'reset-delete',
    method: 'usb attach, adb serial',
    value: { usbPath: '3-1.4', afterSeconds: 71.5 },
  },
  {
    kind: 'canary-gone',
    stage: 'reset-delete',
    method: 'ls /data/local/tmp',
    value: { found: 0, planted: 3 },
  },
  {
    kind: 'android-id-changed',
    stage: 'reset-delete',
    method: 'settings get secure android_id',
    value: { changed: true },
  },
  {
    kind: 'storage-collapsed',
    stage: 'reset-delete',
    method: 'df -k /data',
    value: { beforeKilobytes: 48_120_332, afterKilobytes: 2_310_004 },
  },
  {
    kind: 'encryption-state',
    stage: 'reset-delete',
    method: 'getprop ro.crypto.state, ro.crypto.type',
    value: { state: 'encrypted', type: 'file' },
  },
  {
    kind: 'overwrite-planned',
    stage: 'overwrite-erase',
    method: 'df -k /data; stat -f',
    value: { seed: '5d0c1f7a', fileBytes: 268_435_456 },
  },
  {
    kind: 'overwrite-written',
    stage: 'overwrite-erase',
    method: 'dd in /data/local/tmp until no space is left',
    value: { bytes: 112_742_891_520, freeBytesBefore: 112_742_891_520, passes: 1 },
  },
  {
    kind: 'overwrite-read-back',
    stage: 'overwrite-erase',
    method: 'sha256sum of every file',
    value: { bytes: 112_742_891_520, files: 420, mismatches: 0 },
  },
  {
    kind: 'overwrite-removed',
    stage: 'overwrite-erase',
    method: 'rm; sm fstrim',
    value: { trimmed: true },
  },
  {
    kind: 'not-covered',
    stage: 'overwrite-erase',
    method: 'statfs: blocks free to root less blocks free to shell',
    value: { reservedBytes: 134_217_728, metadataBytes: 1_048_576 },
  },
  {
    kind: 'felica-not-present',
    stage: 'felica-clear',
    method: 'pm list packages; ls /product/etc/felica',
    value: { lookedAt: ['packages', 'common.cfg', 'library'] },
  },
  {
    kind: 'closing-reset',
    stage: 'verify',
    method: 'cmd testharness disable; recovery',
    value: { method: 'broadcast' },
  },
  { kind: 'usb-without-adb', stage: 'verify', method: 'usb descriptors', value: { interfaces: 1 } },
  {
    kind: 'final-state',
    stage: 'verify',
    method: 'usb descriptors for 60 s',
    value: { state: 'first-boot screen' },
  },
];

export function evidence(changes: Partial<Record<EvidenceKind, boolean>> = {}): Evidence[] {
  const start = Date.UTC(2026, 10, 20, 1, 2, 3);
  return ROWS.map(({ kind, stage, method, value = {}, holds = true }, at) => ({
    kind,
    stage,
    method,
    at: new Date(start + at * 41_000).toISOString(),
    holds: changes[kind] ?? holds,
    value,
  }));
}

export function passedFacts(): CertificateFacts {
  return {
    run: '20261120-010155-P07-1a2b',
    rack: 'rack-1',
    port: 'P07',
    usbPath: '3-1.4',
    openedAt: '2026-11-20T01:01:55.000Z',
    settledAt: '2026-11-20T01:41:07.250Z',
    identity: {
      platform: 'android',
      serial: '26061FDH2000AP',
      imeis: ['356303481234561', '356303481234579'],
      imeiSource: 'iphonesubinfo 4',
      manufacturer: 'Google',
      brand: 'google',
      model: 'Pixel 8',
      device: 'shiba',
      osVersion: '15',
      sdk: 35,
      build: 'AP4A.250205.002',
      securityPatch: '2025-02-05',
      storageBytes: 128_000_000_000,
      encryption: 'file',
      batteryPercent: 81,
      batteryCycles: 212,
      felica: 'not-present',
      esim: 'present',
    },
    verdict: 'passed',
    lane: 'release',
    reasons: [],
    plan: [
      { stage: 'identify', method: 'adb', reason: null },
      { stage: 'carrier-check', method: 'manual', reason: null },
      { stage: 'reset-delete', method: 'test-harness', reason: null },
      { stage: 'overwrite-erase', method: 'fill', reason: null },
      { stage: 'felica-clear', method: 'detect', reason: null },
      {
        stage: 'verify',
        method: 'closing-reset',
        reason: 'test harness mode is no state to ship in',
      },
    ],
    evidence: evidence(),
    operatorActs: [
      {
        action: 'confirm',
        by: 'reception-2',
        at: '2026-11-20T01:03:20.000Z',
        statement: { jpki: 'never-registered' },
      },
    ],
    policyVersion: '1',
    toolVersion: '0.1.0',
    issuer: {
      organisation: '株式会社さら地リユース',
      location: '東京都江東区 第二センター',
      operator: '更地 一郎',
      contact: '03-0000-0000',
    },
    ledger: { seq: 4711, hash: 'ab'.repeat(32) },
  };
}

export function failedFacts(): CertificateFacts {
  const passed = passedFacts();
  return {
    ...passed,
    run: '20261120-010155-P08-9f00',
    port: 'P08',
    verdict: 'failed',
    lane: 'quarantine',
    reasons: ['failed:overwrite-mismatch'],
    identity: { ...passed.identity, felica: 'unknown', encryption: 'unknown' },
    evidence: evidence({ 'overwrite-read-back': false, 'felica-not-present': false }).slice(0, 21),
    issuer: { organisation: '', location: '', operator: '', contact: '' },
  };
}

export function signed(facts: CertificateFacts): SignedCertificate {
  return signCertificate(buildCertificate(facts), testKey());
}
