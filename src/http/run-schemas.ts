import { z } from 'zod';
import { EVIDENCE_KINDS, type EvidenceKind, STAGES } from '../evidence.js';
import type { HandsetIdentity } from '../handset.js';
import type { RunSummary } from './rack-api.js';
import { lane, openObject, stamp, verdict } from './schemas.js';

export const runId = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, 'letters, digits and -, at most 64')
  .describe('Id of a run.');

const summaryFields = {
  run: runId,
  port: z.string(),
  openedAt: z.iso.datetime(),
  settledAt: z.iso.datetime().nullable(),
  serial: z.string().nullable(),
  imeis: z.array(z.string()).readonly(),
  model: z.string().nullable(),
  verdict: verdict.nullable(),
  lane: lane.nullable(),
};

const summarySchema = z
  .object(summaryFields)
  .meta({ id: 'RunSummary' }) satisfies z.ZodType<RunSummary>;

export const runsSchema = z
  .object({
    ...stamp,
    runs: z.array(summarySchema).readonly(),
    nextCursor: z.string().nullable().describe('Hand it in as `cursor` for the next page.'),
  })
  .meta({ id: 'Runs' });

const identitySchema = z
  .object({
    platform: z.enum(['android', 'apple']),
    serial: z.string().nullable(),
    imeis: z.array(z.string()).readonly(),
    imeiSource: z.string().nullable(),
    manufacturer: z.string().nullable(),
    brand: z.string().nullable(),
    model: z.string().nullable(),
    device: z.string().nullable(),
    osVersion: z.string().nullable(),
    sdk: z.number().nullable(),
    build: z.string().nullable(),
    securityPatch: z.string().nullable(),
    storageBytes: z.number().nullable(),
    encryption: z.enum(['file', 'block', 'none', 'unknown']),
    batteryPercent: z.number().nullable(),
    batteryCycles: z.number().nullable(),
    felica: z.enum(['present', 'not-present', 'unknown']),
    esim: z.enum(['present', 'not-present', 'unknown']),
  })
  .meta({ id: 'HandsetIdentity' }) satisfies z.ZodType<HandsetIdentity>;

export const validationSchema = z
  .object({
    decision: z.enum(['accept', 'reject']),
    by: z.string().describe('Id of the key.'),
    person: z.string(),
    note: z.string().nullable(),
    at: z.iso.datetime(),
  })
  .meta({ id: 'Validation', description: 'What a second person said of a settled run.' });

const detailFields = {
  ...summaryFields,
  identity: identitySchema.nullable(),
  reasons: z.array(z.string()).readonly(),
  plan: z
    .array(z.object({ stage: z.string(), method: z.string(), reason: z.string().nullable() }))
    .readonly(),
  stages: z
    .array(
      z.object({
        stage: z.string(),
        fence: z.int().describe('Number of the attempt.'),
        startedAt: z.iso.datetime(),
        endedAt: z.iso.datetime().nullable(),
        outcome: openObject.nullable(),
      }),
    )
    .readonly(),
  attentions: z.array(z.object({ code: z.string(), at: z.iso.datetime() })).readonly(),
  certificate: z.boolean().describe('Whether there is a certificate to fetch.'),
  validation: validationSchema.nullable(),
  validationState: z.enum(['not-needed', 'waiting', 'accepted', 'rejected']),
};

export const runSchema = z.object({ ...stamp, ...detailFields }).meta({ id: 'Run' });

const evidenceItem = z
  .object({
    kind: z.enum(Object.keys(EVIDENCE_KINDS) as [EvidenceKind, ...EvidenceKind[]]),
    stage: z.enum(STAGES),
    method: z.string().describe('The command, message or observation by which it was seen.'),
    at: z.iso.datetime(),
    holds: z.boolean(),
    value: openObject,
  })
  .meta({ id: 'Evidence' });

export const evidenceSchema = z
  .object({ ...stamp, run: runId, evidence: z.array(evidenceItem).readonly() })
  .meta({ id: 'RunEvidence' });

/** Only the outermost words are promised here; the certificate's own document describes it. */
export const certificateSchema = openObject.meta({
  id: 'Certificate',
  description: 'The signed certificate, byte for byte as it was written; see docs/certificate.md.',
});

const isoTime = z.iso.datetime({ offset: true });

/** Unknown filters are refused: a mistyped filter that is ignored would answer with every run. */
export const runQuerySchema = z.strictObject({
  imei: z
    .string()
    .regex(/^[0-9]{14,16}$/, 'must be 14 to 16 digits')
    .optional(),
  serial: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be letters, digits, ".", "_" or "-"')
    .optional(),
  verdict: verdict.optional(),
  from: isoTime.optional().describe('Opened at or after this time.'),
  to: isoTime.optional().describe('Opened at or before this time.'),
  cursor: z
    .string()
    .regex(/^[\x21-\x7e]{1,512}$/, 'must be the nextCursor of the page before')
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
