import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { CARRIERS } from '../../src/carrier-check/marks.js';
import { startSimulatedCarriers } from '../../src/simulator/carriers/simulated-carriers.js';
import { SIMULATED_CARRIERS } from '../../src/simulator/carriers/site.js';
import { CARRIER_MODES } from '../../src/simulator/carriers/trouble.js';

const IMEI = '490154203237518';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

function cookieOf(response: Response): string {
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

async function bytes(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

t.test('the simulator knows the carriers that are asked', async (t) => {
  t.same(SIMULATED_CARRIERS, CARRIERS);
});

t.test('docomo: a session, and Shift_JIS bytes that only the page declares', async (t) => {
  const carriers = await startSimulatedCarriers({ table: { [IMEI]: { docomo: 'triangle' } } });
  t.teardown(() => carriers.close());
  const base = carriers.urls.docomo;
  const top = await fetch(base);
  t.equal(top.url, `${base}top.php`, 'the folder leads to the first page');
  t.equal(top.headers.get('content-type'), 'text/html');
  const cookie = cookieOf(top);
  t.match(cookie, /^PHPSESSID=/);
  const ask = (headers: Record<string, string>) =>
    fetch(`${base}search.php`, {
      method: 'POST',
      headers,
      body: `productno=${IMEI}`,
      redirect: 'manual',
    });
  const stranger = await ask(FORM);
  t.equal(stranger.status, 302, 'nobody is answered without a session');
  const answer = await bytes(await ask({ ...FORM, cookie }));
  t.ok(answer.includes(Buffer.from('81a2', 'hex')), '△ in Shift_JIS');
  t.notOk(answer.includes(Buffer.from('△')), 'and not in UTF-8');
  carriers.set(IMEI, 'docomo', 'dash');
  t.ok((await bytes(await ask({ ...FORM, cookie }))).includes(Buffer.from('817c', 'hex')), '－');
});

t.test(
  'au: a token holds once; SoftBank: every hidden field and the words of the button count',
  async (t) => {
    const carriers = await startSimulatedCarriers({ table: { [IMEI]: { softbank: 'triangle' } } });
    t.teardown(() => carriers.close());
    const au = carriers.urls.kddi;
    const first = await fetch(`${au}WCE009001.hc`, { redirect: 'manual' });
    t.equal(first.status, 302);
    const headers = { ...FORM, cookie: cookieOf(first) };
    const form = await (await fetch(`${au}WCE009001.hc`, { headers })).text();
    const token = /name="_TOKEN" value="([0-9a-f]+)"/.exec(form)?.[1];
    const body = `_TOKEN=${token}&imei=${IMEI}`;
    const ask = () =>
      fetch(`${au}WCE009002.hc`, { method: 'POST', headers, body, redirect: 'manual' });
    t.match(await (await ask()).text(), /ネットワーク利用制限の状態/);
    t.equal((await ask()).status, 302, 'the second time it leads back to the form');

    const url = `${carriers.urls.softbank}icv`;
    const cookie = cookieOf(await fetch(url));
    const fields = `_PageID=WBF001000&_DataStoreID=DSWBF100Control&_ControlID=WBF100Control&_ActionID=TE001&imei=${IMEI}`;
    const post = async (text: string) =>
      bytes(await fetch(url, { method: 'POST', headers: { ...FORM, cookie }, body: text }));
    const result = Buffer.from('<font size="8" color="#666666">');
    t.ok((await post(`${fields}&ACT_TE001=+%8Am+%94F+`)).includes(result));
    t.notOk((await post(`${fields}&ACT_TE001=+%E7%A2%BA+%E8%AA%8D+`)).includes(result), 'UTF-8');
    t.notOk((await post(fields)).includes(result), 'no button');
  },
);

t.test(
  'every request is logged on arrival, in memory and in the file, with its number',
  async (t) => {
    const dir = await mkdtemp(path.join(tmpdir(), 'sarachi-carriers-'));
    t.teardown(() => rm(dir, { recursive: true, force: true }));
    const accessLog = path.join(dir, 'access.jsonl');
    const carriers = await startSimulatedCarriers({ table: {}, accessLog });
    t.teardown(() => carriers.close());
    const before = Date.now();
    await fetch(carriers.urls.rakuten);
    carriers.mode('rakuten', '503');
    await fetch(`${carriers.urls.rakuten}eir/v1/rest-api/public/imei/${IMEI}`);
    await fetch(`${carriers.urls.mineo}x`, { method: 'POST', headers: FORM, body: `imei=${IMEI}` });
    const log = carriers.log();
    t.same(
      log.map(({ carrier, imei, path: page }) => [carrier, imei, page]),
      [
        ['rakuten', null, '/restriction/'],
        ['rakuten', IMEI, `/restriction/eir/v1/rest-api/public/imei/${IMEI}`],
        ['mineo', IMEI, '/info/x'],
      ],
    );
    t.ok(log.every(({ at }) => at >= before && at <= Date.now()));
    const lines = (await readFile(accessLog, 'utf8')).trim().split('\n');
    t.same(
      lines.map((line) => JSON.parse(line)),
      log,
    );
  },
);

t.test('every mode is one that a site can be in, for one carrier at a time', async (t) => {
  const carriers = await startSimulatedCarriers({ table: {}, slowMs: 20 });
  t.teardown(() => carriers.close());
  const seen: Record<string, number> = {};
  for (const mode of CARRIER_MODES) {
    carriers.mode('mineo', mode);
    const began = performance.now();
    const page = await fetch(`${carriers.urls.mineo}GNS010101GNS010101_Init.action`);
    seen[mode] = page.status;
    const text = await page.text();
    t.equal(
      text.includes('GNS010101GNS010101_Init_imei'),
      ['normal', 'legend', 'drift', 'slow'].includes(mode),
      mode,
    );
    t.equal(text.includes('attestationkey'), mode === 'captcha', mode);
    if (mode === 'slow') t.ok(performance.now() - began >= 19);
    t.equal(
      (await fetch(`${carriers.urls.kddi}WCE009001.hc`, { redirect: 'manual' })).status,
      302,
      'another carrier',
    );
  }
  t.same(seen, {
    normal: 200,
    legend: 200,
    drift: 200,
    captcha: 200,
    maintenance: 200,
    slow: 200,
    '503': 503,
    '429': 429,
    ban: 403,
  });
});

t.test('closing ends what is still open', async (t) => {
  const carriers = await startSimulatedCarriers({ table: {} });
  carriers.mode('docomo', 'slow');
  const asked = fetch(carriers.urls.docomo);
  asked.catch(() => undefined);
  while (carriers.log().length === 0) await new Promise((resolve) => setImmediate(resolve));
  await carriers.close();
  await t.rejects(asked);
  await t.rejects(fetch(carriers.urls.docomo));
});
