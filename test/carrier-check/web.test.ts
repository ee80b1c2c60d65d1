import t from 'tap';
import {
  type CarrierRules,
  checkCarrierRules,
  loadCarrierRules,
} from '../../src/carrier-check/carriers/rules.js';
import { CARRIERS, PRINTED_MARKS } from '../../src/carrier-check/marks.js';
import { apiSource } from '../../src/carrier-check/web/api-source.js';
import { webSource } from '../../src/carrier-check/web/web-source.js';
import { startSimulatedCarriers } from '../../src/simulator/carriers/simulated-carriers.js';
import { IMEI } from './helpers/pages.js';
import { enabledRules, RULES_FILE } from './helpers/rules.js';
import { DEPS, options, site } from './helpers/site.js';

const IMEIS = {
  circle: '490154203237518',
  triangle: '352099001761481',
  cross: '356868000041418',
  dash: IMEI,
};

t.test(
  'every carrier is asked as a browser would, and its answer kept with evidence',
  async (t) => {
    const table = Object.fromEntries(
      PRINTED_MARKS.map((mark) => [
        IMEIS[mark],
        Object.fromEntries(CARRIERS.map((carrier) => [carrier, mark])),
      ]),
    );
    const carriers = await startSimulatedCarriers({ table });
    t.teardown(() => carriers.close());
    const rules = enabledRules(carriers.urls);
    for (const carrier of CARRIERS) {
      const source = webSource(carrier, rules, DEPS);
      t.match(source, { carrier, source: 'web' });
      for (const mark of PRINTED_MARKS) {
        const imei = IMEIS[mark];
        const answer = await source.lookUp(imei, options());
        const about = `${carrier} ${mark}: ${answer.rawText}`;
        if (carrier === 'rakuten' && mark === 'dash') {
          t.match(answer, { outcome: 'http-error', mark: 'unknown' }, 'a 404 is no dash');
          continue;
        }
        t.match(
          answer,
          {
            carrier,
            imei,
            mark,
            outcome: 'ok',
            source: 'web',
            scope: mark === 'cross' ? 'carrier' : 'unknown',
          },
          about,
        );
        t.equal(answer.checkedAt, '2026-04-01T00:00:00.000Z');
        t.match(answer.evidence?.sha256, /^[0-9a-f]{64}$/);
        t.match(answer.evidence?.parser, /^[a-z]+-(html|json)\/1 rules 2026-1/);
        t.ok(answer.evidence?.excerpt.includes(answer.rawGlyph ?? '?'), about);
      }
      carriers.mode(carrier, 'legend');
      t.equal(
        (await source.lookUp(IMEIS.triangle, options())).mark,
        'triangle',
        `${carrier} legend`,
      );
      const cases = {
        captcha: 'captcha',
        drift: 'parser-drift',
        '503': 'http-error',
        '429': 'rate-limited',
        ban: 'rate-limited',
        maintenance: 'maintenance',
      } as const;
      for (const [mode, outcome] of Object.entries(cases)) {
        carriers.mode(carrier, mode as keyof typeof cases);
        const answer = await source.lookUp(IMEIS.circle, options());
        t.match(
          answer,
          { outcome, mark: 'unknown', scope: 'unknown' },
          `${carrier} ${mode}: ${answer.rawText}`,
        );
        t.ok(answer.evidence, 'the page is kept all the same');
      }
      carriers.mode(carrier, 'normal');
      carriers.set(IMEIS.circle, carrier, 'odd');
      t.equal((await source.lookUp(IMEIS.circle, options())).outcome, 'parser-drift', carrier);
    }
  },
);

