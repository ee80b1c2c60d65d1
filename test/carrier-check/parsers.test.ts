import t, { type Test } from 'tap';
import { parserOf } from '../../src/carrier-check/carriers/parsers.js';
import { loadCarrierRules } from '../../src/carrier-check/carriers/rules.js';
import { CARRIERS, type Carrier, PRINTED_MARKS } from '../../src/carrier-check/marks.js';
import { readJsonResult } from '../../src/carrier-check/parse/json-result.js';
import type { CarrierPage, PageReading } from '../../src/carrier-check/parse/page.js';
import { asPage, CHARSETS, IMEI, jsonPage, LEGEND, resultHtml } from './helpers/pages.js';
import { RULES_FILE } from './helpers/rules.js';

const RULES = loadCarrierRules(RULES_FILE);

function parse(carrier: Carrier, page: CarrierPage, imei = IMEI): PageReading {
  const parser = parserOf(carrier, RULES);
  if (!parser) throw new Error(`no rules for ${carrier}`);
  return parser.parse(page, imei);
}

function expect(t: Test, reading: PageReading, outcome: string, about: string): void {
  t.equal(reading.outcome, outcome, `${about}: ${reading.why}`);
  t.equal(reading.mark, 'unknown', about);
  t.ok(reading.why, about);
}

t.test(
  'every mark of every carrier is read in its charset, with and without a legend',
  async (t) => {
    for (const carrier of CARRIERS) {
      for (const mark of PRINTED_MARKS) {
        for (const before of ['', LEGEND]) {
          const page = asPage(resultHtml(carrier, mark, { before }), CHARSETS[carrier]);
          const reading = parse(carrier, page);
          t.match(reading, { outcome: 'ok', mark, why: null }, `${carrier} ${mark} ${reading.why}`);
          t.ok(reading.rawGlyph && reading.rawText?.startsWith(reading.rawGlyph));
          t.ok(reading.excerpt.includes(reading.rawGlyph ?? '?'));
          t.notOk(
            reading.excerpt.includes('可能性あり'),
            'the excerpt is the result, not the legend',
          );
        }
      }
    }
  },
);

t.test(
  'the charset is that of the reply, of the page, or of the carrier, in this order',
  async (t) => {
    const html = resultHtml('docomo', 'dash').replace('<meta charset="Shift_JIS">', '');
    t.equal(parse('docomo', asPage(html, 'shift_jis')).mark, 'dash', "the carrier's own");
    const told = { contentType: 'text/html; charset="EUC-JP"' };
    t.equal(parse('docomo', asPage(html, 'euc-jp', told)).mark, 'dash', 'that of the reply');
    const both = asPage(resultHtml('docomo', 'dash'), 'utf-8', {
      contentType: 'text/html;charset=utf-8',
    });
    t.equal(parse('docomo', both).mark, 'dash', 'the reply wins over the page');
    const bom = asPage(`\ufeff${resultHtml('docomo', 'cross')}`, 'utf-8');
    t.equal(parse('docomo', bom).mark, 'cross', 'a byte order mark wins over all');
    const bytes = asPage(resultHtml('softbank', 'dash'), 'shift_jis').body;
    t.ok(
      bytes.includes(Buffer.from('817c', 'hex')),
      'the bytes that two standards read as two dashes',
    );
    expect(t, parse('docomo', asPage(html, 'utf-8')), 'parser-drift', 'read in the wrong charset');
    const odd = asPage(html, 'utf-8', { contentType: 'text/html; charset=klingon' });
    expect(t, parse('docomo', odd), 'parser-drift', 'a charset nobody knows');
  },
);

