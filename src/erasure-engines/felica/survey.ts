import type { FelicaReader } from '../../devices/felica/felica-reader.js';
import { asSarachiError } from '../../errors.js';
import { cleanField } from '../../text.js';
import { abortError, type Clock, sleep, type WaitOptions, withDeadline } from '../../wait.js';
import { Asker } from './asker.js';
import type { HashId } from './hash-id.js';
import { nodesToProbe } from './nodes-to-probe.js';
import { RunNotes } from './run-notes.js';
import {
  type Preflight,
  SURVEY_FORMAT,
  type SurveyReport,
  type SurveyRun,
} from './survey-report.js';
import { surveyRun } from './survey-run.js';

/** The chip has lost its power for certain by then. */
const FIELD_OFF_MS = 500;
const RUNS = 2;
/** A run that the air disturbed does not count, and is done again. */
const MAX_RUNS = 4;

export interface SurveyOptions extends WaitOptions {
  readonly clock: Clock;
  readonly hashId: HashId;
  /** The survey before the clear: each of its nodes is asked for by name. */
  readonly before?: SurveyReport | null;
  /** Asks for every node that a system can have, which takes a minute or more. Default false. */
  readonly everyNode?: boolean;
  readonly preflight?: Preflight | null;
  /** Waits by the wall clock; handed in so that a simulated air can have a clock of its own. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Called as each run begins, with its number from 1. */
  readonly onRun?: (run: number) => void;
}

/**
 * Looks at the chip in the reader's field in every independent way that contactless polling has, twice with the field off
 * in between. Reads no block and writes nothing. What disturbs it, up to a reader that is unplugged or a time that ran
 * out, ends in the report; it rejects only when `signal` is aborted and for faults of our own.
 */
export async function survey(reader: FelicaReader, options: SurveyOptions): Promise<SurveyReport> {
  const { clock, signal, preflight = null } = options;
  const startedAt = new Date(clock()).toISOString();
  const taken: RunNotes[] = [];
  const cutShortBy = await endOf(options, async (own) => {
    await takeRuns(reader, { ...options, signal: own }, taken);
  });
  if (signal.aborted) throw abortError(signal);
  return {
    format: SURVEY_FORMAT,
    startedAt,
    endedAt: new Date(clock()).toISOString(),
    reader: { name: cleanField(reader.name) ?? 'unnamed', serial: reader.serial },
    preflight,
    runs: taken.map((notes) => notes.report()),
    cutShortBy,
  };
}

/** Code of the error that ended it; null where it came to its end. */
async function endOf(
  options: WaitOptions,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<string | null> {
  try {
    await withDeadline(options, 'deadline-passed', work);
    return null;
  } catch (thrown) {
    const error = asSarachiError(thrown);
    if (error.code === 'internal' || error.code === 'aborted') throw error;
    return error.code;
  }
}

async function takeRuns(
  reader: FelicaReader,
  options: SurveyOptions,
  taken: RunNotes[],
): Promise<void> {
  const { hashId, signal, before = null, everyNode = false, pause = sleep, onRun } = options;
  const plan = { before: nodesToProbe(before), everyNode };
  do {
    const asker = new Asker(reader, signal);
    const notes = new RunNotes(asker, hashId);
    taken.push(notes);
    onRun?.(taken.length);
    await asker.cycleField();
    if (taken.length > 1) await pause(FIELD_OFF_MS, signal);
    await surveyRun(asker, notes, plan);
    await asker.cycleField();
  } while (wantsAnother(taken.map((notes) => notes.report())));
}

/** A run in which the air failed though a chip was there may go better; nothing else is tried more than twice. */
function wantsAnother(runs: readonly SurveyRun[]): boolean {
  const last = runs.at(-1);
  if (last?.target === 'other' || last?.target === 'mixed' || last?.sameChip === false)
    return false;
  if (runs.length < RUNS) return true;
  const undisturbed = runs.filter(({ faults }) => faults === 0);
  const couldGoBetter = last?.target === 'mobile' && last.ended;
  return undisturbed.length < RUNS && couldGoBetter && runs.length < MAX_RUNS;
}
