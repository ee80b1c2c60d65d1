import t from 'tap';
import type { CarrierView } from '../../src/carrier-check/broker/carrier-view.js';
import type { Carrier } from '../../src/carrier-check/marks.js';
import {
  DAY_MS,
  dueChecks,
  type StockItem,
  together,
} from '../../src/carrier-check/watch/due-checks.js';
import { quotaOf } from '../../src/carrier-check/watch/quotas.js';
import { imeiOf } from './helpers/broker-world.js';

const SETTLED = Date.UTC(2026, 3, 1);
const HOUR_MS = DAY_MS / 24;
const schedule = {
  rows: [
    { untilDays: 30, everyDays: 7 },
    { untilDays: 180, everyDays: 30 },
  ],
  ...{ stopAfterDays: 365, retryMs: DAY_MS },
};

function iso(day: number): string {
  return new Date(SETTLED + day * DAY_MS).toISOString();
}

interface Known {
  readonly carrier?: string;
  readonly mark?: string | null;
  readonly checked?: number | null;
  readonly tried?: number;
}

function item(n: number, ...known: Known[]): StockItem {
  return {
    ...{ imei: imeiOf(n), run: `run-${n}`, settledAt: iso(0) },
    known: known.map(({ carrier = 'docomo', mark = 'circle', checked = 0, tried }) => ({
      ...{ carrier, mark, checkedAt: checked === null ? null : iso(checked) },
      triedAt: iso(tried ?? checked ?? 0),
    })),
  };
}

function due(stock: readonly StockItem[], day: number, quotas: [Carrier, number][] = []) {
  const some: [Carrier, number][] = quotas.length > 0 ? quotas : [['docomo', 100]];
  const now = SETTLED + day * DAY_MS;
  return dueChecks({ stock, schedule, now, quotas: new Map(some) });
}

t.test('the older the verdict, the rarer the questions', async (t) => {
  const cases: [string, Known, number][] = [
    ['checked before the verdict', { checked: -0.1 }, 6.9],
    ['in the first month', { checked: 7 }, 14],
    ['at its last day', { checked: 29.9 }, 36.9],
    ['after it', { checked: 30 }, 60],
    ['far later: the last row holds', { checked: 200 }, 230],
    ['never with a mark', { mark: null, checked: null, tried: -0.5 }, 0.5],
    ['in vain since', { checked: 7, tried: 13.5 }, 14.5],
    ['in vain long ago', { checked: 7, tried: 9 }, 14],
  ];
  for (const [what, known, day] of cases) {
    t.equal(due([item(1, known)], day - 0.01).checks.length, 0, `${what}: not yet`);
    const { checks } = due([item(1, known)], day);
    t.match(checks, [{ carrier: 'docomo', imei: imeiOf(1), run: 'run-1' }], what);
    t.equal(checks[0]?.dueAt, Math.round(SETTLED + day * DAY_MS), `${what}: since then`);
  }
  t.equal(due([item(1)], 0).checks.length, 1, 'a carrier that was never asked is asked at once');
});

t.test('what is never asked', async (t) => {
  t.equal(due([item(1, { checked: 340 })], 365).left, 0);
  t.equal(due([item(1, { checked: 300 })], 365).checks.length, 1, 'the last day');
  t.equal(due([item(1, { checked: 300 })], 365.01).checks.length, 0, 'too old');
  t.equal(due([item(1, { mark: 'cross' })], 100).checks.length, 0, 'a cross is final');
  t.equal(due([item(1, { mark: 'cross', carrier: 'kddi' })], 100).checks.length, 1, 'elsewhere');
  t.equal(due([item(1)], 100, [['kddi', 0]]).checks.length, 0);
  const good = imeiOf(1);
  for (const imei of [
    `${good.slice(0, 14)}${(Number(good[14]) + 1) % 10}`,
    ...[
      '000000000000000',
      '001010123456780',
      '111111111111111',
      good.slice(0, 14),
      '',
      'A0000012345678',
    ],
  ])
    t.same(due([{ ...item(1), imei }], 100), { checks: [], left: 0 }, imei);
});

t.test('the longest due goes first, and each carrier has its quota', async (t) => {
  const stock = [item(1, { checked: 3 }), item(2, { checked: 1 }), item(3, { checked: 2 })];
  const quotas: [Carrier, number][] = [
    ['docomo', 2],
    ['kddi', 1],
  ];
  const found = due(stock, 12, quotas);
  t.same(
    found.checks.map(({ carrier, run }) => `${carrier} ${run}`),
    ['kddi run-1', 'docomo run-2', 'docomo run-3'],
  );
  t.equal(found.left, 3);
  t.same(due([...stock].reverse(), 12, quotas), found, 'whatever the order of the stock');
  const parts = stock.map((one) => due([one], 12, quotas));
  const [first, ...rest] = parts;
  const joined = rest.reduce((all, one) => together(all, one, new Map(quotas)), first ?? found);
  t.same(joined, found, 'whether it is looked at in one piece or in many');
});

t.test('how many questions a look may put', async (t) => {
  const view = (changes: Partial<CarrierView['rate']>, state = 'closed', waiting = 0) =>
    ({
      ...{ carrier: 'docomo', waiting, breaker: { state } },
      rate: { usedToday: 0, perDay: 100, ...changes },
    }) as CarrierView;
  // 00:00 and 12:00 in Japan.
  const [midnight, noon] = [Date.UTC(2026, 3, 1, 15), Date.UTC(2026, 3, 2, 3)];
  const rules = { perTick: 10, dayShare: 0.5, now: midnight };
  t.equal(quotaOf(view({}), rules), 10);
  t.equal(quotaOf(view({}, 'closed', 4), { ...rules, perTick: 50 }), 46, 'less what waits');
  t.equal(quotaOf(view({ usedToday: 45 }), rules), 5, 'half the day is kept for the ports');
  t.equal(quotaOf(view({ usedToday: 60 }), rules), 0);
  t.equal(
    quotaOf(view({ usedToday: 60 }), { ...rules, now: noon }),
    10,
    'less of it as it goes by',
  );
  t.equal(quotaOf(view({ usedToday: 97 }), { ...rules, now: midnight - HOUR_MS }), 0);
  t.equal(
    quotaOf(view({ usedToday: 97 }), { ...rules, now: midnight - 1 }),
    2,
    'and what is left over',
  );
  t.equal(quotaOf(view({ usedToday: 120 }), { ...rules, now: noon }), 0);
  t.equal(quotaOf(view({}, 'open'), rules), 0);
  t.equal(quotaOf(view({}, 'parked'), rules), 0);
  t.equal(quotaOf(view({}, 'half-open'), rules), 1);
});
