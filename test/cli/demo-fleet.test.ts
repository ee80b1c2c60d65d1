import t from 'tap';
import { booksOf, fleetHandset, withLane } from '../../src/cli/demo/fleet.js';
import { isExpected } from '../../src/cli/demo/result.js';
import { isImei } from '../../src/imei.js';
import type { PortView } from '../../src/ports/view.js';

const EIGHT = Array.from({ length: 8 }, (_, opening) => withLane(fleetHandset(opening)));
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

t.test('forty handsets have numbers of their own, and the carriers know them', async (t) => {
  const imeis = FORTY.flatMap(({ spec }) => spec.imeis ?? []);
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
