import type Database from 'better-sqlite3';
import { z } from 'zod';
import type { LedgerEntry } from './entry.js';

/** A carrier said a mark, and nobody took it back. */
export const COUNTS = `outcome = 'ok' AND mark <> 'unknown' AND withdrawn IS NULL`;

export const RESTRICTION_TABLES = `
  CREATE TABLE restrictions (seq INTEGER PRIMARY KEY, imei TEXT NOT NULL, carrier TEXT NOT NULL, mark TEXT NOT NULL,
    outcome TEXT NOT NULL, checked_at TEXT NOT NULL, source TEXT NOT NULL, run TEXT, at TEXT NOT NULL, withdrawn INTEGER);
  CREATE INDEX restrictions_by_pair ON restrictions (imei, carrier, checked_at, seq);
  CREATE INDEX restrictions_that_count ON restrictions (imei, carrier, checked_at, seq, mark) WHERE ${COUNTS};
  CREATE TABLE restriction_changes (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, imei TEXT NOT NULL, carrier TEXT NOT NULL,
    mark TEXT NOT NULL, answer INTEGER NOT NULL);
  CREATE INDEX restriction_changes_by_pair ON restriction_changes (imei, carrier, seq);
  CREATE TABLE restriction_withdrawals (carrier TEXT NOT NULL, imei TEXT NOT NULL, at TEXT NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (carrier, imei, at)) WITHOUT ROWID;`;

// Only what the index itself needs; an entry that says less is kept as a line and is in no answer.
const name = z.string();
const time = z.iso.datetime({ offset: true }).transform(utc);
const answeredBody = z.object({
  answer: z.object({
    ...{ carrier: name, imei: name, mark: name, outcome: name, source: name },
    checkedAt: time,
  }),
});
const changedBody = z.object({ carrier: name, imei: name, to: name, answer: z.int() });
const withdrawnBody = z.object({
  ...{ carrier: name, imeis: z.array(name), at: time, answers: z.array(z.int()) },
});

/** The one form in which times sort as text. */
export function utc(time: string): string {
  return new Date(time).toISOString();
}

/** Writes what an entry says about restrictions into the tables; most entries say nothing. */
export function takeRestriction(db: Database.Database, entry: LedgerEntry): void {
  if (entry.type === 'restriction-answered') takeAnswer(db, entry);
  else if (entry.type === 'restriction-changed') takeChange(db, entry);
  else if (entry.type === 'restriction-withdrawn') takeWithdrawal(db, entry);
}

function takeAnswer(db: Database.Database, { seq, at, run, body }: LedgerEntry): void {
  const answer = answeredBody.safeParse(body).data?.answer;
  if (!answer) return;
  const { imei, carrier, mark, outcome, checkedAt, source } = answer;
  db.prepare('INSERT INTO restrictions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)').run(
    ...[seq, imei, carrier, mark, outcome, checkedAt, source, run, at],
  );
}

function takeChange(db: Database.Database, { seq, at, body }: LedgerEntry): void {
  const change = changedBody.safeParse(body).data;
  if (!change) return;
  const { imei, carrier, to, answer } = change;
  db.prepare('INSERT INTO restriction_changes VALUES (?, ?, ?, ?, ?, ?)').run(
    ...[seq, at, imei, carrier, to, answer],
  );
}

function takeWithdrawal(db: Database.Database, { seq, body }: LedgerEntry): void {
  const withdrawal = withdrawnBody.safeParse(body).data;
  if (!withdrawal) return;
  const { carrier, imeis, at, answers } = withdrawal;
  const note = db.prepare('INSERT OR IGNORE INTO restriction_withdrawals VALUES (?, ?, ?, ?)');
  for (const imei of imeis) note.run(carrier, imei, at, seq);
  const strike = db.prepare(
    'UPDATE restrictions SET withdrawn = ? WHERE seq = ? AND carrier = ? AND withdrawn IS NULL',
  );
  for (const answer of answers) strike.run(seq, answer, carrier);
}
