import { isDeepStrictEqual } from 'node:util';
import type { StageContext, StageOutcome } from '../erasure-engines/engine.js';
import type { JsonObject } from '../evidence.js';
import { askCarriers, type Check, recordAnswer } from './ask-carriers.js';
import { unknownAnswer } from './broker/unknown-answer.js';
import type { CarrierCheckParts } from './check-parts.js';
import { decideRestriction, type Restriction } from './decide-restriction.js';
import { gateNumbers, type Numbers, readNumbers } from './imei-gate.js';
import {
  isRecorded,
  knownMarks,
  markFact,
  type Slot,
  statedAnswer,
  statedMarks,
} from './mark-facts.js';
import type { Carrier } from './marks.js';

const DONE: StageOutcome = { kind: 'done' };
const UNNOTED = { cached: false, held: null, by: null } as const;

/**
 * Network-restriction check: every carrier's mark for the numbers of the handset, and what the policy makes of them,
 * on record. Carriers are asked by whatever source the operator chose; a person at the port is asked for what only a
 * person can say. A carrier that says nothing leaves `unknown`, and the run goes on.
 */
export async function carrierCheck(
  context: StageContext,
  parts: CarrierCheckParts,
  port: string,
): Promise<StageOutcome> {
  const check = { context, parts, port };
  if (parts.ways.size === 0) return skip(context, 'configuration', { source: 'off' });
  const numbers = readNumbers(context.history().identity?.imeis ?? [], parts.policy.imeis);
  if (numbers.slots.length === 0 && numbers.refused.length === 0) {
    if (!hasNoModem(context)) return decide(check);
    return skip(context, 'features of the handset', { outcome: 'not-applicable', why: 'no-modem' });
  }
  const stopped = await gateNumbers(check, numbers);
  if (stopped) return stopped;
  await recordRefused(check, numbers);
  await askCarriers(check, numbers.slots);
  const [first] = numbers.slots;
  const missing = first ? await takeStatements(check, first) : [];
  return missing.length > 0 ? askPerson(missing) : decide(check);
}

async function skip(
  context: StageContext,
  method: string,
  value: JsonObject,
): Promise<StageOutcome> {
  await context.record('carrier-check-skipped', { method, holds: true, value });
  return DONE;
}

/** Only a handset that listed its features and has no modem among them; one that told no number may still have one. */
function hasNoModem(context: StageContext): boolean {
  const found = context.history().evidence.findLast(({ kind }) => kind === 'identity');
  const capabilities = found?.value['capabilities'] as JsonObject | undefined;
  return capabilities?.['telephony'] === false;
}

/** A number that nobody can be asked about is on record for each carrier as asked of nobody. */
async function recordRefused({ context, parts }: Check, { refused }: Numbers): Promise<void> {
  for (const { slot, imei, why } of refused) {
    for (const [carrier] of parts.ways) {
      if (isRecorded(context.history().evidence, carrier, slot)) continue;
      const nobody = { carrier, source: 'manual' } as const;
      const outcome = why === 'meid' ? 'not-applicable' : 'skipped';
      const answer = unknownAnswer(nobody, imei, outcome, context.clock());
      const fact = markFact({ ...answer, rawText: `not asked: ${why}` }, { ...UNNOTED, slot });
      await context.record('carrier-mark', { ...fact, method: 'the number itself' });
    }
  }
}

/**
 * Takes what a person stated, for the carriers that only a person is asked for and in place of an unknown mark; a mark
 * of the carrier itself stands. Resolves to the carriers that still want a statement.
 */
async function takeStatements(check: Check, { slot, imei }: Slot): Promise<Carrier[]> {
  const { context, parts } = check;
  const stated = statedMarks(context.history().evidence);
  const missing: Carrier[] = [];
  for (const [carrier, way] of parts.ways) {
    const known = knownMarks(context.history().evidence).find(
      (one) => one.carrier === carrier && one.slot === slot,
    );
    const said = stated.get(carrier);
    if (said && (!known || (known.mark === 'unknown' && !known.stated))) {
      await recordAnswer(check, statedAnswer(carrier, imei, said), {
        ...UNNOTED,
        by: said.by,
        slot,
      });
    } else if (!known && way.by === 'person') missing.push(carrier);
  }
  return missing;
}

async function decide({ context, parts }: Check): Promise<StageOutcome> {
  const marks = knownMarks(context.history().evidence);
  const decided = decideRestriction(marks, parts.policy);
  await recordDecision(context, parts, decided);
  switch (decided.stoppedBy) {
    case null:
      return DONE;
    case 'unknown':
      return askPerson(
        marks
          .filter(({ mark, stated }) => mark === 'unknown' && !stated)
          .map(({ carrier }) => carrier),
      );
    case 'mark': {
      if (isOverruled(context)) return DONE;
      const { aggregate, lane } = decided;
      return { kind: 'attention', code: 'restriction-found', detail: { aggregate, lane } };
    }
  }
}

function askPerson(missing: readonly Carrier[]): StageOutcome {
  const detail = { missing: [...new Set(missing)] };
  return { kind: 'attention', code: 'carrier-result-needed', detail };
}

async function recordDecision(
  context: StageContext,
  { policy, policySha256 }: CarrierCheckParts,
  { aggregate, beforeErase, lane, reasons, holds }: Restriction,
): Promise<void> {
  const value = {
    ...{ aggregate, beforeErase, lane, reasons: [...reasons], holds: [...holds] },
    policy: { version: policy.version, sha256: policySha256 },
  };
  const { evidence } = context.history();
  const last = evidence.findLast(({ kind }) => kind === 'restriction-decided');
  if (last && isDeepStrictEqual(last.value, value)) return;
  const method = `restriction policy ${policy.version}`;
  await context.record('restriction-decided', { method, holds: true, value });
}

/** A person has seen this very decision and said that the handset is to be erased all the same. */
function isOverruled(context: StageContext): boolean {
  const { evidence } = context.history();
  const decidedAt = evidence.findLastIndex(({ kind }) => kind === 'restriction-decided');
  return evidence
    .slice(decidedAt + 1)
    .some(
      ({ kind, holds, value }) =>
        kind === 'person-confirmed' && holds && value['attention'] === 'restriction-found',
    );
}
