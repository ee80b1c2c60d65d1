import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { LOOK_UP_OUTCOMES } from '../../src/carrier-check/answer.js';
import { decideRestriction, type KnownMark } from '../../src/carrier-check/decide-restriction.js';
import { CARRIERS, type Carrier, MARKS, type Mark } from '../../src/carrier-check/marks.js';
import {
  checkRestrictionPolicy,
  loadRestrictionPolicy,
  RESTRICTION_LANES,
} from '../../src/carrier-check/restriction-policy.js';
import { demoConfig } from '../../src/cli/demo/demo-config.js';
import { ConfigError } from '../../src/config.js';
import { readCarrierSetup } from '../../src/daemon/carrier-setup.js';
import { createLog } from '../../src/log.js';

const FILE = 'config/carrier-policy.yaml';
const SHIPPED = loadRestrictionPolicy(FILE);
const STOP = { beforeErase: 'stop', lane: 'quarantine' } as const;

function known(carrier: Carrier, mark: Mark, changes: Partial<KnownMark> = {}): KnownMark {
  const outcome = mark === 'unknown' ? 'http-error' : 'ok';
  return { carrier, mark, outcome, slot: 1, scope: 'carrier', stated: false, ...changes };
}

/** One mark for each carrier, in the order of `CARRIERS`; the rest are dashes. */
function marksOf(...marks: Mark[]): KnownMark[] {
  return CARRIERS.map((carrier, at) => known(carrier, marks[at] ?? 'dash'));
}

const LANE_OF: Record<Mark, string> = {
  circle: 'release',
  triangle: 'attention',
  cross: 'return',
  dash: 'release',
  unknown: 'attention',
};

