import t from 'tap';
import { isIphone } from '../../src/cli/demo/demo-handset.js';
import { booksOf, fleetHandset, imeisOf, withLane } from '../../src/cli/demo/fleet.js';
import { isExpected } from '../../src/cli/demo/result.js';
import { isImei } from '../../src/imei.js';
import type { PortView } from '../../src/ports/view.js';
import { profileOf } from '../../src/simulator/apple/iphone-spec.js';

const EIGHT = Array.from({ length: 8 }, (_, opening) => withLane(fleetHandset(opening)));
const TWELVE = Array.from({ length: 12 }, (_, opening) => fleetHandset(opening));
const FORTY = Array.from({ length: 40 }, (_, opening) => fleetHandset(opening));

t.test(
  'the first eight show every mark, every way to end, and where each mark leads',
  async (t) => {
    const erased = EIGHT.filter(({ expected }) => 'verdict' in expected);
    const marks = new Set(erased.flatMap(({ marks = {} }) => Object.values(marks)));
    t.same([...marks].sort(), ['circle', 'cross', 'error', 'triangle']);
    t.ok(
      erased.some(({ marks }) => marks === undefined),
      'one is in nobody\u2019s books',
    );
    const ends = EIGHT.map(({ expected }) =>
      'verdict' in expected ? `${expected.verdict} ${expected.lane}` : expected.attention,
    );
    for (const end of [
      'passed release',
      'passed return',
      'passed attention',
      'failed quarantine',
      'account-present',
    ])
      t.ok(ends.includes(end), end);
  },
);

t.test('iPhones of every generation stand among the first twelve', async (t) => {
  const iphones = TWELVE.filter(isIphone);
  t.ok(iphones.length >= 5);
  const generations = iphones.map(({ iphone }) => profileOf(iphone).ios).sort((a, b) => a - b);
  t.strictSame(generations, [12, 15, 17, 18, 26]);
  t.ok(iphones.some(({ trusted }) => trusted));
  t.ok(iphones.some(({ personDoes }) => personDoes.includes('iphone-trust')));
  const ends = iphones.map(({ expected }) =>
    'verdict' in expected ? expected.verdict : expected.attention,
  );
  for (const end of ['passed', 'find-my-on', 'erase-iphone-by-hand'])
    t.ok(ends.includes(end as 'passed'), end);
});

t.test('forty handsets have numbers of their own, and the carriers know them', async (t) => {
  const imeis = FORTY.flatMap((plan) => imeisOf(plan));
  t.equal(new Set(imeis).size, imeis.length);
  t.ok(imeis.length >= 40);
  for (const imei of imeis) t.ok(isImei(imei), imei);
  t.equal(Object.keys(booksOf(FORTY)).length, 40);
});

t.test('a right verdict in the wrong lane is not as expected', async (t) => {
  const view = (verdict: string, lane: string) =>
    ({ state: 'settled', verdict, lane, attention: null }) as unknown as PortView;
  const expected = { verdict: 'passed', lane: 'return' } as const;
  t.equal(isExpected(view('passed', 'return'), expected), true);
  t.equal(isExpected(view('passed', 'release'), expected), false);
  t.equal(isExpected(view('failed', 'return'), expected), false);
  t.equal(isExpected(view('passed', 'release'), { verdict: 'passed' }), true, 'none is expected');
});
