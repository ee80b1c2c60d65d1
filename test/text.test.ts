import t from 'tap';
import { cleanField, cleanSerial } from '../src/text.js';

t.test('what steers, reorders or hides becomes a blank; what is to be read stays', async (t) => {
  const cases: readonly (readonly [raw: string, clean: string | null])[] = [
    ['Pixel 7', 'Pixel 7'],
    ['ＡＱＵＯＳ sense8 葛\u{e0100}', 'ＡＱＵＯＳ sense8 葛\u{e0100}'],
    ['e\u0301t\u00e9 نوكيا', 'e\u0301t\u00e9 نوكيا'],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['a\0b\u001b[2Jc\r\nd\u007fe\u009bf\tg', 'a b [2Jc d e f g'],
    ['a\u202egnp.exe\u2066b\u200f\u061cc', 'a gnp.exe b c'],
    ['a\u200bb\u2060c\ufeffd\u3164e\u{e0041}f\u2028g', 'a b c d e f g'],
    ['a\ud800b\udc00c', 'a b c'],
    [`a${'\u0300'.repeat(200)}b`, 'a\u0300\u0300\u0300b'],
    ['\u0300\u0301a', 'a'],
    [Buffer.from([0x61, 0xff, 0xc3, 0x28]).toString('utf8'), 'a\ufffd\ufffd('],
    ['\u202e\0\u200b \u3164', null],
    ['', null],
  ];
  for (const [n, [raw, clean]] of cases.entries()) t.equal(cleanField(raw), clean, `case ${n}`);
});

t.test('a megabyte is cut at once, and never through a character', async (t) => {
  t.equal(cleanField('M'.repeat(1024 * 1024)), 'M'.repeat(128));
  t.equal(cleanField('𠮷'.repeat(1_000), 5), '𠮷𠮷');
  t.equal(cleanField(`\u202e${'x'.repeat(300)}`, 200)?.length, 200);
  const began = performance.now();
  for (const part of ['\u202e', ' ', '\u0300', '𠮷', '\ud800'])
    cleanField(part.repeat(1024 * 1024));
  t.ok(performance.now() - began < 20_000, 'whatever it is made of');
});

t.test('a serial is plain, or none', async (t) => {
  t.equal(cleanSerial(' R58M123456A\n'), 'R58M123456A');
  for (const bad of [
    '=1+1',
    '@x',
    '../x',
    '..',
    'a b',
    'a\u202eb',
    'a\0',
    'x'.repeat(65),
    '<b>',
    '',
  ])
    t.equal(cleanSerial(bad), null, `${bad.length} characters`);
});
