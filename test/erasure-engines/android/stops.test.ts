import t from 'tap';
import { SarachiError } from '../../../src/errors.js';
import { sightingOf } from './helpers/local-link.js';
import { playHandset } from './helpers/play-handset.js';
import { IN_USE } from './helpers/probe-answers.js';
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
  'nothing destructive before the gates: an account that came after identify stops the reset',
  async (t) => {
    const handset = await playHandset(IN_USE);
    t.teardown(handset.close);
    const { engine } = handset;
    const run = newRun();
    t.same(await engine.identify(run.context('identify')), { kind: 'done' });
    await handset.become({ accounts: 1 });
    t.match(await engine.resetDelete(run.context('reset-delete')), {
      kind: 'attention',
      code: 'account-present',
    });
    t.same(run.intents, []);
    t.equal(run.last('gates')?.holds, false);
  },
);

t.test(
  'overwritten before the reset: a person looks at the first-boot screen instead',
  async (t) => {
    const handset = await playHandset({ ...IN_USE, sdk: 28, pdb: false });
    t.teardown(handset.close);
    const { engine } = handset;
    const run = newRun();
    await engine.identify(run.context('identify'));
    run.state('overwrite-read-back', 'overwrite-erase', {});
    run.state('overwrite-removed', 'overwrite-erase', {});
    const reset = () => engine.resetDelete(run.context('reset-delete'));
    t.match(await reset(), { kind: 'attention', code: 'confirm-first-boot-screen' });
    t.match(await reset(), { kind: 'attention', code: 'confirm-first-boot-screen' });
    run.state('person-confirmed', 'reset-delete', {
      attention: 'confirm-first-boot-screen',
      screen: 'first-boot',
    });
    t.same(await reset(), { kind: 'done' });
    t.same(tries(run), ['settings-screen held']);
    t.same(await engine.verify(run.context('verify')), { kind: 'done' });
    t.match(run.last('closing-reset'), { holds: true, method: 'reset-delete was the last reset' });
    t.equal(handset.resets(), 1);
  },
);

t.test('verify: a closing reset that did not happen is never done', async (t) => {
  const handset = await playHandset(IN_USE, { onlyReboots: true });
  t.teardown(handset.close);
  const run = newRun();
  await handset.engine.identify(run.context('identify'));
  t.match(await handset.engine.verify(run.context('verify')), {
    kind: 'attention',
    code: 'reset-by-hand',
  });
  t.same(tries(run), ['settings-screen not-at-first-boot']);
  t.notOk(run.last('final-state'));
});

t.test('FeliCa: present asks a person, whose word is recorded as a word', async (t) => {
  const handset = await playHandset({ ...IN_USE, felica: true });
  t.teardown(handset.close);
  const run = newRun();
  await handset.engine.identify(run.context('identify'));
  const clear = () => handset.engine.felicaClear(run.context('felica-clear'));
  t.match(await clear(), { kind: 'attention', code: 'felica-clear-needed' });
  t.match(run.last('felica-detected'), { holds: true });
  run.state('person-confirmed', 'felica-clear', {
    attention: 'felica-clear-needed',
    felica: 'cleared',
  });
  t.same(await clear(), { kind: 'done' });
  t.notOk(run.last('felica-not-present'));

  const silent = newRun();
  handset.link.move(sightingOf({ condition: 'usb:no-adb' }));
  t.match(await handset.engine.felicaClear(silent.context('felica-clear')), { kind: 'attention' });
  t.match(
    silent.last('felica-detected'),
    { holds: false, value: { looked: [] } },
    'not looked is not absent',
  );
});

t.test('conditions and garbage become codes', async (t) => {
  const handset = await playHandset(IN_USE);
  t.teardown(handset.close);
  const { link, engine } = handset;
  const identify = () => engine.identify(newRun().context('identify'));
  for (const [condition, code] of [
    ['adb:unauthorized', 'authorise-usb-debugging'],
    ['usb:no-adb', 'enable-usb-debugging'],
    ['adb:recovery', 'wrong-boot-mode'],
  ] as const) {
    link.move(sightingOf({ condition }));
    t.match(await identify(), { kind: 'attention', code });
  }
  link.move(sightingOf());
  link.intercept = (command) =>
    command.startsWith('getprop')
      ? null
      : { stdout: '\u0000\u202e'.repeat(10_000), stderr: '', exitCode: 0 };
  t.match(await identify(), { kind: 'failed', code: 'handset-garbage' });
  link.intercept = (command) => {
    if (command.startsWith('getprop')) return null;
    throw new SarachiError('handset-gone');
  };
  t.match(await identify(), { kind: 'again', code: 'handset-gone' });
});
