import { createHash } from 'node:crypto';
import iconv from 'iconv-lite';
import t from 'tap';
import { columnOf, writtenMark, writtenTime } from '../../src/carrier-check/import/cells.js';
import { decodeCsv } from '../../src/carrier-check/import/decode-csv.js';
import { MOST_LINES, readMarksCsv } from '../../src/carrier-check/import/marks-csv.js';
import { imeiOf } from './helpers/broker-world.js';

const NOW = Date.UTC(2026, 3, 10);
const [one, two] = [imeiOf(1), imeiOf(2)];
const JAPANESE = `製造番号,キャリア,メモ,判定,確認日時,確認者
${one},ドコモ,"店頭, 1階",○,2026/4/1 9:30,佐藤
${two},ａｕ,,△,2026年4月2日,鈴木
`;

function read(text: string, charset: string | null = null) {
  return readMarksCsv(Buffer.from(text), charset, NOW);
}

t.test(
  'the same file in every charset and with every name for it gives the same marks',
  async (t) => {
    const sjis = iconv.encode(JAPANESE, 'Shift_JIS');
    const bom = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(JAPANESE)]);
    const crlf = Buffer.from(JAPANESE.replaceAll('\n', '\r\n'));
    const files: [string, Buffer, string | null][] = [
      ['UTF-8', Buffer.from(JAPANESE), null],
      ['UTF-8, named', Buffer.from(JAPANESE), 'utf-8'],
      ['UTF-8 with byte order mark', bom, null],
      ['the same, named', bom, 'UTF-8'],
      ['Windows line ends', crlf, null],
      ['Shift_JIS, found out', sjis, null],
      ...['shift_jis', 'Shift_JIS', 'sjis', 'windows-31j', 'cp932'].map(
        (name): [string, Buffer, string] => [`Shift_JIS as ${name}`, sjis, name],
      ),
    ];
    for (const [what, bytes, charset] of files) {
      const { rows } = readMarksCsv(bytes, charset, NOW);
      t.match(
        rows,
        [
          {
            ...{ line: 2, by: '佐藤' },
            answer: {
              ...{ carrier: 'docomo', imei: one, mark: 'circle', outcome: 'ok', source: 'csv' },
              ...{ rawGlyph: '○', checkedAt: '2026-04-01T00:30:00.000Z', scope: 'unknown' },
              evidence: { parser: 'marks-csv/1', excerpt: /店頭, 1階/ },
            },
          },
          {
            ...{ line: 3, by: '鈴木' },
            answer: { carrier: 'kddi', mark: 'triangle', checkedAt: '2026-04-01T15:00:00.000Z' },
          },
        ],
        what,
      );
    }
    const [row] = read(JAPANESE).rows ?? [];
    const text = JAPANESE.split('\n')[1] ?? '';
    const sha256 = createHash('sha256').update(text).digest('hex');
    t.equal(row?.answer.evidence?.sha256, sha256);
  },
);

t.test('bytes that are no text are refused, whatever they are called', async (t) => {
  const sjis = iconv.encode(JAPANESE, 'Shift_JIS');
  t.equal(decodeCsv(sjis, 'utf-8').text, null);
  t.equal(decodeCsv(Buffer.from(JAPANESE), 'shift_jis').text, null);
  t.equal(decodeCsv(Buffer.from([0xff, 0xfe, 0x41, 0x00]), null).text, null, 'UTF-16');
  t.equal(decodeCsv(iconv.encode(JAPANESE, 'euc-jp'), 'euc-jp').text, null);
  t.equal(decodeCsv(Buffer.from('a'), 'utf-16le').text, null);
  t.equal(decodeCsv(Buffer.from('a'), 'no-such').text, null);
  t.match(readMarksCsv(sjis, 'utf-8', NOW), { rows: null, faults: [{ line: 1, field: null }] });
});

