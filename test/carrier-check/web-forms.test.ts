import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { webSource } from '../../src/carrier-check/web/web-source.js';
import { VERSION } from '../../src/version.js';
import { asPage, IMEI, resultHtml } from './helpers/pages.js';
import { enabledRules } from './helpers/rules.js';
import { DEPS, html, options, site } from './helpers/site.js';

const mineo = (base: string) => webSource('mineo', enabledRules({ mineo: base }), DEPS);
const FIELD = '<input id="GNS010101GNS010101_Init_imei" name="imei">';
const RESULT = '<table class="table_basic01"><tr><th>状態</th><td>×</td></tr></table></html>';

t.test('numbers that are no IMEI never reach a carrier', async (t) => {
  const { base, seen } = await site(t, (_seen, response) => html(response, ''));
  const cases = {
    A0000012345678: 'not-applicable',
    '001010123456780': 'skipped',
    '35000000000001': 'skipped',
    '../../etc': 'skipped',
    '': 'skipped',
  };
  for (const [imei, outcome] of Object.entries(cases)) {
    t.equal((await mineo(base).lookUp(imei, options())).outcome, outcome, imei);
  }
  t.equal(seen.length, 0);
});

t.test('what is sent is what a browser would send', async (t) => {
  const form = `<html><head><base href="/deep/"></head><body><form action="other"><input name="q"></form>
<form action="go?a=1#f" method="POST" accept-charset="Shift_JIS">${FIELD}
<input type="hidden" name="名前" value="確認 &amp; é✓">
<input name="off" disabled value="1"><fieldset disabled><input name="off2" value="1"></fieldset>
<input type="checkbox" name="c1" checked><input type="checkbox" name="c2"><input type="radio" name="r" value="1"><input type="radio" name="r" value="2" checked>
<select name="s"><option value="1">a<option selected>b</select><select name="m" multiple><option>x</select><textarea name="t">a\nb</textarea>
<input type="reset" name="reset" value="r"><button name="plain" type="button" value="1"></button>
<input type="submit" name="ok" value="確認"><input type="submit" name="no" value="2"></form><input name="late" form="nowhere" value="1"></body></html>`;
  const { base, seen } = await site(t, (one, response) => {
    if (one.method === 'POST') return html(response, RESULT);
    html(response, form, {
      'set-cookie': ['a=1; Path=/', 'b=2; Path=/elsewhere', 'c=3; Domain=evil.invalid', '=; ;'],
    });
  });
  const answer = await mineo(base).lookUp(IMEI, options());
  t.match(answer, { outcome: 'ok', mark: 'cross' }, String(answer.rawText));
  t.equal(answer.evidence?.sha256, createHash('sha256').update(RESULT).digest('hex'));
  const [first, second] = seen;
  t.equal(first?.headers['user-agent'], `Sarachi/${VERSION} (network restriction check)`);
  t.equal(second?.url, '/deep/go?a=1', 'base and action');
  t.match(second?.headers, {
    cookie: 'a=1',
    'content-type': 'application/x-www-form-urlencoded',
    referer: `${base}GNS010101GNS010101_Init.action`,
  });
  t.equal(
    second?.body.toString(),
    `imei=${IMEI}&%96%BC%91O=%8Am%94F+%26+%26%23233%3B%26%2310003%3B&c1=on&r=2&s=b&t=a%0D%0Ab&ok=%8Am%94F`,
  );
});

t.test('a multipart form and a GET form', async (t) => {
  let form = `<form method="post" enctype="multipart/form-data">${FIELD}<input type="hidden" name='a"b' value="名"></form>`;
  const { base, seen } = await site(t, (one, response) => {
    html(response, one.method === 'POST' || one.url.includes('?imei') ? RESULT : form);
  });
  t.equal((await mineo(base).lookUp(IMEI, options())).mark, 'cross');
  const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(
    seen[1]?.headers['content-type'] ?? '',
  )?.[1];
  t.equal(
    seen[1]?.body.toString(),
    [
      `--${boundary}`,
      'Content-Disposition: form-data; name="imei"',
      '',
      IMEI,
      `--${boundary}`,
      'Content-Disposition: form-data; name="a%22b"',
      '',
      '名',
      `--${boundary}--`,
      '',
    ].join('\r\n'),
  );
  form = `<form action="find?old=1">${FIELD}<input type="image" name="go" src="x"></form>`;
  t.equal((await mineo(base).lookUp(IMEI, options())).mark, 'cross');
  t.equal(seen[3]?.url, `/find?imei=${IMEI}&go.x=0&go.y=0`, 'the query replaces the old one');
});