t.test('what is built in is what is shipped', async (t) => {
  t.same(loadRestrictionPolicy(null), SHIPPED);
  const folder = await mkdtemp(path.join(tmpdir(), 'sarachi-policy-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'policy.yaml');
  writeFileSync(file, readFileSync(FILE, 'utf8').replace('imeis: first', 'imeis: all'));
  const setup = (policyFile: string | null) => {
    const config = demoConfig({ state: folder, httpPort: 0 });
    const { carrierCheck } = config;
    const deps = { clock: Date.now, log: createLog('silent') };
    return readCarrierSetup({ ...config, carrierCheck: { ...carrierCheck, policyFile } }, {}, deps);
  };
  t.match(setup(null).policySha256, /^[0-9a-f]{64}$/);
  t.equal(setup(path.resolve(FILE)).policySha256, setup(null).policySha256);
  t.not(setup(file).policySha256, setup(null).policySha256, 'other rules have another name');
  writeFileSync(file, 'marks: { cross: { beforeErase: go-on, lane: release } }');
  try {
    setup(file);
    t.fail('accepted');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    t.match(error.faults, [{ path: `${file}: marks.cross.lane` }]);
  }
});

t.test(
  'every key of the policy is explained in config/README.md, and nothing else is',
  async (t) => {
    const [, after = ''] = readFileSync('config/README.md', 'utf8').split('\n## Carrier policy\n');
    const items = (after.split('\n## ')[0] ?? '').split('\n- ').slice(1);
    const explained = items.map((item) => /^`([A-Za-z]+)/.exec(item)?.[1]);
    t.same(explained.sort(), Object.keys(SHIPPED).sort());
    const words = items.find((item) => item.startsWith('`unknownBecause.'));
    for (const outcome of LOOK_UP_OUTCOMES) t.equal(words?.includes(outcome), outcome !== 'ok');
  },
);

t.test('no rule releases a cross, an unknown mark or a handset without a number', async (t) => {
  const release = { beforeErase: 'go-on', lane: 'release' };
  for (const wrong of [
    { marks: { cross: release } },
    { marks: { unknown: release } },
    { crossOnAllCarriers: release },
    { carriers: { docomo: { cross: release } } },
    { carriers: { mineo: { unknown: release } } },
    { unknownBecause: { captcha: release } },
    { unknownBecause: { ok: STOP } },
    { noImei: release },
    { carriers: { nobody: {} } },
    { typo: 1 },
  ])
    t.throws(
      () => checkRestrictionPolicy(wrong),
      { code: 'config-invalid' },
      JSON.stringify(wrong),
    );
});

t.test('every mark of every carrier by the shipped rules', async (t) => {
  for (const carrier of CARRIERS) {
    for (const mark of MARKS) {
      const others = CARRIERS.filter((one) => one !== carrier).map((one) => known(one, 'dash'));
      const decided = decideRestriction([known(carrier, mark), ...others], SHIPPED);
      t.match(
        decided,
        { aggregate: mark, beforeErase: 'go-on', lane: LANE_OF[mark], stoppedBy: null },
        `${carrier} ${mark}`,
      );
      const held = decided.lane === 'attention';
      t.equal(decided.holds.length, held ? 1 : 0, 'what a later look may better');
    }
  }
});

t.test('the worst mark names all, and the strictest lane is taken, in any order', async (t) => {
  const rank: readonly Mark[] = ['dash', 'circle', 'unknown', 'triangle', 'cross'];
  let seen = 0;
  for (const a of MARKS) {
    for (const b of MARKS) {
      for (const c of MARKS) {
        const decided = decideRestriction(marksOf(a, b, c), SHIPPED);
        const worst = [a, b, c].reduce((x, y) => (rank.indexOf(y) > rank.indexOf(x) ? y : x));
        const lanes = [a, b, c].map((mark) => LANE_OF[mark]);
        const strictest = RESTRICTION_LANES.findLast((lane) => lanes.includes(lane));
        t.match(decided, { aggregate: worst, lane: strictest }, `${a} ${b} ${c}`);
        const shuffled = decideRestriction(marksOf(a, b, c).reverse(), SHIPPED);
        t.equal(shuffled.lane, decided.lane);
        t.equal(shuffled.aggregate, decided.aggregate);
        if ([a, b, c].includes('unknown')) t.not(decided.lane, 'release', 'never promoted');
        seen += 1;
      }
    }
  }
  t.equal(seen, 125);
});

t.test('a dash everywhere is released as what it is, and one circle ends the note', async (t) => {
  t.match(decideRestriction(marksOf(), SHIPPED), {
    aggregate: 'dash',
    lane: 'release',
    reasons: ['note:sim-free-or-not-registered'],
  });
  t.match(decideRestriction(marksOf('circle'), SHIPPED), { aggregate: 'circle', reasons: [] });
  t.match(decideRestriction(marksOf('unknown'), SHIPPED), {
    reasons: ['restriction:docomo:unknown:http-error'],
  });
});

t.test('a cross that bars everywhere, and one of the second number, are named so', async (t) => {
  const policy = checkRestrictionPolicy({
    crossOnAllCarriers: { beforeErase: 'go-on', lane: 'destroy' },
  });
  const everywhere = [known('kddi', 'cross', { scope: 'all-carriers' })];
  t.match(decideRestriction(everywhere, policy), {
    lane: 'destroy',
    reasons: ['restriction:kddi:cross:all-carriers'],
  });
  t.match(decideRestriction([known('kddi', 'cross')], policy), { lane: 'return' });
  const stricter = checkRestrictionPolicy({ carriers: { kddi: { cross: STOP } } });
  t.match(
    decideRestriction(everywhere, stricter),
    { lane: 'quarantine', beforeErase: 'stop' },
    'the rule of the mark stands beside it',
  );
  const second = [known('kddi', 'circle'), known('kddi', 'cross', { slot: 2 })];
  t.match(decideRestriction(second, SHIPPED), {
    lane: 'return',
    reasons: ['restriction:kddi:cross:imei2'],
  });
});

t.test('the exceptions of one carrier are those of no other', async (t) => {
  const policy = checkRestrictionPolicy({
    carriers: { docomo: { triangle: { beforeErase: 'go-on', lane: 'release' } } },
  });
  t.match(decideRestriction(marksOf('triangle'), policy), {
    aggregate: 'triangle',
    lane: 'release',
    reasons: ['restriction:docomo:triangle'],
    holds: [],
  });
  t.match(decideRestriction(marksOf('triangle', 'triangle'), policy), {
    lane: 'attention',
    holds: ['kddi:triangle'],
  });
});

t.test('what comes in the way of a mark may be ruled by itself', async (t) => {
  const policy = checkRestrictionPolicy({ unknownBecause: { captcha: STOP } });
  for (const outcome of LOOK_UP_OUTCOMES.filter((one) => one !== 'ok')) {
    const marks = [known('docomo', 'unknown', { outcome }), known('kddi', 'circle')];
    const captcha = outcome === 'captcha';
    t.match(
      decideRestriction(marks, policy),
      {
        aggregate: 'unknown',
        beforeErase: captcha ? 'stop' : 'go-on',
        stoppedBy: captcha ? 'unknown' : null,
        lane: captcha ? 'quarantine' : 'attention',
        reasons: [`restriction:docomo:unknown:${outcome}`],
      },
      outcome,
    );
    const stated = marks.map((mark) => ({ ...mark, stated: true }));
    t.equal(decideRestriction(stated, policy).beforeErase, 'go-on', 'a person has spoken already');
  }
});

t.test('a mark that stops is decided by a person, before one that is only unknown', async (t) => {
  const policy = checkRestrictionPolicy({ marks: { cross: STOP, unknown: STOP } });
  t.match(decideRestriction(marksOf('cross', 'unknown'), policy), {
    beforeErase: 'stop',
    stoppedBy: 'mark',
  });
  t.match(decideRestriction(marksOf('unknown'), policy), { stoppedBy: 'unknown' });
  t.match(decideRestriction(marksOf('circle'), policy), { stoppedBy: null, lane: 'release' });
});

t.test('a handset that told no number is held', async (t) => {
  t.same(decideRestriction([], SHIPPED), {
    aggregate: 'unknown',
    beforeErase: 'go-on',
    lane: 'attention',
    reasons: ['restriction:no-imei'],
    holds: [],
    stoppedBy: null,
  });
  const stop = checkRestrictionPolicy({ noImei: STOP });
  t.match(decideRestriction([], stop), { beforeErase: 'stop', stoppedBy: 'mark' });
});
