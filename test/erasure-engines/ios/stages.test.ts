import t from 'tap';
import { resetProof } from '../../../src/erasure-engines/proof.js';
import { APPLE_PROFILES, type AppleProfileName } from '../../../src/simulator/apple/profiles.js';
import { markersLeft } from '../../simulator/apple/fixtures.js';
import { iphoneRun } from './helpers/iphone-run.js';

const WHOLE = ['identify', 'reset-delete', 'overwrite-erase', 'felica-clear', 'verify'] as const;

for (const profile of Object.keys(APPLE_PROFILES) as AppleProfileName[]) {
  t.test(`${profile}: identified, erased, proved, and it forgets this rack`, async (t) => {
    const { phone, planted, run, stages, rack } = await iphoneRun(t, { profile });
    t.same(await stages(...WHOLE), { kind: 'done' });
    t.equal(phone.erases, 1);
    t.equal(await markersLeft(planted.folder), 0, 'nothing of the seller is left');
    const { identity } = phone.state;
    t.match(run.identity, {
      platform: 'apple',
      udid: identity.udid,
      ecid: identity.ecid.toString(16),
      serial: identity.serial,
      imeis: identity.imeis,
      osVersion: phone.state.profile.productVersion,
      encryption: 'file',
    });
    const { proved, signals } = resetProof(run.evidence, run.policy);
    t.ok(proved);
    t.ok(signals.includes('firmware-record') && signals.includes('canary'), signals.join(' '));
    t.ok(signals.length >= 6, `${signals.length} signals`);
    t.match(run.last('pairing-removed'), { holds: true });
    t.equal(phone.state.hosts.length, 0, 'the buyer finds no computer that it trusts');
    t.equal(await rack.usbmuxd.records.parsed(identity.udid), null, 'and this host forgot it too');
    t.match(run.last('final-state'), { holds: true, value: { activation: 'Unactivated' } });
    t.equal(phone.state.sims.esim, false, 'the eSIM went with the rest');
    const ledger = JSON.stringify([run.evidence, run.intents]);
    t.notMatch(ledger, /花子/, 'the name of its owner is on no record');
  });
}

t.test('a stage that is entered again repeats nothing', async (t) => {
  const { phone, run, stages, stage } = await iphoneRun(t, { profile: 'iphone-12-ios-18' });
  t.same(await stages(...WHOLE), { kind: 'done' });
  const facts = run.evidence.length;
  t.same(await stage('verify'), { kind: 'done' });
  t.same(await stage('felica-clear'), { kind: 'done' });
  t.equal(run.evidence.length, facts);
  t.equal(phone.erases, 1);
  t.equal(run.intents.filter(({ step }) => step === 'reset').length, 1);
});

t.test('killed after the order: the erase is concluded, not repeated', async (t) => {
  const { phone, run, engine, stages } = await iphoneRun(t, { profile: 'iphone-15-ios-26' });
  t.same(await stages('identify'), { kind: 'done' });
  const killed = new AbortController();
  const unwatch = phone.watch({
    faceChanged: () => killed.abort(),
    cableDropped: () => undefined,
    trusted: () => undefined,
  });
  const attempt = engine.resetDelete(run.context('reset-delete', killed.signal));
  await t.rejects(attempt, { code: 'aborted' });
  unwatch();
  t.same(await stages('reset-delete', 'overwrite-erase', 'felica-clear', 'verify'), {
    kind: 'done',
  });
  t.equal(phone.erases, 1);
  t.equal(run.intents.filter(({ step }) => step === 'reset').length, 1);
});

t.test('killed before the order: nothing was done, and the order is given once', async (t) => {
  const { phone, run, engine, stages } = await iphoneRun(t, { profile: 'iphone-12-ios-18' });
  t.same(await stages('identify'), { kind: 'done' });
  const killed = new AbortController();
  const context = run.context('reset-delete', killed.signal);
  const attempt = engine.resetDelete({
    ...context,
    intend: async (step, detail) => {
      await context.intend(step, detail);
      killed.abort();
    },
  });
  await t.rejects(attempt, { code: 'aborted' });
  t.equal(phone.erases, 0);
  t.same(await stages('reset-delete'), { kind: 'done' });
  t.equal(phone.erases, 1);
  t.match(
    run.evidence.filter(({ kind }) => kind === 'rung-tried').map(({ value }) => value['why']),
    ['not-acted', undefined],
  );
});

t.test('a service of profiles that does not know the order: the service of backups', async (t) => {
  const { phone, run, stages } = await iphoneRun(
    t,
    { profile: 'iphone-6-ios-12' },
    { faults: { eraseAnswer: 'format-error' } },
  );
  t.same(await stages(...WHOLE), { kind: 'done' });
  t.equal(phone.erases, 1);
  t.match(
    run.evidence
      .filter(({ kind }) => kind === 'rung-tried')
      .map(({ holds, value }) => [holds, value['why']]),
    [
      [false, 'refused'],
      [true, undefined],
    ],
  );
});

t.test('erased by hand on the handset, where the policy allows nothing else', async (t) => {
  const { phone, stages, stage, becomes } = await iphoneRun(
    t,
    { profile: 'iphone-11-ios-17' },
    { policy: { iphone: { eraseMethods: ['person'] } } },
  );
  t.match(await stages('identify', 'reset-delete'), { code: 'erase-iphone-by-hand' });
  t.match(await stage('reset-delete'), { code: 'erase-iphone-by-hand' }, 'asked again');
  phone.person.eraseByHand();
  await becomes(null);
  t.same(await stages('reset-delete', 'overwrite-erase', 'felica-clear', 'verify'), {
    kind: 'done',
  });
});

t.test('already erased at the counter: erased again, because nobody proved it', async (t) => {
  const { phone, run, stages } = await iphoneRun(t, {
    profile: 'iphone-12-ios-18',
    condition: 'already-erased',
  });
  t.same(await stages(...WHOLE), { kind: 'done' });
  t.equal(phone.erases, 1);
  t.ok(resetProof(run.evidence, run.policy).proved);
});
