import { z } from 'zod';

/** Raised when a field is added, removed or means something else. */
export const SURVEY_FORMAT = 'sarachi-felica-survey/1';

const word = z.int().min(0).max(0xffff);
const count = z.int().min(0);
/** Keyed digest of an IDm: the same key gives the same text for the same chip. */
const hashedId = z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hex digits');
const short = z.string().max(200);

/**
 * How one way of looking ended. `silent`: the chip does not answer this command though it answers a poll; `gone`: it
 * answers nothing; `fault`: air or reader failed each time; `rootless`: a directory without area 0, which none is.
 */
const leg = z.enum([
  'complete',
  'refused',
  'silent',
  'gone',
  'fault',
  'rootless',
  'endless',
  'not-asked',
]);

const node = z
  .strictObject({
    code: word,
    /** The last code of an area; null for a service, and for what only a probe found. */
    endCode: word.nullable(),
    /** Null: not told. */
    keyVersion: word.nullable(),
    seenBy: z.array(z.enum(['search', 'list', 'probe'])).readonly(),
  })
  .readonly();

const system = z
  .strictObject({
    code: word,
    /** Of the system that answered for this code; null where none did. */
    id: hashedId.nullable(),
    mode: z.int().min(0).max(3).nullable(),
    /** Request Service of the system itself and area 0: `complete` when the chip says that both are there. */
    control: leg,
    /** Search Service Code to its end. */
    search: leg,
    /** Request Code List of area 0 to its last page. */
    list: leg,
    /** Request Block Information Ex of area 0. */
    blocks: leg,
    /** Null: the chip says that this does not apply, or nothing. */
    blocksAssigned: count.nullable(),
    blocksFree: count.nullable(),
    /** Request Service of every node listed now, of the earlier survey, and of every possible one when told to. */
    probe: leg,
    /** Digest-free list of the earlier survey's nodes that were asked for here. */
    askedFromBefore: z.array(word).readonly(),
    nodes: z.array(node).readonly(),
  })
  .readonly();

const identity = z
  .strictObject({
    /** Answer to Get Container Id. */
    container: hashedId.nullable(),
    /** IDm of system FE0F. */
    management: hashedId.nullable(),
    /** IDm of system FE00. */
    common: hashedId.nullable(),
    model: short.nullable(),
    carrier: z
      .string()
      .regex(/^[0-9a-f]{6}$/)
      .nullable(),
  })
  .readonly();

const chip = z
  .strictObject({
    ic: z.int().min(0).max(255),
    rom: z.int().min(0).max(255),
    name: short.nullable(),
    pmm: z.string().regex(/^[0-9a-f]{16}$/),
  })
  .readonly();

const run = z
  .strictObject({
    /** `other`: a plastic card or tag; `mixed`: more than one kind of chip answered. */
    target: z.enum(['none', 'mobile', 'other', 'mixed']),
    chip: chip.nullable(),
    kbps: z.union([z.literal(212), z.literal(424)]),
    identity,
    /** What Get Container Issue Information means; null where it was not answered. */
    state: z.enum([
      'INITIALISED',
      'CLEAR_IN_PROGRESS',
      'UNINITIALISED',
      'UNPERSONALISED',
      'UNKNOWN',
    ]),
    /** False as soon as the same question named another chip than before. */
    sameChip: z.boolean(),
    /** Reached its last step. */
    ended: z.boolean(),
    systemList: leg,
    sweep: leg,
    /** Polls of the sweep that somebody answered without saying for which system. */
    unnamed: count,
    systems: z.array(system).readonly(),
    /** Exchanges that failed on the air, in the reader or by a broken answer, also where another try went well. */
    faults: count,
    faultKinds: z.array(short).readonly(),
    exchanges: count,
  })
  .readonly();

const preflight = z
  .strictObject({
    /** Three polls with nothing on the reader. */
    emptyField: z.enum(['silent', 'answered', 'fault', 'not-tried']),
    /** A tag that is known to work. */
    reference: z.enum(['answered', 'silent', 'fault', 'not-tried']),
  })
  .readonly();

export const surveyReportSchema = z
  .strictObject({
    format: z.literal(SURVEY_FORMAT),
    startedAt: z.iso.datetime({ precision: 3 }),
    endedAt: z.iso.datetime({ precision: 3 }),
    reader: z.strictObject({ name: short, serial: short.nullable() }).readonly(),
    preflight: preflight.nullable(),
    /** At least two unless something ended the survey; the field was off between them. */
    runs: z.array(run).readonly(),
    /** Code of the error that ended the survey early; null where it came to its end. */
    cutShortBy: short.nullable(),
  })
  .readonly();

/** Everything that one survey saw: names, states and counts, no data of a person, and no id that can be read. */
export type SurveyReport = z.infer<typeof surveyReportSchema>;
export type SurveyRun = z.infer<typeof run>;
export type SurveyedSystem = z.infer<typeof system>;
export type SurveyedNode = z.infer<typeof node>;
export type SurveyLeg = z.infer<typeof leg>;
export type SurveyIdentity = z.infer<typeof identity>;
export type ChipState = SurveyRun['state'];
export type Preflight = z.infer<typeof preflight>;

export const TRANSIT_FORMAT = 'sarachi-felica-transit/1';

export const transitReportSchema = z
  .strictObject({
    format: z.literal(TRANSIT_FORMAT),
    startedAt: z.iso.datetime({ precision: 3 }),
    endedAt: z.iso.datetime({ precision: 3 }),
    reader: z.strictObject({ name: short, serial: short.nullable() }).readonly(),
    /** Whether a transit card answered. Silence means nothing: an iPhone is silent by nature. */
    transit: z.enum(['answered', 'silent', 'fault']),
    polls: count,
  })
  .readonly();

/** What an iPhone's transit system said in an unbroken field. */
export type TransitReport = z.infer<typeof transitReportSchema>;
