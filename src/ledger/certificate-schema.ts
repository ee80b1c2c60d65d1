import { z } from 'zod';
import type { JsonObject } from '../evidence.js';
import { felicaSurveySchema } from './certificate-felica.js';

/** Raised when a field is added, removed or means something else. A verifier knows the formats it can read. */
export const CERTIFICATE_FORMAT = 'sarachi-certificate/2';

const text = z.string();
const maybe = z.string().nullable();
const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits');
const time = z.iso.datetime({ precision: 3 });
const both = z.strictObject({ ja: text, en: text });
const place = z.int().min(0);
const bytes = z.number().min(0);
const object = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object',
);

const person = z.strictObject({
  name: maybe,
  title: maybe,
  organisation: maybe,
  date: maybe,
  location: maybe,
  contact: maybe,
  signature: maybe,
});

const evidenceItem = z.strictObject({
  kind: text,
  stage: text,
  method: text,
  at: text,
  holds: z.boolean(),
  value: object,
});

const evidenceReference = z.strictObject({
  index: place,
  kind: text,
  method: text,
  at: text,
  value: object,
});

const proved = z.strictObject({
  id: text,
  ja: text,
  en: text,
  stage: text,
  evidence: z.array(evidenceReference).min(1),
});

const notProved = z.strictObject({
  id: text,
  ja: text,
  en: text,
  evidence: z.array(place),
  ranges: z.array(z.strictObject({ what: text, start: bytes.nullable(), bytes, evidence: place })),
});

const residue = z.strictObject({ result: text, ja: text, en: text, evidence: z.array(place) });

const overwrite = z.strictObject({
  result: z.enum(['done', 'skipped', 'not-established']),
  when: z.enum(['before-erase', 'after-erase']).nullable(),
  bytesWritten: bytes.nullable(),
  percentOfFree: z.number().min(0).max(100).nullable(),
  bytesReadBack: bytes.nullable(),
  why: maybe,
  evidence: z.array(place),
});

export const certificateSchema = z.strictObject({
  format: z.literal(CERTIFICATE_FORMAT),
  title: both,
  verdict: z.enum(['passed', 'failed', 'inconclusive']),
  lane: z.enum(['release', 'attention', 'quarantine', 'destroy', 'return']),
  reasons: z.array(text),
  run: z.strictObject({
    id: text,
    rack: text,
    port: text,
    usbPath: text,
    openedAt: time,
    settledAt: time,
  }),
  device: z.strictObject({
    platform: text,
    manufacturer: maybe,
    brand: maybe,
    model: maybe,
    device: maybe,
    serial: maybe,
    // Of iPhones only.
    udid: maybe.optional(),
    ecid: maybe.optional(),
    imei1: maybe,
    imei2: maybe,
    furtherImeis: z.array(text),
    imeiSource: maybe,
    osVersion: maybe,
    sdk: z.number().nullable(),
    build: maybe,
    securityPatch: maybe,
    storageBytes: z.number().nullable(),
    mediaType: z.literal('flash'),
    encryption: text,
    batteryPercent: z.number().nullable(),
    batteryCycles: z.number().nullable(),
  }),
  sanitization: z.strictObject({
    standard: text,
    method: z.enum(['Clear', 'Purge', 'none established']),
    techniques: z.array(
      z.strictObject({
        technique: text,
        method: z.enum(['Clear', 'Purge']),
        ja: text,
        en: text,
        evidence: z.array(place),
      }),
    ),
    // Of iPhones only, whose erase destroys keys: elsewhere the overwrite is a technique of its own.
    overwrite: overwrite.optional(),
    caveat: both,
    mediaSource: maybe,
    propertyNumber: text,
    steps: z.array(z.strictObject({ stage: text, method: text, reason: maybe })),
    startedAt: time,
    endedAt: time,
    performedBy: person,
  }),
  verification: z.strictObject({
    method: both,
    resetSignals: z.array(text),
    bytesReadBack: bytes.nullable(),
    performedBy: person,
    confirmedBy: person,
    rule: both,
  }),
  validation: z.strictObject({ decision: z.null(), performedBy: person, rule: both }),
  japan: z.strictObject({
    client: maybe,
    worker: maybe,
    confirmer: maybe,
    workplace: maybe,
    issuer: maybe,
    contact: maybe,
    kobutsuLedgerNumber: maybe,
  }),
  carrierChecks: z.strictObject({
    status: z.enum(['checked', 'incomplete', 'not-checked', 'not-applicable']),
    marks: z.array(
      z.strictObject({
        carrier: text,
        imei: maybe,
        mark: z.enum(['circle', 'triangle', 'cross', 'dash', 'unknown']),
        glyph: text,
        outcome: text,
        source: text,
        by: maybe,
        checkedAt: text,
        scope: maybe,
        parser: maybe,
        sha256: maybe,
        evidence: place,
      }),
    ),
    aggregate: maybe,
    policy: z.strictObject({ version: text, sha256: hash }).nullable(),
    ja: text,
    en: text,
  }),
  // `survey` only where a reader looked at the chip.
  felica: residue.extend({ survey: felicaSurveySchema.optional() }),
  jpki: residue,
  esim: residue,
  r2v3: z.strictObject({ mediaIdentifier: maybe, coverage: both, sampling: both }),
  proved: z.array(proved),
  notProved: z.array(notProved).min(1),
  operatorActs: z.array(object),
  evidence: z.array(evidenceItem),
  tool: z.strictObject({ name: z.literal('Sarachi'), version: text, policyVersion: text }),
  ledger: z.strictObject({ seq: z.int().min(1), hash }),
  digests: z.record(text, hash),
});

export const signedCertificateSchema = z.strictObject({
  certificate: certificateSchema,
  signature: z.strictObject({
    algorithm: z.literal('Ed25519'),
    keyId: z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 hex digits'),
    value: z.string().regex(/^[A-Za-z0-9+/]{86}==$/, 'must be 64 bytes in base64'),
  }),
});

export type Certificate = z.infer<typeof certificateSchema>;
export type SignedCertificate = z.infer<typeof signedCertificateSchema>;
export type Proved = Certificate['proved'][number];
export type NotProved = Certificate['notProved'][number];
export type Residue = Certificate['jpki'];
export type FelicaResidue = Certificate['felica'];
export type Overwrite = z.infer<typeof overwrite>;
export type Both = Certificate['title'];
