import type { JsonObject } from '../evidence.js';

/**
 * What a ledger line can say. Bodies, by type:
 * - `rack-started` {version, rack}; `rack-stopped` {reason}
 * - `ledger-healed` {bytes, sha256}: a torn last line was cut off and set aside
 * - `run-opened` {usbPath, handset, policyVersion}
 * - `plan-made` {plan}
 * - `stage-started` {stage, fence}
 * - `intent` {stage, fence, step, detail}
 * - `evidence` {evidence}: an `Evidence`; kind `identity` carries `value.identity`, a `HandsetIdentity`
 * - `stage-ended` {stage, fence, outcome}
 * - `attention-raised` {stage, code, detail}; `operator-acted` {action, by, statement}; by `port-doctor`: `hold` with
 *   {quarantine, ja, en}, and `power-cycle` with {condition}
 * - `run-voided` {reason}: whatever its stages show, the run can no longer pass
 * - `run-settled` {verdict, lane, reasons}
 * - `certificate-issued` {sha256}
 * - `run-validated` {decision, by, person, note}: a second person accepts or rejects a settled run; `by` is the id of a key
 * - `restriction-answered` {answer, by, reason}: what one carrier, or a person or file in its name, said about one IMEI; `answer` is a
 *   `CarrierAnswer`, `reason` is `stage`, `recheck`, `import` or `manual`. May be about a run that has settled, or about none
 * - `restriction-changed` {carrier, imei, from, to, scope, runs, certificates, answer}: the mark is another one than was known; `answer` is
 *   the `seq` of the entry that says so, `certificates` are {run, sha256}
 * - `restriction-withdrawn` {carrier, imeis, why, at, answers}: answers that no longer count; `answers` are the `seq` of their entries
 */
export const ENTRY_TYPES = [
  'rack-started',
  'rack-stopped',
  'ledger-healed',
  'run-opened',
  'plan-made',
  'stage-started',
  'intent',
  'evidence',
  'stage-ended',
  'attention-raised',
  'operator-acted',
  'run-voided',
  'run-settled',
  'certificate-issued',
  'run-validated',
  'restriction-answered',
  'restriction-changed',
  'restriction-withdrawn',
] as const;
export type EntryType = (typeof ENTRY_TYPES)[number];

/** What a writer hands in; the ledger adds place, time and chain. */
export interface NewEntry {
  readonly type: EntryType;
  readonly run: string | null;
  readonly port: string | null;
  readonly body: JsonObject;
}

/** One line of the ledger. `hash` is SHA-256 over the canonical JSON (RFC 8785) of the line without `hash`. */
export interface LedgerEntry extends NewEntry {
  /** 1 for the first line ever, then one more each. */
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** `hash` of the line before; 64 zeros for the first. */
  readonly prev: string;
  readonly hash: string;
}

export type Verdict = 'passed' | 'failed' | 'inconclusive';
export type Lane = 'release' | 'attention' | 'quarantine' | 'destroy' | 'return';
