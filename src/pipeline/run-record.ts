import type { AttentionCode } from '../attention.js';
import type { Intent, RunHistory, StageOutcome } from '../erasure-engines/engine.js';
import type { Evidence, JsonObject, Stage } from '../evidence.js';
import type { HandsetIdentity, HandsetKey } from '../handset.js';
import type { PlannedStage } from '../ledger/certificate-facts.js';
import type { Lane, LedgerEntry, Verdict } from '../ledger/entry.js';
import type { Validation } from './validation.js';

/** One attempt at one stage. `outcome` is null while it runs, and stays null when the daemon died in it. */
export interface Attempt {
  readonly stage: Stage;
  readonly fence: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly outcome: StageOutcome | null;
}

export interface Plan {
  readonly stages: readonly (PlannedStage & { readonly stage: Stage })[];
}

export interface OperatorAct {
  readonly action: string;
  readonly by: string;
  readonly at: string;
  readonly statement: JsonObject;
}

/** Why a run proves nothing although its stages may have ended well: seen at the port, not in the evidence. */
export type Voided = 'swapped' | 'operator' | 'gone-too-long' | 'removed';

/** One run as its ledger lines tell it. Only ever grows. */
export interface RunRecord extends RunHistory {
  readonly port: string;
  readonly usbPath: string;
  readonly handset: HandsetKey | null;
  readonly openedAt: string;
  readonly policyVersion: string;
  readonly plan: Plan | null;
  readonly attempts: readonly Attempt[];
  readonly attentions: readonly {
    readonly stage: Stage;
    readonly code: AttentionCode;
    readonly at: string;
  }[];
  readonly acts: readonly OperatorAct[];
  readonly voided: Voided | null;
  readonly settled: {
    readonly verdict: Verdict;
    readonly lane: Lane;
    readonly reasons: readonly string[];
    readonly at: string;
    readonly ledger: { readonly seq: number; readonly hash: string };
  } | null;
  readonly certificate: string | null;
  readonly validation: Validation | null;
}

/**
 * The record after one more ledger line of its run. Pure. Bodies are cast, not checked: the line was written by
 * this program and its hash chain was verified when the ledger was opened.
 */
export function grow(record: RunRecord | null, entry: LedgerEntry): RunRecord | null {
  const { body, at } = entry;
  if (!record) return entry.type === 'run-opened' ? opened(entry) : null;
  // The certificate is drawn from what the verdict was made from; what came later is in the ledger only.
  if (record.settled && entry.type !== 'certificate-issued' && entry.type !== 'run-validated')
    return record;
  switch (entry.type) {
    case 'plan-made':
      return { ...record, plan: body['plan'] as unknown as Plan };
    case 'stage-started': {
      const { stage, fence } = body as { stage: Stage; fence: number };
      const attempt = { stage, fence, startedAt: at, endedAt: null, outcome: null };
      return { ...record, attempts: [...record.attempts, attempt] };
    }
    case 'stage-ended': {
      const outcome = body['outcome'] as unknown as StageOutcome;
      const attempts = record.attempts.map((attempt) =>
        attempt.fence === body['fence'] ? { ...attempt, endedAt: at, outcome } : attempt,
      );
      return { ...record, attempts };
    }
    case 'intent': {
      const { stage, fence, step, detail } = body as unknown as Intent;
      return { ...record, intents: [...record.intents, { stage, fence, step, at, detail }] };
    }
    case 'evidence':
      return withEvidence(record, body['evidence'] as unknown as Evidence);
    case 'attention-raised': {
      const { stage, code } = body as { stage: Stage; code: AttentionCode };
      return { ...record, attentions: [...record.attentions, { stage, code, at }] };
    }
    case 'operator-acted': {
      const { action, by, statement } = body as {
        action: string;
        by: string;
        statement: JsonObject;
      };
      const ends = action === 'abort' || action === 'release';
      return {
        ...record,
        acts: [...record.acts, { action, by, at, statement }],
        voided: record.voided ?? (ends ? 'operator' : null),
      };
    }
    case 'run-voided':
      return { ...record, voided: record.voided ?? (body['reason'] as Voided) };
    case 'run-settled': {
      const { verdict, lane, reasons } = body as {
        verdict: Verdict;
        lane: Lane;
        reasons: string[];
      };
      const ledger = { seq: entry.seq, hash: entry.hash };
      return { ...record, settled: { verdict, lane, reasons, at, ledger } };
    }
    case 'certificate-issued':
      return { ...record, certificate: String(body['sha256']) };
    case 'run-validated': {
      const said = body as unknown as Omit<Validation, 'at'>;
      return { ...record, validation: record.validation ?? { ...said, at } };
    }
    // A run is opened once; its record is there already.
    case 'run-opened':
    case 'rack-started':
    case 'rack-stopped':
    case 'ledger-healed':
    // What carriers say is the IMEI's; a run carries what it used as evidence.
    case 'restriction-answered':
    case 'restriction-changed':
    case 'restriction-withdrawn':
      return record;
  }
}

function opened(entry: LedgerEntry): RunRecord {
  const { usbPath, handset, policyVersion } = entry.body as {
    usbPath: string;
    handset: HandsetKey | null;
    policyVersion: string;
  };
  return {
    run: entry.run ?? '',
    port: entry.port ?? '',
    usbPath,
    handset,
    openedAt: entry.at,
    policyVersion,
    identity: null,
    plan: null,
    evidence: [],
    intents: [],
    attempts: [],
    attentions: [],
    acts: [],
    voided: null,
    settled: null,
    certificate: null,
    validation: null,
  };
}

function withEvidence(record: RunRecord, evidence: Evidence): RunRecord {
  const grown = { ...record, evidence: [...record.evidence, evidence] };
  if (evidence.kind !== 'identity' || !evidence.holds) return grown;
  return { ...grown, identity: evidence.value['identity'] as unknown as HandsetIdentity };
}

/** The newest fact of one kind, whether it holds or not. */
export function latest(record: RunHistory, kind: Evidence['kind']): Evidence | null {
  return record.evidence.findLast((evidence) => evidence.kind === kind) ?? null;
}

export function lastAttempt(record: RunRecord, stage: Stage): Attempt | null {
  return record.attempts.findLast((attempt) => attempt.stage === stage) ?? null;
}

/** What the newest attempt asked a person for; null where it asked for nobody. */
export function lastAsked({ attempts }: RunRecord): { stage: Stage; code: AttentionCode } | null {
  const last = attempts.at(-1);
  return last?.outcome?.kind === 'attention'
    ? { stage: last.stage, code: last.outcome.code }
    : null;
}

/** The highest attempt number used so far; 0 before the first. */
export function lastFence(record: RunRecord): number {
  return record.attempts.reduce((highest, { fence }) => Math.max(highest, fence), 0);
}
