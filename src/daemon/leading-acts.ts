import type { RunBook } from '../pipeline/run-book.js';
import type { OperatorAct, RunRecord } from '../pipeline/run-record.js';

/** Runs of one handset that are looked at; the one before is among them. */
const MOST_RUNS = 20;

/**
 * What persons did that led to a run before it had an id: Retry at a settled port opens the next run of the same
 * handset, and stands in the ledger under the run before.
 */
export function leadingActs(
  { index }: Pick<RunBook, 'index'>,
  record: RunRecord,
): readonly OperatorAct[] {
  const serial =
    record.identity?.serial ?? record.handset?.slice(record.handset.indexOf(':') + 1) ?? null;
  if (serial === null) return [];
  const before = index.runs({ serial, limit: MOST_RUNS }).runs.find(({ run, port, openedAt }) => {
    return run !== record.run && port === record.port && openedAt <= record.openedAt;
  });
  const since = before?.settledAt;
  if (!before || !since) return [];
  return index.entriesOf(before.run).flatMap(({ type, at, body }) => {
    if (type !== 'operator-acted' || at < since || at > record.openedAt) return [];
    const { action, by } = body as { action: string; by: string };
    return [{ action, by, at, statement: {} }];
  });
}
