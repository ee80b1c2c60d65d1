import { SarachiError } from '../../errors.js';
import type { CarrierAnswer } from '../answer.js';
import { readAnswer } from '../broker/records.js';
import { CARRIERS, type Carrier } from '../marks.js';
import type { AnswerPage, ChangeEntry, RestrictionPages, RunOfImei } from './restriction-book.js';

/** What made the desk write an answer down. */
export const NOTE_REASONS = ['stage', 'recheck', 'import', 'manual'] as const;
export type NoteReason = (typeof NOTE_REASONS)[number];

/** One answer in the ledger. */
export interface StatedAnswer {
  readonly seq: number;
  /** ISO time of the entry. */
  readonly at: string;
  readonly run: string | null;
  readonly by: string;
  readonly reason: NoteReason;
  readonly answer: CarrierAnswer;
  /** Why it no longer counts. */
  readonly withdrawn: { readonly seq: number; readonly at: string; readonly why: string } | null;
}

/** One `restriction-changed` entry. */
export interface RestrictionChange {
  readonly seq: number;
  readonly at: string;
  readonly carrier: Carrier;
  readonly imei: string;
  readonly from: string;
  readonly to: string;
  /** Whom the new mark concerns, where it is a cross. */
  readonly scope: CarrierAnswer['scope'];
  /** Every run of this IMEI, newest first. */
  readonly runs: readonly string[];
  readonly certificates: readonly { readonly run: string; readonly sha256: string }[];
}

/** Everything that is known about one IMEI. */
export interface RestrictionHistory {
  readonly imei: string;
  readonly carriers: readonly {
    readonly carrier: Carrier;
    /** The mark of the latest check that counts; null where there is none. */
    readonly newest: StatedAnswer | null;
    /** Newest entry first. */
    readonly answers: readonly StatedAnswer[];
  }[];
  readonly changes: readonly (RestrictionChange & { readonly withdrawn: boolean })[];
  readonly runs: readonly RunOfImei[];
}

/** Longest lists that are given at once; the ledger has all. */
const MOST_ANSWERS = 300;
const MOST_CHANGES = 50;
const MOST_RUNS = 50;

/** Reads the history of an IMEI (15 digits); of one that nobody ever spoke of everything is empty. */
export function readHistory(pages: RestrictionPages, imei: string): RestrictionHistory {
  const stated = pages.answersOf(imei, MOST_ANSWERS).flatMap((page) => readStated(page) ?? []);
  const carriers = CARRIERS.map((carrier) => {
    const { newest } = pages.standing({ imei, carrier });
    const page = newest ? pages.answerAt(newest.seq) : null;
    const answers = stated.filter(({ answer }) => answer.carrier === carrier);
    return { carrier, newest: page && readStated(page), answers };
  });
  return {
    imei,
    carriers: carriers.filter(({ answers, newest }) => answers.length > 0 || newest !== null),
    changes: pages.changesOf(imei, MOST_CHANGES).map(readChange),
    runs: pages.runsOf(imei, MOST_RUNS),
  };
}

/** null for an entry of a later version, which may say what this one cannot know. */
export function readStated({ entry, withdrawal }: AnswerPage): StatedAnswer | null {
  const { seq, at, run, body } = entry;
  const answer = readAnswer(body['answer']);
  const reason = NOTE_REASONS.find((known) => known === body['reason']);
  if (!answer || !reason) return null;
  const withdrawn = withdrawal && {
    ...{ seq: withdrawal.seq, at: withdrawal.at, why: String(withdrawal.body['why']) },
  };
  return { seq, at, run, by: String(body['by']), reason, answer, withdrawn };
}

/** Cast, not checked: the entry was written by this program and its hash chain verified. */
export function readChange({
  entry,
  withdrawn,
}: ChangeEntry): RestrictionChange & { readonly withdrawn: boolean } {
  const { seq, at, body } = entry;
  const said = body as unknown as Omit<RestrictionChange, 'seq' | 'at'>;
  const { carrier, imei, from, to, scope, runs, certificates } = said;
  if (!Array.isArray(runs)) throw new SarachiError('internal', { tag: 'change-entry-5d11', seq });
  return { seq, at, carrier, imei, from, to, scope, runs, certificates, withdrawn };
}
