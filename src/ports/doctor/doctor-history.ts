import type { ErrorCode } from '../../errors.js';
import { ERRORS } from '../../errors.js';
import type { LedgerEntry } from '../../ledger/entry.js';

/** One thing that happened at a port. `at` is in milliseconds since the epoch. */
export interface PortEventOfHistory {
  readonly port: string;
  readonly at: number;
  /** Null: it did not say who it is, so it is neither the same as nor another than any. */
  readonly handset: string | null;
  /** `wire`: between host and handset; `host`: of the host itself; `mended`: a person ended the port's hold. */
  readonly kind: 'wire' | 'host' | 'success' | 'mended';
  readonly code: ErrorCode | null;
}

export interface DoctorHistory {
  readonly events: readonly PortEventOfHistory[];
  /** The ports and handsets of the runs that were seen, by run. */
  readonly runs: ReadonlyMap<string, { readonly port: string; readonly handset: string | null }>;
}

export const NO_HISTORY: DoctorHistory = { events: [], runs: new Map() };

/** What a bad contact, a bad opening or a controller without room looks like from above. What a handset does wrong is not in it. */
const WIRE: readonly ErrorCode[] = [
  'handset-gone',
  'handset-timeout',
  'handset-garbage',
  'adb-closed',
  'adb-refused',
  'iphone-closed',
  'iphone-protocol',
  'afc-protocol',
  'deadline-passed',
];

/**
 * The history after one more line of the ledger. Pure. Stage outcomes, voided runs, and releases are what is read; bodies are taken
 * as they are, the chain was checked when the ledger was opened.
 */
export function remember(history: DoctorHistory, entry: LedgerEntry): DoctorHistory {
  const at = Date.parse(entry.at);
  const { run, port, body } = entry;
  if (run === null) {
    const mended = entry.type === 'operator-acted' && body['action'] === 'release' && port;
    return mended ? add(history, { port, at, handset: null, kind: 'mended', code: null }) : history;
  }
  if (entry.type === 'run-opened' && port) {
    const handset = typeof body['handset'] === 'string' ? body['handset'] : null;
    return { ...history, runs: new Map(history.runs).set(run, { port, handset }) };
  }
  const known = history.runs.get(run);
  if (!known) return history;
  if (entry.type === 'run-voided' && body['reason'] === 'gone-too-long')
    return add(history, { ...known, at, kind: 'wire', code: 'handset-gone' });
  if (entry.type !== 'stage-ended') return history;
  const { kind, code } = body['outcome'] as { kind: string; code?: ErrorCode };
  if (kind === 'done') return add(history, { ...known, at, kind: 'success', code: null });
  if ((kind !== 'again' && kind !== 'failed') || !code) return history;
  if (WIRE.includes(code)) return add(history, { ...known, at, kind: 'wire', code });
  if (ERRORS[code]?.blame === 'host') return add(history, { ...known, at, kind: 'host', code });
  return history;
}

/** The history without what is older than `since`. Pure. Runs are kept while anything is known of them, or they are young. */
export function forget(history: DoctorHistory, since: number, most = 2_000): DoctorHistory {
  const events = history.events.filter(({ at }) => at >= since);
  const runs = [...history.runs].slice(-most);
  return { events, runs: new Map(runs) };
}

function add(history: DoctorHistory, event: PortEventOfHistory): DoctorHistory {
  return { ...history, events: [...history.events, event] };
}