t.test('slow carriers, closed ports and a caller who gives up', async (t) => {
  const carriers = await startSimulatedCarriers({ table: {} });
  const source = webSource('docomo', enabledRules(carriers.urls), DEPS);
  carriers.mode('docomo', 'slow');
  const late = await source.lookUp(IMEI, options(50));
  t.match(late, { outcome: 'http-error', evidence: null, rawText: 'no answer within 50 ms' });
  const stop = new AbortController();
  const asked = source.lookUp(IMEI, options(10_000, stop.signal));
  stop.abort();
  await t.rejects(asked, { code: 'aborted' });
  await t.rejects(source.lookUp(IMEI, options(10, stop.signal)), { code: 'aborted' });
  await carriers.close();
  const gone = await source.lookUp(IMEI, options());
  t.match(gone, { outcome: 'http-error', mark: 'unknown', rawText: /ECONNREFUSED/ });
});

t.test(
  'sources are refused until somebody has switched them on and answered for them',
  async (t) => {
    const off = loadCarrierRules(RULES_FILE);
    for (const carrier of CARRIERS) {
      t.throws(() => webSource(carrier, off, DEPS), { code: 'config-invalid' }, carrier);
      t.throws(() => apiSource(carrier, off, {}, DEPS), { code: 'config-invalid' }, carrier);
    }
  },
);

function withApi(url: string, changes: object = {}): CarrierRules {
  const rules = JSON.parse(JSON.stringify(enabledRules()));
  rules.carriers.docomo.api = {
    enabled: true,
    termsAcceptedBy: 'A. Tester',
    termsAcceptedAt: '2026-04-01T09:00:00+09:00',
    url,
    secret: { header: 'Authorization', env: 'PARTNER_KEY', prefix: 'Bearer ' },
    json: {
      mark: '/result/mark',
      marks: { OK: 'circle', NG: 'cross' },
      imei: '/imei',
      notFound: null,
    },
    ...changes,
  };
  return checkCarrierRules(rules);
}

t.test('a partner interface: secret from the environment, one address, one table', async (t) => {
  let reply: object = { imei: IMEI, result: { mark: 'NG' } };
  let status = 200;
  const { base, seen } = await site(t, (_one, response) => {
    response
      .writeHead(status, { 'content-type': 'application/json', location: '/moved' })
      .end(JSON.stringify(reply));
  });
  const rules = withApi(`${base}v1/{imei}?x=1`);
  const source = apiSource('docomo', rules, { PARTNER_KEY: 's3cret' }, DEPS);
  t.match(await source.lookUp(IMEI, options()), {
    carrier: 'docomo',
    source: 'api',
    outcome: 'ok',
    mark: 'cross',
    rawGlyph: 'NG',
    scope: 'carrier',
    evidence: { parser: 'api-json/1 rules 2026-1' },
  });
  t.match(seen[0], {
    url: `/v1/${IMEI}?x=1`,
    headers: { authorization: 'Bearer s3cret', accept: 'application/json' },
  });
  reply = { imei: '490154203237518', result: { mark: 'OK' } };
  t.equal((await source.lookUp(IMEI, options())).outcome, 'parser-drift', 'about another');
  reply = { imei: IMEI, result: { mark: 'OK' } };
  for (status of [302, 401, 500]) {
    t.match(
      await source.lookUp(IMEI, options()),
      { outcome: 'http-error', mark: 'unknown' },
      String(status),
    );
  }
  t.equal(seen.length, 5, 'a redirect is not followed, it would carry the secret along');
  status = 200;
  t.equal((await source.lookUp(IMEI, options())).mark, 'circle');
  t.throws(() => apiSource('docomo', rules, {}, DEPS), { code: 'config-invalid' });
  t.throws(() => apiSource('docomo', rules, { PARTNER_KEY: 'a\nb' }, DEPS), {
    code: 'config-invalid',
  });
  t.throws(() => withApi('http://partner.invalid/{imei}'), { code: 'config-invalid' }, 'no TLS');
  t.throws(() => withApi(`${base}v1/`), { code: 'config-invalid' }, 'no place for the IMEI');
  t.throws(() => withApi(`${base}{imei}`, { termsAcceptedBy: null }), { code: 'config-invalid' });
});
