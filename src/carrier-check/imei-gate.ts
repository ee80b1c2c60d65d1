import type { StageContext, StageOutcome } from '../erasure-engines/engine.js';
import type { JsonObject } from '../evidence.js';
import { type ImeiRefusal, normaliseImei } from '../imei.js';
import type { Check } from './ask-carriers.js';
import type { EarlierRun } from './check-parts.js';
import type { Slot } from './mark-facts.js';
import type { RestrictionPolicy } from './restriction-policy.js';

export interface Numbers {
  /** The ones to ask about. */
  readonly slots: readonly Slot[];
  /** Numbers that no carrier can be asked about, as the handset told them. */
  readonly refused: readonly (Slot & { readonly why: ImeiRefusal | 'meid' })[];
}

/** Which of the numbers that a handset told are asked about. Pure. */
export function readNumbers(told: readonly string[], which: RestrictionPolicy['imeis']): Numbers {
  const slots: Slot[] = [];
  const refused: Numbers['refused'][number][] = [];
  for (const [index, text] of (which === 'all' ? told : told.slice(0, 1)).entries()) {
    const slot = index + 1;
    const read = normaliseImei(text, 'handset');
    if (read.kind === 'imei') slots.push({ slot, imei: read.imei });
    else refused.push({ slot, imei: text, why: read.kind === 'meid' ? 'meid' : read.why });
  }
  return { slots, refused };
}

/** What forbids going on with these numbers before a person has looked, or null. Puts earlier runs on record. */
export async function gateNumbers(check: Check, numbers: Numbers): Promise<StageOutcome | null> {
  const { context, parts } = check;
  const [bad] = numbers.refused;
  if (bad && parts.policy.unusableImei === 'stop' && !isConfirmed(context, 'imei-not-usable')) {
    const { slot, why } = bad;
    return { kind: 'attention', code: 'imei-not-usable', detail: { slot, why } };
  }
  for (const slot of numbers.slots) {
    const stop = await gateEarlierRuns(check, slot);
    if (stop) return stop;
  }
  return null;
}

async function gateEarlierRuns(
  { context, parts }: Check,
  { slot, imei }: Slot,
): Promise<StageOutcome | null> {
  const { run, identity } = context.history();
  const earlier = parts.seenBefore(imei, run);
  if (earlier.length === 0) return null;
  const serial = identity?.serial ?? null;
  const others = earlier.filter((one) => serial === null || one.serial !== serial);
  await recordOnce(context, { slot, imei, otherHandset: others.length > 0, runs: toJson(earlier) });
  // A handset cannot be in two ports: one of the two is not what it says.
  const elsewhere = earlier.find(({ open }) => open);
  if (elsewhere) {
    return { kind: 'attention', code: 'duplicate-imei', detail: { port: elsewhere.port } };
  }
  const { sameHandset, otherHandset } = parts.policy.seenBefore;
  const rule = others.length > 0 ? otherHandset : sameHandset;
  if (rule === 'go-on' || isConfirmed(context, 'imei-seen-before')) return null;
  const last = (others[0] ?? earlier[0])?.run ?? null;
  return { kind: 'attention', code: 'imei-seen-before', detail: { slot, run: last } };
}

async function recordOnce(context: StageContext, value: JsonObject): Promise<void> {
  const { evidence } = context.history();
  const known = evidence.some(
    (fact) => fact.kind === 'imei-seen-before' && fact.value['slot'] === value['slot'],
  );
  if (known) return;
  await context.record('imei-seen-before', { method: 'ledger index', holds: true, value });
}

function toJson(runs: readonly EarlierRun[]): JsonObject[] {
  return runs.map(({ run, port, openedAt, serial, open }) => ({
    ...{ run, port, openedAt, serial, open },
  }));
}

/** Whether a person has confirmed this at the port, in this run. */
export function isConfirmed(context: StageContext, code: string): boolean {
  return context
    .history()
    .evidence.some(
      ({ kind, holds, value }) =>
        kind === 'person-confirmed' && holds && value['attention'] === code,
    );
}
