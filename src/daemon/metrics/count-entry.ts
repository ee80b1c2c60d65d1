import type { StageOutcome } from '../../erasure-engines/engine.js';
import type { LedgerEntry } from '../../ledger/entry.js';
import type { RunRecord } from '../../pipeline/run-record.js';
import { PORT_ACTIONS } from '../../ports/view.js';
import { familyOf, osOf } from './handset-family.js';
import type { MetricName } from './metric-table.js';

/** What a person can have done, as it is counted. */
export const COUNTED_ACTIONS = [...PORT_ACTIONS, 'log-level', 'validate', 'other'] as const;

/** One step of one metric: counted up by one, or `seconds` observed. */
export interface Step {
  readonly metric: MetricName;
  readonly labels: Readonly<Record<string, string>>;
  readonly seconds?: number;
}

/** What a line of the ledger counts for. Pure; `record` is its run as it is with this line. */
export function countEntry(entry: LedgerEntry, record: RunRecord | null): readonly Step[] {
  switch (entry.type) {
    case 'stage-ended':
      return stageSteps(entry, record);
    case 'run-settled':
      return verdictSteps(entry, record);
    case 'certificate-issued':
      return [{ metric: 'rack_certificates_total', labels: {} }];
    case 'operator-acted': {
      const action = COUNTED_ACTIONS.find((one) => one === entry.body['action']) ?? 'other';
      return [{ metric: 'rack_operator_actions_total', labels: { action } }];
    }
    case 'run-validated':
      return [{ metric: 'rack_operator_actions_total', labels: { action: 'validate' } }];
    case 'restriction-answered':
      return answerSteps(entry);
    default:
      return [];
  }
}

function stageSteps({ body }: LedgerEntry, record: RunRecord | null): readonly Step[] {
  const { fence, stage } = body as { fence: number; stage: string };
  const outcome = body['outcome'] as unknown as StageOutcome;
  const code = 'code' in outcome ? outcome.code : 'none';
  const total: Step = { metric: 'rack_stage_total', labels: { outcome: outcome.kind, code } };
  const attempt = record?.attempts.find((one) => one.fence === fence);
  if (!record || !attempt?.endedAt) return [total];
  const seconds = (Date.parse(attempt.endedAt) - Date.parse(attempt.startedAt)) / 1000;
  const labels = { stage, os: osOf(record.identity), family: familyOf(record.identity) };
  return [total, { metric: 'rack_stage_duration_seconds', labels, seconds }];
}

function verdictSteps({ body, port }: LedgerEntry, record: RunRecord | null): readonly Step[] {
  const verdict = String(body['verdict']);
  const family = familyOf(record?.identity ?? null);
  return [
    { metric: 'rack_verdicts_total', labels: { port: port ?? 'none', verdict } },
    { metric: 'rack_family_verdicts_total', labels: { family, verdict } },
  ];
}

function answerSteps({ body }: LedgerEntry): readonly Step[] {
  const answer = body['answer'] as { carrier: string; outcome: string; source: string };
  if (answer.source !== 'web' && answer.source !== 'api') return [];
  const labels = { carrier: answer.carrier, result: answer.outcome };
  return [{ metric: 'rack_restriction_requests_total', labels }];
}
