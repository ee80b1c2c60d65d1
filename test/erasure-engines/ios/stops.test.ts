import t from 'tap';
import type { AttentionCode } from '../../../src/attention.js';
import type { AppleFaults } from '../../../src/simulator/apple/faults.js';
import type { IphoneSpec } from '../../../src/simulator/apple/iphone-spec.js';
import type { Person } from '../../../src/simulator/apple/person.js';
import { iphoneRun } from './helpers/iphone-run.js';

const ORGANISATION = { organization: 'Example School', allowPairing: true, mandatory: true };

/** What stops an iPhone before anything is destroyed, and what a person does about it. */
const STOPS: readonly {
  readonly code: AttentionCode;
  readonly spec: Partial<IphoneSpec>;
  readonly faults?: Partial<AppleFaults>;
  readonly mends?: (person: Person) => void;
}[] = [
  { code: 'find-my-on', spec: { findMy: true }, mends: (person) => person.signOut() },
  {
    code: 'activation-locked',
    spec: { condition: 'already-erased', activationLocked: true },
    mends: (person) => person.signOut(),
  },
  {
    code: 'managed-device',
    spec: { supervision: ORGANISATION },
    mends: (person) => person.releaseManagement(),
  },
  {
    code: 'sim-present',
    spec: { sims: { card: true, status: 'Ready' } },
    mends: (person) => person.setSims({ card: false, status: 'NotInserted' }),
  },
  {
    code: 'battery-low',
    spec: { battery: { percent: 9 } },
    mends: (person) => person.setBattery({ percent: 80 }),
  },
];

for (const { code, spec, faults, mends } of STOPS) {
  t.test(`${code} stops before anything is destroyed`, async (t) => {
    const { phone, run, stage } = await iphoneRun(
      t,
      { profile: 'iphone-12-ios-18', ...spec },
      { faults: faults ?? {} },
    );
    t.match(await stage('identify'), { kind: 'attention', code });
    t.match(await stage('reset-delete'), { kind: 'attention', code }, 'and later too');
    t.match(run.last('gates'), { holds: false, value: { stoppedBy: code } });
    t.equal(run.intents.length, 0);
    t.equal(phone.erases, 0);
    mends?.(phone.person);
    t.same(await stage('identify'), { kind: 'done' }, 'mended');
  });
}

t.test('an old iPhone that is not activated cannot say whether Find My locks it', async (t) => {
  const { stage } = await iphoneRun(t, {
    profile: 'iphone-6-ios-12',
    condition: 'already-erased',
    activationLocked: true,
  });
  t.match(await stage('identify'), { kind: 'attention', code: 'find-my-unknown' });
});

t.test('profiles of a carrier alone are no management', async (t) => {
  const profile = { identifier: 'jp.example.apn', displayName: 'APN', removable: true };
  const { run, stage } = await iphoneRun(t, {
    profile: 'iphone-11-ios-17',
    configurationProfiles: [profile],
  });
  t.same(await stage('identify'), { kind: 'done' });
  t.match(run.last('gates'), { value: { profiles: ['jp.example.apn'] } });
});

t.test("a screen that is locked is a person's, and goes on by itself", async (t) => {
  const { phone, stage, becomes } = await iphoneRun(
    t,
    { profile: 'iphone-11-ios-17', passcode: 'locked' },
    { trusted: false },
  );
  await becomes('mux:locked');
  t.match(await stage('identify'), { kind: 'attention', code: 'iphone-locked' });
  phone.person.trustsAlways();
  phone.person.unlock();
  await becomes('mux:paired');
  t.same(await stage('identify'), { kind: 'done' });
});

t.test(
  'a pairing that is lost in mid-run is asked for again, not taken for an erase',
  async (t) => {
    const { phone, stage, becomes } = await iphoneRun(t, { profile: 'iphone-12-ios-18' });
    t.same(await stage('identify'), { kind: 'done' });
    phone.faults.trustNeverTapped = true;
    phone.person.resetLocationAndPrivacy();
    t.match(await stage('reset-delete'), { kind: 'attention', code: 'iphone-trust' });
    t.equal(phone.erases, 0);
    phone.faults.trustNeverTapped = false;
    phone.person.trust();
    await becomes('mux:paired');
    t.same(await stage('reset-delete'), { kind: 'done' });
    t.equal(phone.erases, 1);
  },
);

t.test('set up by somebody before the end: what they put in is not called erased', async (t) => {
  const { phone, run, stages, stage } = await iphoneRun(t, { profile: 'iphone-12-ios-18' });
  t.same(await stages('identify', 'reset-delete', 'overwrite-erase', 'felica-clear'), {
    kind: 'done',
  });
  phone.update((state) => ({ ...state, activated: true, setupDone: true }));
  t.match(await stage('verify'), { kind: 'failed', code: 'reset-not-proved' });
  t.match(run.last('closing-reset'), { holds: false });
});
