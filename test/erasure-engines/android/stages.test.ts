import t from 'tap';
import { resetProof } from '../../../src/erasure-engines/proof.js';
import { SarachiError } from '../../../src/errors.js';
import { playHandset } from './helpers/play-handset.js';
import { IMEI, IN_USE } from './helpers/probe-answers.js';
import { MemoryRun } from './helpers/run-context.js';

const TIMING = {
  leaveSeconds: 0.4,
  returnSeconds: 10,
  settleSeconds: 0.02,
  commandSeconds: 10,
  identifySeconds: 10,
};
const newRun = (policy = {}) => new MemoryRun({ policy, timing: TIMING });
const tries = (run: MemoryRun) =>
  run.evidence
    .filter(({ kind }) => kind === 'rung-tried')
    .map(({ method, holds, value }) => `${method} ${holds ? 'held' : value['why']}`);

t.test(
  'Android 13 in use: identified, reset by test harness, proved from inside, closed by the settings screen',
  async (t) => {
    const handset = await playHandset(IN_USE);
    t.teardown(handset.close);
    const { engine, link } = handset;
    const run = newRun();
    t.same(await engine.identify(run.context('identify')), { kind: 'done' });
    t.match(run.identity, {
      serial: 'SERIAL01',
      imeis: [IMEI],
      imeiSource: 'iphonesubinfo 4:0',
      sdk: 33,
      encryption: 'file',
      felica: 'not-present',
      batteryPercent: 80,
    });
    t.match(run.last('identity')?.value['capabilities'], {
      mode: 'authorised',
      testHarness: true,
      tradeIn: false,
      resetScreen: true,
    });
    t.same(await engine.resetDelete(run.context('reset-delete')), { kind: 'done' });
    t.same(tries(run), ['test-harness held']);
    t.same(resetProof(run.evidence, run.policy), {
      proved: true,
      signals: [
        'bus',
        'first-boot-state',
        'canary',
        'system-identity',
        'nobody-home',
        'boot-reason',
      ],
      missing: [],
    });
    const order = run.intents.map(({ step, detail }) => `${step} ${detail['method']}`);
    t.same(order, ['reset test-harness']);
    t.same(
      await engine.resetDelete(run.context('reset-delete')),
      { kind: 'done' },
      'again: nothing is done',
    );
    t.equal(handset.resets(), 1);
    t.same(await engine.felicaClear(run.context('felica-clear')), { kind: 'done' });
    t.same(await engine.verify(run.context('verify')), { kind: 'done' });
    t.match(run.last('closing-reset'), {
      holds: true,
      method: 'settings-screen',
      value: { seen: 'usb without adb' },
    });
    t.match(run.last('final-state'), { holds: true });
    t.equal(handset.resets(), 2);
    t.same(await engine.verify(run.context('verify')), { kind: 'done' }, 'again: nothing is done');
    t.equal(handset.resets(), 2);
    t.ok(link.bytesMoved() < 300_000, `${link.bytesMoved()} bytes moved`);
  },
);

t.test(
  'Android 16 in the foyer: evaluated, wiped, proved from inside, left in the foyer',
  async (t) => {
    const handset = await playHandset(
      { ...IN_USE, sdk: 36, tradeInMode: '1', setUp: false },
      {},
      'foyer',
    );
    t.teardown(handset.close);
    const { engine } = handset;
    const run = newRun();
    t.same(await engine.identify(run.context('identify')), { kind: 'done' });
    t.match(run.identity, {
      serial: 'SERIAL01',
      imeis: [IMEI],
      sdk: null,
      felica: 'unknown',
      storageBytes: 128e9,
    });
    t.same(await engine.resetDelete(run.context('reset-delete')), { kind: 'done' });
    t.same(tries(run), ['trade-in held']);
    t.same(
      run.intents.map(({ step }) => step),
      ['trade-in-evaluate', 'reset', 'trade-in-evaluate'],
    );
    t.match(run.identity, { sdk: 36, felica: 'not-present' }, 'known better from inside');
    t.equal(run.last('trade-in-foyer')?.holds, true);
    t.equal(run.last('canary-gone')?.holds, true);
    t.same(await engine.felicaClear(run.context('felica-clear')), { kind: 'done' });
    t.same(await engine.verify(run.context('verify')), { kind: 'done' });
    t.match(run.last('final-state'), {
      holds: true,
      value: { seen: 'trade-in foyer', frp: 'off' },
    });
    t.equal(handset.resets(), 2);
  },
);