t.test('a form that is no longer the known one is drift, and nothing is sent', async (t) => {
  const forms = {
    'no field': '<form method="post"><input name="number"></form>',
    'two fields': `<form method="post">${FIELD}${FIELD}</form>`,
    'no form': FIELD,
    'a disabled field': `<form>${FIELD.replace('<input', '<input disabled')}</form>`,
    'another question': `<form method="post">${FIELD}<input type="text" name="answer"></form>`,
    'another site': `<form method="post" action="https://evil.invalid/">${FIELD}</form>`,
    'a script': `<form method="post" action="javascript:go()">${FIELD}</form>`,
    'plain text': `<form method="post" enctype="text/plain">${FIELD}</form>`,
    'a dialog': `<form method="dialog">${FIELD}</form>`,
    'an unknown charset': `<form method="post" accept-charset="klingon">${FIELD}</form>`,
    nothing: '',
  };
  let form = '';
  const { base, seen } = await site(t, (_one, response) => html(response, form));
  for (const [name, text] of Object.entries(forms)) {
    form = text;
    const answer = await mineo(base).lookUp(IMEI, options());
    t.match(answer, { outcome: 'parser-drift', mark: 'unknown' }, name);
    t.ok(answer.rawText && answer.evidence, `${name}: ${answer.rawText}`);
  }
  form = '<p>メンテナンス中です</p>';
  t.equal((await mineo(base).lookUp(IMEI, options())).outcome, 'maintenance');
  t.equal(seen.length, Object.keys(forms).length + 1, 'only the form page was ever fetched');
  form = `<form method="post">${FIELD.replace('GNS010101GNS010101_Init_imei', 'x')}<input type="hidden" name="_PageID" value="1"><input type="submit" name="ACT_TE001"></form>`;
  const softbank = webSource('softbank', enabledRules({ softbank: base }), DEPS);
  t.match(await softbank.lookUp(IMEI, options()), {
    outcome: 'parser-drift',
    rawText: 'the form no longer has _DataStoreID, _ControlID, _ActionID',
  });
});

t.test('redirects stay on the site and end', async (t) => {
  let location = '';
  let status = 302;
  const { base, seen } = await site(t, (one, response) => {
    if (one.url === '/result')
      return html(response, one.method === 'GET' || status > 303 ? RESULT : '');
    if (one.method === 'POST') response.writeHead(status, { location }).end();
    else html(response, `<form method="post">${FIELD}</form>`);
  });
  for (status of [301, 302, 303, 307, 308]) {
    location = '/result';
    t.equal((await mineo(base).lookUp(IMEI, options())).mark, 'cross', String(status));
    const last = seen.at(-1);
    t.equal(last?.method, status > 303 ? 'POST' : 'GET');
    t.equal(last?.body.toString(), status > 303 ? `imei=${IMEI}` : '');
    t.equal(last?.headers['content-type'] === undefined, status <= 303);
  }
  const other = await site(t, (_one, response) => html(response, RESULT));
  for (location of [
    other.base.replace('127.0.0.1', 'localhost'),
    'https://evil.invalid/',
    'file:///etc/passwd',
    'http://',
    '//evil.invalid/',
  ]) {
    const answer = await mineo(base).lookUp(IMEI, options());
    t.match(answer, { outcome: 'http-error', mark: 'unknown', rawText: /another site/ }, location);
  }
  t.equal(other.seen.length, 0);
  status = 307;
  location = '/again';
  t.match(await mineo(base).lookUp(IMEI, options()), {
    outcome: 'http-error',
    rawText: /more than 5/,
  });
});

t.test('a page that is too long, cut or packed', async (t) => {
  let body: Buffer = Buffer.alloc(0);
  let headers = {};
  const { base } = await site(t, (one, response) => {
    if (one.method === 'GET') return html(response, `<form method="post">${FIELD}</form>`);
    html(response, body, headers);
  });
  const ask = () => mineo(base).lookUp(IMEI, options());
  body = gzipSync(RESULT);
  headers = { 'content-encoding': 'gzip' };
  t.equal((await ask()).mark, 'cross', 'packed');
  body = gzipSync(Buffer.concat([Buffer.from(RESULT), Buffer.alloc(50 * 1024 * 1024, 0x20)]));
  t.match(await ask(), { outcome: 'http-error', rawText: /longer than 1048576/ });
  body = Buffer.from('not gzip');
  t.equal((await ask()).outcome, 'http-error');
  const whole = asPage(resultHtml('mineo', 'circle'), 'utf-8').body;
  body = whole.subarray(0, whole.length - 5);
  headers = { 'content-length': whole.length };
  const cut = mineo(base).lookUp(IMEI, options(500));
  t.match(await cut, { outcome: 'http-error', mark: 'unknown' }, 'the rest never comes');
});
