import { z } from 'zod';
import { deepFreeze, faultyConfig, readYamlFile } from '../config.js';
import { LOOK_UP_OUTCOMES } from './answer.js';
import { CARRIERS, type MARKS } from './marks.js';

/** Where an erased handset may go, the least strict first. */
export const RESTRICTION_LANES = [
  'release',
  'attention',
  'return',
  'quarantine',
  'destroy',
] as const;
export type RestrictionLane = (typeof RESTRICTION_LANES)[number];

const beforeErase = z.enum(['go-on', 'stop']);
const rule = z.strictObject({ beforeErase, lane: z.enum(RESTRICTION_LANES) });
/** What a restricted handset, or one that nobody said anything about, may be ruled. */
const heldBack = rule.refine(({ lane }) => lane !== 'release', {
  path: ['lane'],
  message: 'a cross and an unknown mark are never released',
});

const GO_ON = 'go-on' as const;
const released = { beforeErase: GO_ON, lane: 'release' as const };
const held = { beforeErase: GO_ON, lane: 'attention' as const };
const returned = { beforeErase: GO_ON, lane: 'return' as const };

const marks = {
  circle: rule.default(released),
  triangle: rule.default(held),
  cross: heldBack.default(returned),
  dash: rule.default(released),
  unknown: heldBack.default(held),
};
const exceptions = z.strictObject({
  circle: rule.optional(),
  triangle: rule.optional(),
  cross: heldBack.optional(),
  dash: rule.optional(),
  unknown: heldBack.optional(),
} satisfies Record<(typeof MARKS)[number], z.ZodType>);

/** What `config/carrier-policy.yaml` may hold. */
export const restrictionPolicySchema = z.strictObject({
  version: z.string().trim().min(1).max(32).default('2026-1'),
  imeis: z.enum(['first', 'all']).default('first'),
  marks: z.strictObject(marks).prefault({}),
  crossOnAllCarriers: heldBack.default(returned),
  carriers: z.partialRecord(z.enum(CARRIERS), exceptions).default({}),
  unknownBecause: z.partialRecord(z.enum(LOOK_UP_OUTCOMES).exclude(['ok']), heldBack).default({}),
  noImei: heldBack.default(held),
  unusableImei: beforeErase.default('stop'),
  seenBefore: z
    .strictObject({
      sameHandset: beforeErase.default('go-on'),
      otherHandset: beforeErase.default('stop'),
    })
    .prefault({}),
});

/** What every mark of every carrier means for the way of a handset. */
export type RestrictionPolicy = z.infer<typeof restrictionPolicySchema>;
export type MarkRule = z.infer<typeof rule>;

/** Checks a parsed document; unknown keys are faults. Throws ConfigError with every fault. Frozen to the last leaf. */
export function checkRestrictionPolicy(document: unknown): RestrictionPolicy {
  const parsed = restrictionPolicySchema.safeParse(document ?? {});
  if (!parsed.success) throw faultyConfig(parsed.error);
  return deepFreeze(parsed.data);
}

/** Reads a file like `config/carrier-policy.yaml`; null gives the same rules as that file. Throws ConfigError. */
export function loadRestrictionPolicy(file: string | null): RestrictionPolicy {
  return checkRestrictionPolicy(file === null ? {} : readYamlFile(file));
}
