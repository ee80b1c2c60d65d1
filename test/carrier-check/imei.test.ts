import t from 'tap';
import { imeiCheckDigit, isImei, normaliseImei } from '../../src/imei.js';

const GOOD = '490154203237518';
const imei = (text: string, cdComputed: boolean, from: string) =>
  ({ kind: 'imei', imei: text, cdComputed, from }) as const;
const refused = (why: string) => ({ kind: 'refused', why }) as const;

t.test('every written form of an IMEI is one IMEI', async (t) => {
  const forms = [
    GOOD,
    '49-015420-323751-8',
    '490154/20/323751/8',
    '４９０１５４２０３２３７５１８',
    ' 4901 5420 3237\u30005 1 8\n',
    '４９－０１５４２０－３２３７５１－８',
    '49ー015420ー323751ー8',
    '49\u2010015420\u2212323751\u20138',
    '\u200b490154203237518\ufeff',
  ];
  for (const form of forms) {
    t.strictSame(normaliseImei(form, 'typed'), imei(GOOD, false, 'imei'), form);
    t.strictSame(normaliseImei(form, 'handset'), imei(GOOD, false, 'imei'), form);
  }
  t.strictSame(normaliseImei('352099001761481', 'typed'), imei('352099001761481', false, 'imei'));
  t.strictSame(normaliseImei('356868000041418', 'typed'), imei('356868000041418', false, 'imei'));
});

t.test('a missing check digit is computed and said to be', async (t) => {
  t.strictSame(normaliseImei('35000000000001', 'typed'), imei('350000000000014', true, 'imei-14'));
  t.strictSame(normaliseImei('49015420323751', 'handset'), imei(GOOD, true, 'imei-14'));
  t.strictSame(normaliseImei('4901542032375101', 'typed'), imei(GOOD, true, 'imeisv'));
  t.strictSame(normaliseImei('49-015420-323751-01', 'handset'), imei(GOOD, true, 'imeisv'));
});

t.test(
  'the spare 0 of a modem is no check digit; a person who types it made a mistake',
  async (t) => {
    const spare = '490154203237510';
    t.strictSame(normaliseImei(spare, 'handset'), imei(GOOD, true, 'imei'));
    t.strictSame(normaliseImei(spare, 'typed'), refused('wrong-check-digit'));
    const realZero = `35209900176148${imeiCheckDigit('35209900176148')}`;
    t.equal(realZero, '352099001761481');
    const ends = Array.from({ length: 10 }, (_, n) => `3520990017614${n}`).map(
      (digits) => `${digits}${imeiCheckDigit(digits)}`,
    );
    const zero = ends.find((text) => text.endsWith('0')) ?? '';
    t.strictSame(normaliseImei(zero, 'handset'), imei(zero, false, 'imei'), 'a 0 that is right');
  },
);

t.test('what is no IMEI in trade is refused with its reason', async (t) => {
  const cases: [string, string][] = [
    ['490154203237517', 'wrong-check-digit'],
    ['356868000041412', 'wrong-check-digit'],
    ['000000000000000', 'all-same-digit'],
    ['111111111111111', 'all-same-digit'],
    ['00000000000000', 'all-same-digit'],
    ['0000000000000000', 'all-same-digit'],
    [`11111111111111${imeiCheckDigit('11111111111111')}`, 'all-same-digit'],
    ['001010123456780', 'test-imei'],
    ['00440112345678', 'test-imei'],
    ['', 'empty'],
    [' -- ', 'empty'],
    ['4901542032375', 'wrong-length'],
    ['49015420323751012', 'wrong-length'],
    ['9'.repeat(10_000), 'wrong-length'],
    ['49015420323751O', 'wrong-characters'],
    ['IMEI490154203237518', 'wrong-characters'],
    ['٤٩٠١٥٤٢٠٣٢٣٧٥١٨', 'wrong-characters'],
    ['35A00000123456', 'wrong-characters'],
    ['490154203237518;', 'wrong-characters'],
  ];
  for (const [text, why] of cases) {
    t.strictSame(normaliseImei(text, 'typed'), refused(why), text.slice(0, 40));
    t.equal(normaliseImei(text, 'handset').kind, 'refused', text.slice(0, 40));
  }
});

t.test('a MEID is told apart', async (t) => {
  const meid = { kind: 'meid', meid: 'A0000012345678' } as const;
  t.strictSame(normaliseImei('A0000012345678', 'handset'), meid);
  t.strictSame(normaliseImei('a0 000012 345678 c', 'typed'), meid, 'with its check digit');
  t.strictSame(normaliseImei('99000012345678', 'handset').kind, 'imei', 'all digits serve as both');
});

t.test('whatever is taken has 15 digits, passes Luhn and is stable', async (t) => {
  let taken = 0;
  for (let number = 0; number < 3000; number += 1) {
    const digits = String(35_000_000_000_000 + number * 7_919_000_003).slice(0, 14);
    for (const text of [digits, `${digits}0`, `${digits}99`]) {
      const read = normaliseImei(text, 'handset');
      if (read.kind !== 'imei') {
        t.fail(text);
        continue;
      }
      if (!isImei(read.imei)) t.fail(`${text} gave ${read.imei}`);
      const again = normaliseImei(read.imei, 'typed');
      if (again.kind !== 'imei' || again.imei !== read.imei) t.fail(`${read.imei} is not stable`);
      taken += 1;
    }
  }
  t.equal(taken, 9000);
  t.notOk(isImei('4901542032375'));
  t.notOk(isImei('000000000000000'));
});
