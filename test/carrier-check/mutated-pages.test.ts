import iconv from 'iconv-lite';
import t from 'tap';
import { parserOf } from '../../src/carrier-check/carriers/parsers.js';
import { loadCarrierRules } from '../../src/carrier-check/carriers/rules.js';
import { CARRIERS, type Carrier, type PrintedMark } from '../../src/carrier-check/marks.js';
import { docomoResultPage } from '../../src/simulator/carriers/docomo-site.js';
import { kddiResultPage } from '../../src/simulator/carriers/kddi-site.js';
import { mineoResultPage } from '../../src/simulator/carriers/mineo-site.js';
import { rakutenReply } from '../../src/simulator/carriers/rakuten-site.js';
import type { SimulatedMark, SiteState } from '../../src/simulator/carriers/site.js';
import { softbankResultPage } from '../../src/simulator/carriers/softbank-site.js';
import { MUTATIONS, mutate, pick, type Random, seededRandom } from './helpers/mutate.js';
import { CHARSETS, IMEI, LEGEND, resultHtml } from './helpers/pages.js';
import { RULES_FILE } from './helpers/rules.js';

const RULES = loadCarrierRules(RULES_FILE);
/**
 * Fixed, so that a red test is a changed parser. Other seeds are tried by hand: about one page in a million has had a
 * circle of its legend moved into the very cell of the result, and then says circle.
 */
const SEED = Number(process.env['SARACHI_TEST_SEED'] ?? 20_260_401);
const PAGES = Number(process.env['SARACHI_TEST_PAGES'] ?? 3000);

interface TruePage {
  readonly carrier: Carrier;
  /** Null for a page without any result. */
  readonly mark: PrintedMark | null;
  readonly contentType: string;
  readonly html: string;
}

const SITES = {
  docomo: docomoResultPage,
  kddi: kddiResultPage,
  softbank: softbankResultPage,
  mineo: mineoResultPage,
  rakuten: (imei: string, state: SiteState) => rakutenReply(imei, state).body.toString(),
} as const;

/** Two makers of each page, the simulated sites and the plain fixtures, with and without a legend. */
function truePages(marks: readonly (PrintedMark | null)[]): TruePage[] {
  return CARRIERS.flatMap((carrier) =>
    marks.flatMap((mark) =>
      [false, true].flatMap((legend) => {
        const printed: SimulatedMark = mark ?? 'odd';
        const state = { markOf: () => printed, legend, drift: mark === null };
        const isJson = carrier === 'rakuten';
        const simulated = {
          carrier,
          mark,
          contentType: isJson ? 'application/json' : 'text/html',
          html: SITES[carrier](IMEI, state),
        };
        const before = legend ? LEGEND : '';
        const whole = resultHtml(carrier, mark ?? 'cross', { before });
        const html = mark ? whole : whole.replace(/<div id="main">.*<\/div>/s, '<p>もう一度</p>');
        return [simulated, { carrier, mark, contentType: 'text/html', html }];
      }),
    ),
  );
}

function read(page: TruePage, body: Buffer) {
  const parser = parserOf(page.carrier, RULES);
  if (!parser) throw new Error(`no rules for ${page.carrier}`);
  const url = 'http://carrier.invalid/';
  return parser.parse({ status: 200, contentType: page.contentType, body, url }, IMEI);
}

t.test('unmutated pages give exactly their mark', async (t) => {
  for (const page of truePages(['circle', 'triangle', 'cross', 'dash', null])) {
    const { mark, outcome, why } = read(page, iconv.encode(page.html, CHARSETS[page.carrier]));
    // Rakuten's JSON has no word for a dash: the reply is a 404, and read as a 200 it is nothing known.
    const isDash = page.mark === 'dash' && page.contentType !== 'text/html';
    const expected = isDash ? null : page.mark;
    const about = `${page.carrier} ${page.mark} ${page.contentType} ${why}`;
    t.equal(mark, expected ?? 'unknown', about);
    t.equal(outcome, expected ? 'ok' : 'parser-drift', about);
  }
});

function mutated(random: Random, pages: readonly TruePage[]) {
  const page = pick(random, pages, pages[0] as TruePage);
  return { page, ...mutate(random, page.html, CHARSETS[page.carrier]) };
}

t.test(`no mutated page gives a circle (seed ${SEED})`, async (t) => {
  const random = seededRandom(SEED);
  const pages = truePages(['triangle', 'cross', 'dash', null]);
  const used = new Map<string, number>();
  const outcomes = new Map<string, number>();
  for (let count = 0; count < PAGES; count += 1) {
    const { page, names, body } = mutated(random, pages);
    for (const name of names) used.set(name, (used.get(name) ?? 0) + 1);
    const { mark, outcome, excerpt } = read(page, body);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (mark === 'circle') {
      t.fail(
        `SARACHI_TEST_SEED=${SEED}, page ${count}: ${page.carrier} ${page.mark} became a circle by ${names.join(', ')}: ${excerpt}`,
      );
    }
  }
  t.comment(`seed ${SEED}: ${JSON.stringify(Object.fromEntries(outcomes))}`);
  t.ok(PAGES >= 500);
  t.same([...used.keys()].sort(), Object.keys(MUTATIONS).sort(), 'every mutation was used');
  for (const outcome of ['ok', 'captcha', 'parser-drift']) {
    t.ok((outcomes.get(outcome) ?? 0) > PAGES / 100, `${outcome} is among the outcomes`);
  }
});

t.test('a scraper that searches the page would have been caught', async (t) => {
  const random = seededRandom(SEED);
  const pages = truePages(['triangle', 'cross', 'dash', null]);
  let fooled = 0;
  for (let count = 0; count < 500; count += 1) {
    const { page, body } = mutated(random, pages);
    if (iconv.decode(body, CHARSETS[page.carrier]).includes('○')) fooled += 1;
  }
  t.ok(fooled > 100, `${fooled} of 500 pages hold a circle somewhere`);
});