t.test(
  'a handset that says yes and does nothing: every method in turn, then a person, observed and proved',
  async (t) => {
    const handset = await playHandset(IN_USE, { deaf: /testharness enable|input tap/ });
    t.teardown(handset.close);
    const { engine } = handset;
    const run = newRun();
    await engine.identify(run.context('identify'));
    const reset = () => engine.resetDelete(run.context('reset-delete'));
    t.match(await reset(), { kind: 'attention', code: 'unknown-reset-screen' });
    t.same(tries(run), ['test-harness did-not-leave', 'settings-screen unknown-screen']);
    t.match(await reset(), { kind: 'attention', code: 'reset-by-hand' }, 'nothing has changed');
    t.equal(run.intents.length, 3);
    await handset.reset('no-adb');
    t.match(await reset(), { kind: 'attention', code: 'enable-usb-debugging' });
    handset.enableDebugging();
    t.same(await reset(), { kind: 'done' });
    t.same(tries(run).at(-1), 'person held');
    t.equal(run.last('canary-gone')?.holds, true);
  },
);

t.test('a handset that only restarts is not reset, whatever it says', async (t) => {
  const handset = await playHandset(IN_USE, { onlyReboots: true });
  t.teardown(handset.close);
  const { engine } = handset;
  const run = newRun({ resetMethods: ['test-harness', 'settings-screen'] });
  await engine.identify(run.context('identify'));
  t.match(await engine.resetDelete(run.context('reset-delete')), {
    kind: 'failed',
    code: 'reset-not-proved',
  });
  t.same(tries(run), ['test-harness canary-survived', 'settings-screen canary-survived']);
  t.equal(resetProof(run.evidence, run.policy).proved, false);
});

t.test('another handset in the port voids the reset', async (t) => {
  const handset = await playHandset(IN_USE, { swapped: true });
  t.teardown(handset.close);
  const run = newRun();
  await handset.engine.identify(run.context('identify'));
  t.match(await handset.engine.resetDelete(run.context('reset-delete')), {
    kind: 'failed',
    code: 'handset-swapped',
  });
  const other = await playHandset({ ...IN_USE, serial: 'OTHER99' });
  t.teardown(other.close);
  t.match(await other.engine.identify(newRun().context('identify')), {
    kind: 'failed',
    code: 'handset-swapped',
  });
});

t.test('killed after the handset was asked: it is looked at, not reset again', async (t) => {
  const handset = await playHandset(IN_USE);
  t.teardown(handset.close);
  const { engine, link } = handset;
  const run = newRun();
  await engine.identify(run.context('identify'));
  const kill = new AbortController();
  const gone = link.waitFor((sighting) => sighting === null, {
    signal: new AbortController().signal,
    timeoutMs: 20_000,
  });
  const first = engine.resetDelete(run.context('reset-delete', kill.signal));
  first.catch(() => undefined);
  await gone;
  kill.abort();
  await t.rejects(first, { code: 'aborted' });
  t.same(await engine.resetDelete(run.context('reset-delete')), { kind: 'done' });
  t.equal(handset.resets(), 1);
  t.equal(link.commands.filter((command) => command === 'cmd testharness enable').length, 1);
});

t.test('killed between intent and act: the same method is tried once more', async (t) => {
  const handset = await playHandset(IN_USE);
  t.teardown(handset.close);
  const { engine } = handset;
  const run = newRun();
  await engine.identify(run.context('identify'));
  const kill = new AbortController();
  const context = run.context('reset-delete', kill.signal);
  const died = engine.resetDelete({
    ...context,
    intend: async (step, detail) => {
      await context.intend(step, detail);
      throw new SarachiError('aborted');
    },
  });
  await t.rejects(died, { code: 'aborted' });
  t.equal(handset.resets(), 0);
  t.same(await engine.resetDelete(run.context('reset-delete')), { kind: 'done' });
  t.same(tries(run), ['test-harness not-acted', 'test-harness held']);
  t.equal(handset.resets(), 1);
});

t.test('the power fails between intent and act: the same method is tried once more', async (t) => {
  const handset = await playHandset(IN_USE);
  t.teardown(handset.close);
  const { engine } = handset;
  const run = newRun();
  await engine.identify(run.context('identify'));
  const context = run.context('reset-delete');
  const died = engine.resetDelete({
    ...context,
    intend: async (step, detail) => {
      await context.intend(step, detail);
      throw new SarachiError('aborted');
    },
  });
  await t.rejects(died, { code: 'aborted' });
  await handset.restart();
  t.same(await engine.resetDelete(run.context('reset-delete')), { kind: 'done' });
  t.same(tries(run), ['test-harness interrupted', 'test-harness held']);
  t.equal(handset.resets(), 1);
});

t.test('adb that still lists the handset from before its reset is waited out', async (t) => {
  const handset = await playHandset(IN_USE, { staleMs: 400 });
  t.teardown(handset.close);
  const { engine } = handset;
  const run = newRun();
  await engine.identify(run.context('identify'));
  t.same(await engine.resetDelete(run.context('reset-delete')), { kind: 'done' });
  t.same(await engine.verify(run.context('verify')), { kind: 'done' });
  t.same(tries(run), ['test-harness held', 'settings-screen held']);
});
