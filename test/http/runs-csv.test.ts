import { parse } from 'csv-parse/sync';
import t from 'tap';
import { csvCell, runsAsCsv } from '../../src/http/csv.js';
import type { RunQuery, RunSummary } from '../../src/http/rack-api.js';
import { IMEI, SERIAL } from './memory-rack.js';
import { testApp } from './test-app.js';

const CSV = { accept: 'text/csv' } as const;

t.test('a cell is quoted, short, printable, and never a formula', async (t) => {
  const cases = {
    'Pixel 7': '"Pixel 7"',
    'say "hi", you': '"say ""hi"", you"',
    "=cmd|' /C calc'!A0": `"'=cmd|' /C calc'!A0"`,
    '+1': `"'+1"`,
    '-2+3': `"'-2+3"`,
    '@SUM(1)': `"'@SUM(1)"`,
    '\t=1': `"'=1"`,
    '\u200b\u202e=1': `"'=1"`,
    '＝1+1': `"'＝1+1"`,
    'a\r\n=1': '"a =1"',
  };
  for (const [raw, cell] of Object.entries(cases)) t.equal(csvCell(raw), cell);
  t.equal(csvCell(null), '""');
  t.equal(csvCell('x'.repeat(1024 * 1024)).length, 258);
});

t.test('the history is a CSV file by Accept or format, with every filter', async (t) => {
  const { app, rack } = await testApp();
  for (const asked of [{ url: '/api/v1/runs', headers: CSV }, '/api/v1/runs?format=csv']) {
    const reply = await app.inject(asked);
    t.equal(reply.statusCode, 200);
    t.equal(reply.headers['content-type'], 'text/csv; charset=utf-8; header=present');
    t.match(reply.headers['content-disposition'], /^attachment; filename="sarachi-runs\.csv"$/);
    t.equal(reply.headers['vary'], 'accept');
    const [row, ...rest] = parse(reply.body, { bom: true, columns: true });
    t.match(row, { run: 'run-1', model: 'Pixel 7', imeis: IMEI, serial: SERIAL, lane: 'release' });
    t.equal(rest.length, 1, 'the second page is in it');
  }
  await app.inject('/api/v1/runs?format=csv&verdict=failed&limit=7&cursor=abc');
  t.match(rack.queries.at(-2), { verdict: 'failed', limit: 200 });
  t.notMatch(rack.queries.at(-2), { cursor: 'abc' });
  const json = await app.inject({ url: '/api/v1/runs?format=json', headers: CSV });
  t.match(json.headers['content-type'], /^application\/json/);
  const neither = await app.inject({ url: '/api/v1/runs', headers: { accept: 'image/png' } });
  t.equal(neither.statusCode, 406);
  t.equal((await app.inject('/api/v1/runs?format=xml')).statusCode, 400);
});

t.test('pages are looked up as they are read', async (t) => {
  const asked: (string | undefined)[] = [];
  const look = ({ cursor }: RunQuery) => {
    asked.push(cursor);
    const n = Number(cursor ?? '0');
    const run = { run: `run-${n}`, imeis: [], model: null } as unknown as RunSummary;
    return { runs: [run], nextCursor: n === 2 ? null : String(n + 1) };
  };
  const file = runsAsCsv({}, look)[Symbol.asyncIterator]();
  t.same(asked, [undefined], 'a query that is refused is refused before anything is sent');
  const pieces: string[] = [];
  for (let next = await file.next(); !next.done; next = await file.next()) pieces.push(next.value);
  t.same(asked, [undefined, '1', '2']);
  t.equal(parse(pieces.join(''), { bom: true }).length, 4);
});