t.test('every fault is named, and then nothing is read', async (t) => {
  const head = 'imei,carrier,mark,checkedAt,by\n';
  const good = `${one},docomo,circle,2026-04-01,sato\n`;
  const at = '2026-04-01';
  const cases: [string, string, object[]][] = [
    ['nothing', '', [{ line: 1, field: null }]],
    ['a heading alone', head, [{ line: 1, field: null }]],
    [
      'columns that are missing or twice',
      `imei,imei,mark,by\n${one},${one},○,sato`,
      [
        { line: 1, field: 'imei', message: /two/ },
        { line: 1, field: 'carrier', message: /no such/ },
        { line: 1, field: 'checkedAt' },
      ],
    ],
    [
      'a wrong digit',
      `${head}${good}${one.slice(0, 14)}x,docomo,○,${at},sato`,
      [{ line: 3, field: 'imei', message: 'is no IMEI: wrong-characters' }],
    ],
    [
      'no IMEI at all',
      `${head}001010123456780,docomo,○,${at},s\nA0000012345678,docomo,○,${at},s\n3.5E+14,docomo,○,${at},s`,
      [
        { line: 2, field: 'imei', message: /test-imei/ },
        { line: 3, field: 'imei', message: /meid/ },
        { line: 4, field: 'imei' },
      ],
    ],
    [
      'everything at once',
      `${head}1,nobody,◎,soon,\n${good}`,
      ['imei', 'carrier', 'mark', 'checkedAt', 'by'].map((field) => ({ line: 2, field })),
    ],
    [
      'times that cannot be',
      `${head}${one},au,○,2026-02-30,s\n${one},au,○,2026-05-01,s\n${one},au,○,2009-09-30,s\n${one},au,○,2026-04-01T25:00:00Z,s`,
      [2, 3, 4, 5].map((line) => ({ line, field: 'checkedAt' })),
    ],
    ['too few fields', `${head}${one},docomo`, [{ line: 2, field: null, message: /2 fields/ }]],
    ['an open quote', `${head}"${one},docomo,○,${at},s`, [{ field: null, message: /CSV_/ }]],
    [
      'a contradiction',
      `${head}${good}${good}${good.replace('circle', 'cross')}`,
      [{ line: 4, field: 'mark', message: /line 2/ }],
    ],
    ['an endless line', `${head}${'x'.repeat(10_000)}`, [{ field: null }]],
    ['too many lines', head + good.repeat(MOST_LINES + 1), [{ message: /more than/ }]],
    [
      'a name that is no line of text',
      `${head}${one},docomo,○,${at},"a\u202Eb"\n${one},docomo,○,${at},${'n'.repeat(65)}`,
      [
        { line: 2, field: 'by' },
        { line: 3, field: 'by' },
      ],
    ],
  ];
  for (const [what, text, faults] of cases) {
    const reading = read(text);
    t.equal(reading.rows, null, what);
    t.match(reading.faults?.slice(0, faults.length), faults, what);
  }
  t.equal(read(head + good).rows?.length, 1);
  t.equal(read(`${head}${good.trim()},,\n`).rows, null, 'a longer line is a fault');
  t.equal(read(`${head}\n${good}\n,,,,\n`).rows?.length, 1, 'empty lines are none');
});

t.test('what people write', async (t) => {
  const marks = { circle: '○◯〇⚪', triangle: '△▲', cross: '×✕✖XxＸ', dash: '－-−ー―' };
  for (const [mark, glyphs] of Object.entries(marks))
    for (const glyph of glyphs) t.equal(writtenMark(` ${glyph}`), mark, glyph);
  t.equal(writtenMark('⚪\uFE0E'), 'circle');
  for (const none of ['', '○×', '◎', 'ok', 'unknown', 'データ', '0', 'O'])
    t.equal(writtenMark(none), null, none);
  for (const heading of ['IMEI', ' imei ', 'ＩＭＥＩ', '製造番号'])
    t.equal(columnOf(heading), 'imei');
  for (const heading of ['checkedAt', 'checked_at', '確認日時', '照会日'])
    t.equal(columnOf(heading), 'checkedAt', heading);
  t.equal(columnOf('memo'), null);
  const nine = Date.UTC(2026, 3, 1, 0, 30);
  for (const text of [
    ...['2026-04-01 09:30', '2026/4/1 9:30', '2026.04.01 9:30:00', '2026年4月1日 9:30'],
    ...['2026-04-01T00:30Z', '2026-04-01T09:30:00+09:00', '２０２６/４/１　９:３０'],
  ])
    t.equal(writtenTime(text), nine, text);
  t.equal(writtenTime('2026-04-01'), Date.UTC(2026, 2, 31, 15));
  for (const none of [
    '',
    'today',
    '2026-13-01',
    '2026-04-31',
    '2026-04-01 24:00',
    '4/1/2026',
    '46113',
  ])
    t.equal(writtenTime(none), null, none);
});
