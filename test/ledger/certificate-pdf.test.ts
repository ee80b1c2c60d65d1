import { execFileSync, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { byteCount, shortBytes } from '../../src/ledger/byte-count.js';
import type { CertificateFacts } from '../../src/ledger/certificate-facts.js';
import type { Lane, Verdict } from '../../src/ledger/entry.js';
import { reasonWords } from '../../src/ledger/pdf/reason-words.js';
import { renderCertificatePdf } from '../../src/ledger/pdf/render-certificate-pdf.js';
import { japanTime, shippingLook, VERDICT_LOOK } from '../../src/ledger/pdf/wording.js';
import { sha256Hex } from '../../src/ledger/sha256.js';
import { failedFacts, passedFacts, signed } from './helpers/facts.js';
import {
  erasedIphone,
  lockedIphone,
  overwrittenIphone,
  returnedAndroid,
} from './helpers/iphone-facts.js';
import { freshFolder } from './helpers/ledgers.js';

const reader = spawnSync('pdftotext', ['-v']).error
  ? 'pdftotext (poppler-utils) is missing'
  : false;

async function read(t: Test, facts: CertificateFacts): Promise<string> {
  const file = join(await freshFolder(t), 'certificate.pdf');
  await writeFile(file, await renderCertificatePdf(signed(facts)));
  // NFKC: some fonts map two characters to one glyph, and the text comes back as the compatible one.
  return execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' })
    .normalize('NFKC')
    .replace(/ +/g, ' ')
    .replace(/(\d) ?\/ ?(\d)/g, '$1 / $2');
}

t.test('the same certificate always gives the same bytes, in one or two pages', async (t) => {
  for (const facts of [passedFacts(), failedFacts()]) {
    const [first, second] = [
      await renderCertificatePdf(signed(facts)),
      await renderCertificatePdf(signed(facts)),
    ];
    t.equal(sha256Hex(first), sha256Hex(second));
    const text = Buffer.from(first).toString('latin1');
    t.ok(text.startsWith('%PDF-1.'));
    t.equal(text.match(/\/Type \/Page\b/g)?.length, 2);
    t.ok(text.includes('(D:20261120014107Z)'), 'dated when it was settled');
    t.ok(first.length < 200_000, `${first.length} bytes`);
  }
});

t.test('what carriers said can be read, and what they did not', { skip: reader }, async (t) => {
  const facts = passedFacts();
  const mark = facts.evidence.find(({ value }) => value['carrier'] === 'kddi');
  if (!mark) throw new Error('no mark');
  const captcha = { carrier: 'softbank', mark: 'unknown', outcome: 'captcha', source: 'web' };
  const list = facts.evidence.map((fact) =>
    fact === mark ? { ...mark, holds: false, value: { ...mark.value, ...captcha } } : fact,
  );
  const text = await read(t, { ...facts, lane: 'attention', evidence: list });
  for (const word of [
    'docomo ○ manual 2026-11-20',
    'softbank 不明 web 2026-11-20',
    'Rules 2026-1 efefefefefef',
    'a captcha was asked for',
    'may change at any time',
  ])
    t.ok(text.includes(word), word);
  t.ok(text.replace(/\s/g, '').includes('softbank:画像認証が求められた'));
});

t.test('a passed one can be read with all its facts', { skip: reader }, async (t) => {
  const facts = passedFacts();
  const text = await read(t, facts);
  const wanted = [
    '消去証明書',
    'Certificate of sanitization',
    '合格',
    'PASSED',
    'NIST SP 800-88 Rev. 2',
    'Purge',
    'Google Pixel 8',
    '26061FDH2000AP',
    '356303481234561',
    '356303481234579',
    '2026-11-20 10:41:07 JST',
    '株式会社さら地リユース',
    '更地 一郎',
    '確認者',
    '証明していないこと',
    'reservedBytes: 128 MiB (134,217,728 B)',
    'JPKI',
    facts.run,
    'ledger 4711',
    '1 / 2',
    '2 / 2',
  ];
  for (const part of wanted) t.ok(text.includes(part.normalize('NFKC')), part);
  for (const { kind, method } of facts.evidence) {
    t.ok(text.includes(kind), kind);
    t.ok(text.includes(method.slice(0, 20)), method);
  }
});

t.test('a failed one cannot be taken for a pass', { skip: reader }, async (t) => {
  const text = await read(t, failedFacts());
  for (const part of [
    '消去記録(不合格)',
    '不合格',
    'FAILED',
    '消去の証明ではありません',
    'failed:overwrite-mismatch',
    'Did not hold',
  ]) {
    t.ok(text.includes(part), part);
  }
  for (const part of ['PASSED', '消去証明書', 'Certificate of sanitization', 'Purge:', 'release']) {
    t.notOk(text.includes(part), part);
  }
  const open = await read(t, { ...failedFacts(), verdict: 'inconclusive', lane: 'attention' });
  t.match(open, /消去記録\(未確定\)/);
  t.match(open, /INCONCLUSIVE/);
});

t.test(
  'an iPhone shows its numbers, its technique and what was overwritten',
  { skip: reader },
  async (t) => {
    const text = await read(t, overwrittenIphone());
    for (const part of [
      'Apple iPhone 15',
      'iOS 18.1.1 / 22B91',
      '00008130-0011284E0A3A001E',
      '11284E0A3A001E',
      'Purge: Cryptographic erase by the operating system',
      'Clear: Supplementary overwrite of free space, before the erase',
      '99.85% (77.2 GiB)',
      'not independently verified',
      'Apple Business Manager',
      'leftOverBytes: 112 MiB',
      '出荷可',
      'MAY SHIP',
    ])
      t.ok(text.includes(part.normalize('NFKC')), part);
    t.notMatch(text, /パッチ|ios-dp|TRIM/);
    const bare = await read(t, erasedIphone());
    for (const part of ['上書き: 行っていない(運用方針による)', 'Overwrite: none was done'])
      t.ok(bare.includes(part), part);
    t.notOk(bare.includes('Supplementary overwrite'));
    const locked = await read(t, lockedIphone());
    for (const part of [
      ...['消去の証明ではありません', '未確定', '出荷不可', '作業の途中で端末が取り外された'],
      ...['終わっていない工程(初期化(削除)・上書き消去', '「探す」はオン', 'voided:removed'],
    ])
      t.ok(locked.includes(part.normalize('NFKC')), part);
    t.notMatch(locked, /PASSED|MAY SHIP|Purge:/);
  },
);

t.test(
  'an erased handset that may not leave says so as loud as its pass',
  { skip: reader },
  async (t) => {
    const text = await read(t, returnedAndroid());
    for (const part of [
      ...['合格', 'PASSED', '出荷不可・返却', 'DO NOT SHIP (RETURN)'],
      ...['消去は合格ですが、この端末は出荷できません(行き先: 返却)', '利用制限 docomo ×'],
    ])
      t.ok(text.includes(part.normalize('NFKC')), part);
    t.notMatch(text, /MAY SHIP|出荷可/);
    const held = await read(t, { ...returnedAndroid(), lane: 'attention' });
    t.match(held, /出荷保留・要確認/);
    t.match(held, /確認が済むまで出荷できません/);
    const looks = (verdict: Verdict, lane: Lane) => shippingLook(verdict, lane).colour;
    t.equal(looks('passed', 'release'), VERDICT_LOOK.passed.colour);
    for (const lane of ['attention', 'quarantine', 'destroy', 'return'] as const)
      t.not(looks('passed', lane), VERDICT_LOOK.passed.colour, lane);
    t.equal(looks('inconclusive', 'attention'), looks('failed', 'quarantine'));
  },
);

t.test('reasons in words, each once; unknown ones as they are', async (t) => {
  t.same(reasonWords([]), { ja: '', en: '' });
  t.match(reasonWords(['missing:gates', 'reset:canary', 'missing:final-state']), {
    ja: /^合格に必要な証拠の不足$/,
  });
  t.match(reasonWords(['unfinished:verify', 'unfinished:felica-clear', 'unfinished:new']), {
    ja: /^終わっていない工程\(最終確認・FeliCaの確認・unfinished:new\)$/,
    en: /^not finished: verification, FeliCa, unfinished:new$/,
  });
  t.match(reasonWords(['failed:reset-delete:handset-gone', 'failed:overwrite-mismatch']), {
    ja: '初期化(削除)の失敗(handset-gone)、読み戻したデータが書いたものと違った',
  });
  t.match(
    reasonWords(['restriction:kddi:unknown:captcha', 'restriction:softbank:triangle:imei2']),
    {
      en: 'network restriction kddi ?; network restriction softbank △',
    },
  );
  t.same(reasonWords(['something:new']), { ja: 'something:new', en: 'something:new' });
});

t.test(
  'hostile, huge and empty texts are drawn as text on the page',
  { skip: reader },
  async (t) => {
    const hostile = `</text><script>\u202egnp.exe\u0000\u001b[31m(\\)) Tj ET 😀 \uffff العربية 𠮷 ${'長'.repeat(5000)}`;
    const facts = passedFacts();
    const nothing = {
      serial: null,
      imeis: [],
      model: null,
      manufacturer: null,
      storageBytes: null,
    };
    const cases: CertificateFacts[] = [
      {
        ...facts,
        identity: {
          ...facts.identity,
          model: hostile,
          serial: hostile,
          imeis: [hostile, hostile, hostile],
        },
        reasons: [hostile],
        issuer: { organisation: hostile, location: hostile, operator: hostile, contact: hostile },
        evidence: facts.evidence.map((fact) => ({ ...fact, method: hostile, at: hostile })),
      },
      {
        ...facts,
        identity: { ...facts.identity, ...nothing },
        evidence: [],
        plan: [],
        operatorActs: [],
      },
    ];
    for (const one of cases) {
      const text = await read(t, one);
      t.match(text, /合格/);
      t.match(text, /\d \/ \d/);
      t.notOk(text.includes('\u202e') || text.includes('\u001b'));
    }
  },
);

t.test('a long run takes more pages and loses no line', { skip: reader }, async (t) => {
  const facts = passedFacts();
  const more = Array.from({ length: 300 }, (_, at) => ({
    kind: 'rung-tried' as const,
    stage: 'reset-delete' as const,
    method: `try number ${at}!`,
    at: facts.openedAt,
    holds: false,
    value: {},
  }));
  const text = await read(t, { ...facts, evidence: [...facts.evidence, ...more] });
  t.same(
    more.filter(({ method }) => !text.includes(method)),
    [],
  );
});

t.test('times and sizes in words', async (t) => {
  t.equal(japanTime('2026-12-31T15:00:00.000Z'), '2027-01-01 00:00:00 JST');
  t.equal(japanTime('yesterday'), 'yesterday');
  t.equal(shortBytes(134_217_727), '127.9 MiB', 'never more than it is');
  t.equal(byteCount(0), '0 B');
  t.equal(byteCount(1023), '1,023 B');
  t.equal(byteCount(134_217_728), '128 MiB (134,217,728 B)');
  t.equal(byteCount(1.5 * 1024 ** 4), '1.5 TiB (1,649,267,441,664 B)');
});
