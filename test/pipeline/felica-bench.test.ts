import t from 'tap';
import { checkConfig } from '../../src/config.js';
import { ChipOwners } from '../../src/daemon/chip-owners.js';
import type { Evidence } from '../../src/evidence.js';
import type { HandsetIdentity } from '../../src/handset.js';
import { makePlan } from '../../src/pipeline/plan.js';
import { meetsReader, queueFor, readerOf, resourcesOf } from '../../src/pipeline/resources.js';
import type { RunRecord } from '../../src/pipeline/run-record.js';
import { viewOf } from '../../src/ports/port-view.js';

function site(felica: object) {
  const ports = Object.fromEntries(
    ['P01', 'P02', 'P03'].map((port, at) => [port, { usb: [`1-${at + 1}`], controller: 'A' }]),
  );
  return checkConfig({ rack: { controllers: { A: {} }, ports }, felica });
}

const CHIP = { platform: 'android', felica: 'present' } as HandsetIdentity;
const NO_CHIP = { platform: 'android', felica: 'not-present' } as HandsetIdentity;
const IPHONE = { platform: 'apple', felica: 'present' } as HandsetIdentity;

t.test('one queue for each reader, one handset at a time, ports shared out in turn', async (t) => {
  const two = site({ readers: ['3-1', '3-2'] });
  t.same(
    resourcesOf(two).filter(({ queue }) => queue.startsWith('felica')),
    [
      { queue: 'felica-1', concurrency: 1 },
      { queue: 'felica-2', concurrency: 1 },
    ],
  );
  t.same(
    ['P01', 'P02', 'P03', 'P99'].map((port) => readerOf(port, two)),
    [1, 2, 1, null],
  );
  const clear = { stage: 'felica-clear', port: 'P02' } as const;
  t.equal(queueFor(clear, CHIP, two), 'felica-2');
  t.equal(queueFor(clear, NO_CHIP, two), 'usb-A', 'no chip, no reader');
  t.equal(queueFor(clear, null, two), 'usb-A');
  t.equal(queueFor({ ...clear, stage: 'verify' }, CHIP, two), 'usb-A');
  t.equal(queueFor(clear, CHIP, site({})), 'usb-A', 'a rack without readers is as it was');
  t.equal(readerOf('P02', site({ readers: 'auto' })), 1);
  t.notOk(meetsReader(IPHONE, two.felica));
  t.ok(meetsReader(IPHONE, site({ readers: ['3-1'], checkIphones: true }).felica));
});

t.test('the chip comes before the reset, and the plan says why', async (t) => {
  const capabilities = { sdk: 33, mode: 'shell', testHarness: true, screens: true };
  const record = {
    identity: CHIP,
    evidence: [{ kind: 'identity', holds: true, value: { capabilities } }],
  } as unknown as RunRecord;
  const reasons = (felica: object) => {
    const config = site(felica);
    const plan = makePlan(record, config.policy, config.felica);
    const stages = plan?.stages.map(({ stage }) => stage) ?? [];
    t.ok(stages.indexOf('felica-clear') < stages.indexOf('reset-delete'), 'before the reset');
    const { method, reason } = plan?.stages.find(({ stage }) => stage === 'felica-clear') ?? {};
    return `${method}: ${reason}`;
  };
  t.match(
    reasons({ readers: ['3-1'], clear: { method: 'on-device' } }),
    /on-device.*goes with its reset/,
  );
  t.match(
    reasons({ readers: ['3-1'], clear: { method: 'external-tool', command: '/tool' } }),
    /survey > external-tool .*nothing is destroyed before/,
  );
  t.match(reasons({}), /not proved from here/);
});

t.test('a chip that was somebody else’s of late is never the next handset’s', async (t) => {
  let now = Date.parse('2026-11-22T10:00:00Z');
  const owners = new ChipOwners(() => now);
  const bound: Evidence = {
    kind: 'felica-identity-bound',
    stage: 'felica-clear',
    method: 'test',
    at: '2026-11-22T09:00:00.000Z',
    holds: true,
    value: { container: 'c1', management: 'm1' },
  };
  const record = (run: string, handset: string) =>
    ({ run, handset, evidence: [bound] }) as unknown as RunRecord;
  owners.learn(record('r1', 'android:A'));
  for (const digest of ['c1', 'm1']) t.ok(owners.isAnothers(digest, record('r2', 'android:B')));
  t.notOk(owners.isAnothers('c1', record('r3', 'android:A')), 'the same handset in a new run');
  t.notOk(owners.isAnothers('c2', record('r2', 'android:B')));
  now += 24 * 3_600_000;
  t.notOk(owners.isAnothers('c1', record('r2', 'android:B')), 'a day later');
});

t.test(
  'a port that waits at its reader says so, with the number, and its light calls',
  async (t) => {
    const view = viewOf({
      port: { port: 'P17', usbPaths: ['1-1'], controller: 'A' },
      state: {
        at: 'working',
        handset: null,
        goneSince: null,
        run: 'r',
        stage: 'felica-clear',
        fence: 1,
        condition: null,
      },
      held: false,
      workOrder: null,
      condition: null,
      since: 0,
      trouble: null,
      blinking: false,
      facts: {
        identity: null,
        progress: null,
        waiting: null,
        reasons: [],
        error: null,
        asks: 'felica-place-on-reader',
        reader: 2,
        validation: 'not-needed',
      },
      now: 0,
      settleMs: 0,
    });
    t.match(view.attention?.en, /FeliCa reader 2, alone/);
    t.match(view.attention?.ja, /FeliCaリーダー2の上/);
    t.match(view.light, { colour: 'white', pattern: 'double', word: { en: 'TO READER' } });
    t.same(view.state, 'working');
  },
);
