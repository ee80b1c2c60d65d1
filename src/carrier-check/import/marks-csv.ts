import { createHash } from 'node:crypto';
import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { normaliseImei } from '../../imei.js';
import { cleanField } from '../../text.js';
import type { CarrierAnswer } from '../answer.js';
import { COLUMNS, type Column, carrierOf, columnOf, writtenMark, writtenTime } from './cells.js';
import { decodeCsv } from './decode-csv.js';

/** Names this program in the evidence of its answers. */
export const MARKS_CSV = 'marks-csv/1';
/** The most lines of one file. */
export const MOST_LINES = 5000;
/** No carrier answered anybody before that day. */
const FIRST_CHECKS = Date.UTC(2009, 8, 30, 15);
/** Clocks of other computers may be ahead by so much. */
const AHEAD_MS = 5 * 60 * 1000;
const LONGEST_ROW = 4096;
const LONGEST_EXCERPT = 500;
const LONGEST_NAME = 64;

export interface CsvFault {
  /** 1 is the heading. */
  readonly line: number;
  /** null where the line as a whole is wrong. */
  readonly field: Column | null;
  readonly message: string;
}

export interface CsvRow {
  readonly line: number;
  readonly by: string;
  readonly answer: CarrierAnswer;
}

export type CsvReading =
  | { readonly rows: readonly CsvRow[]; readonly faults: null }
  | { readonly rows: null; readonly faults: readonly CsvFault[] };

const recordSchema = z.array(
  z.object({
    record: z.array(z.string()),
    info: z.object({ lines: z.int() }),
    raw: z.string(),
  }),
);
type CsvRecord = z.infer<typeof recordSchema>[number];

/**
 * Reads a file of marks with the columns imei, carrier, mark, checkedAt, by, in any order and beside others. Either all
 * lines are good or none is taken, and then every fault is named. `now` is ms since the epoch.
 */
export function readMarksCsv(bytes: Uint8Array, charset: string | null, now: number): CsvReading {
  const { text, why } = decodeCsv(bytes, charset);
  if (text === null) return faulty([{ line: 1, field: null, message: why }]);
  const records = recordsOf(text);
  if ('message' in records) return faulty([records]);
  const [heading, ...lines] = records;
  if (!heading || lines.length === 0)
    return faulty([{ line: 1, field: null, message: 'there is no line below a heading' }]);
  if (lines.length > MOST_LINES)
    return faulty([{ line: 1, field: null, message: `more than ${MOST_LINES} lines` }]);
  const columns = heading.record.map(columnOf);
  const wrong = headingFaults(columns);
  if (wrong.length > 0) return faulty(wrong);
  const read = lines.map((line) => readRow(line, columns, now));
  const faults = [...read.flatMap((row) => row.faults ?? [])];
  const rows = read.flatMap((row) => row.row ?? []);
  faults.push(...contradictions(rows));
  faults.sort((a, b) => a.line - b.line);
  return faults.length > 0 ? faulty(faults) : { rows, faults: null };
}

function faulty(faults: readonly CsvFault[]): CsvReading {
  return { rows: null, faults };
}

function recordsOf(text: string): CsvRecord[] | CsvFault {
  try {
    const options = { info: true, raw: true, trim: true, relax_column_count: true } as const;
    const more = { skip_records_with_empty_values: true, max_record_size: LONGEST_ROW };
    return recordSchema.parse(parse(text, { ...options, ...more, skip_empty_lines: true }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error['lines'] === 'number' ? error['lines'] : 1;
    return { line, field: null, message: `is not CSV: ${error.code}` };
  }
}

function headingFaults(columns: readonly (Column | null)[]): CsvFault[] {
  return COLUMNS.flatMap((field) => {
    const times = columns.filter((column) => column === field).length;
    if (times === 1) return [];
    const message = times === 0 ? 'there is no such column' : 'there are two such columns';
    return [{ line: 1, field, message }];
  });
}

function readRow(
  { record, info, raw }: CsvRecord,
  columns: readonly (Column | null)[],
  now: number,
): { row: CsvRow; faults: null } | { row: null; faults: readonly CsvFault[] } {
  const { lines: line } = info;
  const faults: CsvFault[] = [];
  const bad = (field: Column | null, message: string) => faults.push({ line, field, message });
  if (record.length !== columns.length)
    bad(null, `has ${record.length} fields where the heading has ${columns.length}`);
  const cell = (field: Column) => record[columns.indexOf(field)] ?? '';
  const imei = normaliseImei(cell('imei'), 'typed');
  const why = imei.kind === 'refused' ? imei.why : imei.kind;
  if (imei.kind !== 'imei') bad('imei', `is no IMEI: ${why}`);
  const carrier = carrierOf(cell('carrier'));
  if (!carrier) bad('carrier', 'is no carrier that is known here');
  const mark = writtenMark(cell('mark'));
  if (!mark) bad('mark', 'must be ○, △, × or －');
  const checkedAt = writtenTime(cell('checkedAt'));
  const timeFault = faultOfTime(checkedAt, now);
  if (timeFault) bad('checkedAt', timeFault);
  const by = cleanField(cell('by'), LONGEST_NAME);
  if (by === null || by !== cell('by')) bad('by', 'must be one printable line, at most 64 long');
  if (imei.kind !== 'imei' || !carrier || !mark || checkedAt === null || by === null)
    return { row: null, faults };
  if (faults.length > 0) return { row: null, faults };
  const row = raw.trim();
  const answer: CarrierAnswer = {
    ...{ carrier, imei: imei.imei, mark, outcome: 'ok', rawGlyph: cell('mark') },
    ...{ rawText: null, source: 'csv', checkedAt: new Date(checkedAt).toISOString() },
    evidence: {
      sha256: createHash('sha256').update(row).digest('hex'),
      ...{ excerpt: row.slice(0, LONGEST_EXCERPT), parser: MARKS_CSV },
    },
    // Whom a cross bars, no file says.
    scope: 'unknown',
  };
  return { row: { line, by, answer }, faults: null };
}

function faultOfTime(time: number | null, now: number): string | null {
  if (time === null) return 'must be a time such as 2026-04-01 09:30';
  if (time > now + AHEAD_MS) return 'is in the future';
  return time < FIRST_CHECKS ? 'is before the first checks of 2009-10-01' : null;
}

/** A carrier has one mark for one IMEI at one moment. */
function contradictions(rows: readonly CsvRow[]): CsvFault[] {
  const seen = new Map<string, CsvRow>();
  return rows.flatMap((row) => {
    const { imei, carrier, checkedAt, mark } = row.answer;
    const key = `${imei} ${carrier} ${checkedAt}`;
    const before = seen.get(key);
    if (!before) seen.set(key, row);
    if (!before || before.answer.mark === mark) return [];
    return [{ line: row.line, field: 'mark', message: `says otherwise than line ${before.line}` }];
  });
}
