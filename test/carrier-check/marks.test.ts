import iconv from 'iconv-lite';
import t from 'tap';
import { loadCarrierRules } from '../../src/carrier-check/carriers/rules.js';
import { type PrintedMark, readMark } from '../../src/carrier-check/marks.js';
import { RULES_FILE } from './helpers/rules.js';

const { glyphs } = loadCarrierRules(RULES_FILE);
const markOf = (text: string) => readMark(text, glyphs).mark;

const PRINTED: readonly (readonly [
  glyph: string,
  mark: PrintedMark,
  utf8: string,
  cp932: string,
])[] = [
  ['○', 'circle', 'e2978b', '819b'],
  ['◯', 'circle', 'e297af', '81fc'],
  ['〇', 'circle', 'e38087', '815a'],
  ['\u26AA\uFE0E', 'circle', 'e29aaaefb88e', ''],
  ['△', 'triangle', 'e296b3', '81a2'],
  ['▲', 'triangle', 'e296b2', '81a3'],
  ['×', 'cross', 'c397', '817e'],
  ['✕', 'cross', 'e29c95', ''],
  ['✖', 'cross', 'e29c96', ''],
  ['X', 'cross', '58', '58'],
  ['Ｘ', 'cross', 'efbcb8', '8277'],
  ['－', 'dash', 'efbc8d', '817c'],
  ['-', 'dash', '2d', '2d'],
  ['\u2212', 'dash', 'e28892', ''],
  ['ー', 'dash', 'e383bc', '815b'],
  ['―', 'dash', 'e28095', '815c'],
];

t.test('every way to print a mark is read from its bytes', async (t) => {
  for (const [glyph, mark, utf8, cp932] of PRINTED) {
    t.equal(markOf(Buffer.from(utf8, 'hex').toString('utf8')), mark, `${glyph} ${utf8}`);
    t.equal(readMark(`  ${glyph}\u3000\n`, glyphs).rawGlyph, glyph, 'as printed');
    if (cp932 !== '') {
      t.equal(markOf(new TextDecoder('shift_jis').decode(Buffer.from(cp932, 'hex'))), mark, cp932);
      t.equal(markOf(iconv.decode(Buffer.from(cp932, 'hex'), 'cp932')), mark, cp932);
    }
  }
  t.equal(glyphs.length, PRINTED.length, 'the rules hold these and no others');
});

t.test('a mark may have words behind it, if it does not run into them', async (t) => {
  t.equal(markOf('△ 分割支払金のお支払いが残っています'), 'triangle');
  t.equal(markOf('×\u3000利用制限中です。'), 'cross');
  t.equal(markOf('○\n利用制限の対象外です。'), 'circle');
  t.equal(markOf('－ ネットワークデータ'), 'dash');
  t.equal(markOf('ー\nデータがありません'), 'dash', 'a line of its own');
});

t.test('what is no mark is unknown', async (t) => {
  for (const text of [
    '',
    '   ',
    '◎',
    '●',
    'O',
    'o',
    '0',
    '。',
    '◯◯',
    '〇月〇日',
    '○です',
    '○：対象外',
    'ー ネットワーク',
    'ーク',
    '- not found',
    '-1',
    'X線',
    'XX',
    'Xperia',
    '- X',
    'ネットワーク',
    '\u200b○',
    '\uFFFD',
    '結果 ○',
    '制限なし',
    '○○',
    '&#9675;',
    '𝕏',
  ]) {
    const read = readMark(text, glyphs);
    t.equal(read.mark, 'unknown', JSON.stringify(text));
    t.ok(read.why);
  }
});

t.test('a text with several marks is a legend, whatever it begins with', async (t) => {
  for (const text of [
    '○ △ × －',
    '○\n△\n×\n－',
    '○ 対象外 △ 可能性あり',
    '○ 対象外です。×は利用制限中です。',
    '○ -',
    '○ X',
    '－ 登録なし ○ 対象外',
    '△ または▲と×',
  ]) {
    t.equal(markOf(text), 'unknown', JSON.stringify(text));
  }
  t.equal(markOf('△ この端末は△(または▲)です'), 'triangle', 'the same mark again');
  t.equal(markOf('○ 2026-04-01 現在'), 'circle', 'a hyphen inside a word');
});