t.test('a page that does not look as it did is drift', async (t) => {
  const renames: Record<Carrier, [string, string]> = {
    docomo: ['result-panel', 'result-box'],
    kddi: ['list_details', 'list_text'],
    softbank: ['size="8"', 'size="7"'],
    rakuten: ['search-result', 'result'],
    mineo: ['table_basic01', 'table_basic02'],
  };
  for (const carrier of CARRIERS) {
    const charset = CHARSETS[carrier];
    const [from, to] = renames[carrier];
    const good = resultHtml(carrier, 'circle', { before: LEGEND });
    const pages: Record<string, string> = {
      renamed: good.replaceAll(from, to),
      'without the result': good.replace(/<div id="main">.*<\/div>/s, ''),
      'an unknown glyph': resultHtml(carrier, 'circle', { glyph: '◎' }),
      'a mark inside a word': resultHtml(carrier, 'circle', { glyph: '○です' }),
      'a picture': resultHtml(carrier, 'circle', { glyph: '<img alt="○" src="o.png">' }),
      'a legend as the result': resultHtml(carrier, 'circle', { glyph: '○<br>△<br>×<br>－' }),
      'more than one result': resultHtml(carrier, 'circle').replace(
        /<div id="main">/,
        '<div id="main"><div class="result-panel">△</div><p class="list_details">△</p><font size="8">△</font><i id="search-result">△</i>',
      ),
      'cut off': good.replace('</html>', ''),
      hidden: good.replace('<div id="main">', '<div id="main" style="display: none">'),
      'twice the result': good.replace(/(<div id="main">.*<\/div>)/s, '$1$1'),
      nothing: '',
      'no HTML': '○',
    };
    for (const [name, html] of Object.entries(pages)) {
      // What stands outside the list or table that has the result is another matter.
      if (name === 'more than one result' && ['kddi', 'mineo'].includes(carrier)) continue;
      expect(t, parse(carrier, asPage(html, charset)), 'parser-drift', `${carrier} ${name}`);
    }
    const text = { contentType: 'text/plain' };
    if (carrier !== 'rakuten') {
      expect(t, parse(carrier, asPage(good, charset, text)), 'parser-drift', `${carrier} as text`);
    }
  }
});

t.test('a result that stands beside other marks is a legend', async (t) => {
  const rows: [Carrier, string][] = [
    ['softbank', '<p><font size="8">○</font><font size="3">△</font><font size="3">×</font></p>'],
    ['rakuten', '<ul><li id="search-result">○</li><li>△</li><li>×</li></ul>'],
    ['mineo', '<table class="table_basic01"><tr><th>状態</th><td>○</td></tr></table>'],
    ['mineo', '<table class="table_basic01"><tr><th>状態</th><td>○</td><td>△</td></tr></table>'],
    ['docomo', '<div class="result-panel">△</div><div class="result-panel">○</div>'],
  ];
  const outcomes = rows.map(
    ([carrier, html]) => parse(carrier, asPage(`${html}</html>`, CHARSETS[carrier])).outcome,
  );
  t.same(outcomes, ['parser-drift', 'parser-drift', 'ok', 'parser-drift', 'parser-drift']);
});

t.test('docomo: mark and sentence agree, and the page is about this handset', async (t) => {
  for (const mark of PRINTED_MARKS) {
    const others = PRINTED_MARKS.filter((other) => other !== mark);
    for (const other of others) {
      const glyph = { circle: '○', triangle: '△', cross: '×', dash: '－' }[other];
      const page = asPage(resultHtml('docomo', mark, { glyph }), 'shift_jis');
      expect(t, parse('docomo', page), 'parser-drift', `${other} with the sentence of ${mark}`);
    }
  }
  const page = asPage(resultHtml('docomo', 'circle'), 'shift_jis');
  expect(t, parse('docomo', page, '490154203237518'), 'parser-drift', 'another IMEI');
  const broken = resultHtml('docomo', 'circle', { glyph: '○<br>利用制限\n 中です。' });
  expect(t, parse('docomo', asPage(broken, 'shift_jis')), 'parser-drift', 'a broken sentence');
  const rakuten = asPage(resultHtml('rakuten', 'circle', { glyph: '○ 確認中' }), 'utf-8');
  expect(t, parse('rakuten', rakuten), 'parser-drift', 'words of another mark');
});

t.test('pages that are no answer have outcomes of their own', async (t) => {
  for (const carrier of CARRIERS) {
    const charset = CHARSETS[carrier];
    const say = (text: string, status = 200) =>
      parse(carrier, asPage(`<p>${text}</p>${LEGEND}`, charset, { status }));
    const good = resultHtml(carrier, 'circle');
    const captcha = good.replace('</body>', '<input name="attestationkey"></body>');
    expect(t, parse(carrier, asPage(captcha, charset)), 'captcha', 'beside a result');
    const script = good.replace('</body>', '<script src="https://x.invalid/recaptcha.js"></body>');
    expect(t, parse(carrier, asPage(script, charset)), 'captcha', 'in a script');
    expect(t, say('<img src="/gifcat/call.php">', 403), 'captcha', 'with 403');
    expect(t, say('しばらくしてからお試しください'), 'rate-limited', 'in words');
    expect(t, say('Forbidden', 403), 'rate-limited', '403');
    expect(t, parse(carrier, asPage(good, charset, { status: 429 })), 'rate-limited', '429');
    expect(t, say('只今、システムメンテナンス中です'), 'maintenance', 'in words');
    expect(t, say('システムメンテナンス中', 503), 'maintenance', '503');
    for (const status of [500, 502, 503, 404, 400, 302, 100]) {
      const reading = parse(carrier, asPage(good, charset, { status }));
      expect(t, reading, 'http-error', `${carrier} ${status} with a result on it`);
    }
    const both = resultHtml(carrier, 'triangle').replace('</body>', '<p>しばらくして</p></body>');
    t.equal(parse(carrier, asPage(both, charset)).mark, 'triangle', 'a result is a result');
  }
});

t.test('Rakuten JSON: only a value of the table in a good reply is a mark', async (t) => {
  const marks = [0, 1, 2].map((status) => parse('rakuten', jsonPage({ status })).mark);
  t.same(marks, ['circle', 'triangle', 'cross']);
  for (const document of [
    {},
    [],
    null,
    0,
    { status: 3 },
    { status: null },
    { status: [0] },
    { status: '' },
    { state: 0 },
    { status: 'constructor' },
    { result: { status: 0 } },
  ]) {
    expect(t, parse('rakuten', jsonPage(document)), 'parser-drift', JSON.stringify(document));
  }
  expect(t, parse('rakuten', jsonPage({ status: 0 }, { status: 500 })), 'http-error', '500');
  expect(t, parse('rakuten', jsonPage({ error: 'x' }, { status: 404 })), 'http-error', '404');
  expect(t, parse('rakuten', jsonPage({ status: 0 }, { status: 429 })), 'rate-limited', '429');
  expect(
    t,
    parse('rakuten', jsonPage({ status: 0 }, { contentType: 'text/plain' })),
    'parser-drift',
    'text',
  );
  expect(
    t,
    parse('rakuten', jsonPage({}, { body: Buffer.from('{"status":0') })),
    'parser-drift',
    'cut',
  );
});

t.test('a 404 is a dash only where the rules say how it says so', async (t) => {
  const notFound = { pointer: '/error', equals: 'IMEI_NOT_FOUND' };
  const rules = { mark: '/a~1b/0', marks: { yes: 'circle' }, imei: '/imei', notFound } as const;
  const read = (page: CarrierPage) => readJsonResult(page, IMEI, rules, RULES.trouble);
  const missing = { error: 'IMEI_NOT_FOUND' };
  t.equal(read(jsonPage(missing, { status: 404 })).mark, 'dash');
  expect(t, read(jsonPage(missing, { status: 500 })), 'http-error', '500');
  expect(t, read(jsonPage(missing)), 'parser-drift', '200');
  expect(t, read(jsonPage({ error: 'x' }, { status: 404 })), 'http-error', 'another 404');
  const html = jsonPage(missing, { status: 404, contentType: 'text/html' });
  expect(t, read(html), 'http-error', 'a page');
  t.equal(read(jsonPage({ 'a/b': ['yes'], imei: IMEI })).mark, 'circle', 'RFC 6901');
  expect(t, read(jsonPage({ 'a/b': ['yes'], imei: '1' })), 'parser-drift', 'another IMEI');
  expect(t, read(jsonPage({ 'a/b': ['yes'] })), 'parser-drift', 'no IMEI');
});

t.test('what a page says is capped and printable', async (t) => {
  const long = resultHtml('mineo', 'cross', { glyph: `×<p>${'長\u0000\u202e'.repeat(5000)}</p>` });
  const reading = parse('mineo', asPage(long, 'utf-8'));
  t.equal(reading.mark, 'cross');
  t.ok((reading.rawText?.length ?? 999) <= 200 && reading.excerpt.length <= 500);
  t.notMatch(`${reading.rawText}${reading.excerpt}`, /[\p{Cc}\p{Cf}]/u);
});

t.test('a page that is built to exhaust its reader is drift, and soon', async (t) => {
  const row = '<table class="table_basic01"><tr><th>状態</th><td>○';
  const pages = {
    deep: '<div class="list_item">'.repeat(3900) + row,
    'deep inside': row + '<b>'.repeat(3900),
    'many tags': '<p>○</p>'.repeat(100_000) + row,
    formatting:
      Array.from({ length: 1950 }, (_, n) => `<b a=${n}>`).join('') + '<p>'.repeat(1950) + row,
    long: `${' '.repeat(1_000_000)}<meta ${'charset '.repeat(20_000)}`,
  };
  for (const [name, html] of Object.entries(pages)) {
    for (const carrier of ['mineo', 'kddi', 'docomo'] as const) {
      const began = Date.now();
      expect(t, parse(carrier, asPage(html, 'utf-8')), 'parser-drift', `${carrier} ${name}`);
      t.ok(Date.now() - began < 5000, `${carrier} ${name} took ${Date.now() - began} ms`);
    }
  }
});
