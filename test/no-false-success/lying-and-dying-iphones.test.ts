import t from 'tap';
import type { LedgerEntry } from '../../src/ledger/entry.js';
import type { AppleFaults } from '../../src/simulator/apple/faults.js';
import { newIdentity } from '../../src/simulator/apple/identity.js';
import type { IphoneSpec } from '../../src/simulator/apple/iphone-spec.js';
import { APPLE_PROFILES } from '../../src/simulator/apple/profiles.js';
import { World } from '../support/world.js';

interface Liar {
  readonly name: string;
  readonly spec?: Partial<IphoneSpec>;
  readonly faults?: Partial<AppleFaults>;
  /** Default: it trusts this rack, and a person would tap Trust again. */
  readonly untrusted?: boolean;
  /** How the port must end: a verdict or `attention:code`. */
  readonly ends: readonly string[];
}

const PROFILE = 'iphone-12-ios-18';
const BY_HAND = ['attention:erase-iphone-by-hand'];
const AWAY = ['inconclusive', 'attention:handset-not-returning'];
const ORGANISATION = { organization: 'Example School', allowPairing: true, mandatory: true };

const LIARS: readonly Liar[] = [
  {
    name: 'the erase is acknowledged and not done',
    faults: { eraseDoes: 'nothing' },
    ends: BY_HAND,
  },
  { name: 'it restarts in place of an erase', faults: { eraseDoes: 'restarts' }, ends: BY_HAND },
  {
    name: 'all looks fresh and the files are still there',
    faults: { eraseDoes: 'keeps-files' },
    ends: BY_HAND,
  },
  {
    name: 'no answer to the order, and nothing done',
    faults: { eraseAnswer: 'never-answers', eraseDoes: 'nothing' },
    ends: BY_HAND,
  },
  {
    name: 'the firmware records that the erase failed',
    faults: { nvram: 'failure' },
    ends: ['failed'],
  },
  {
    name: 'it still trusts whom it trusted before its erase',
    faults: { eraseKeepsHosts: true },
    ends: ['failed'],
  },
  {
    name: 'another iPhone comes back from the erase',
    faults: { returnsAs: newIdentity(APPLE_PROFILES[PROFILE]) },
    ends: ['inconclusive', 'failed'],
  },
  { name: 'it never comes back from the erase', faults: { diesInErase: true }, ends: AWAY },
  {
    name: 'it takes longer to come back than anybody waits',
    faults: { bootMs: 600_000 },
    ends: AWAY,
  },
  {
    name: 'it says that it is full when it is not',
    faults: { afcFullAfter: 2_000_000 },
    ends: ['attention:handset-not-returning'],
  },
  {
    name: 'it gives back something else than was written',
    faults: { afcFlipsByteAt: 123_456 },
    ends: ['failed'],
  },
  {
    name: 'the cable comes off for good while it is overwritten',
    faults: { cableDrop: { afterAfcBytes: 4_000_000, forMs: null } },
    ends: AWAY,
  },
  {
    name: 'it answers another question than was asked',
    faults: { lockdown: { answersOtherKey: 'PhoneNumber' } },
    ends: ['attention:handset-not-returning'],
  },
  {
    name: 'it says each answer twice',
    faults: { lockdown: { answersTwice: true } },
    ends: ['attention:handset-not-returning'],
  },
  {
    name: 'it does not answer in its session',
    faults: { lockdown: { neverAnswers: true } },
    ends: ['attention:handset-not-returning'],
  },
  { name: 'Find My is on', spec: { findMy: true }, ends: ['attention:find-my-on'] },
  {
    name: 'erased and locked to its owner',
    spec: { condition: 'already-erased', activationLocked: true },
    ends: ['attention:activation-locked'],
  },
  { name: 'supervised', spec: { supervision: ORGANISATION }, ends: ['attention:managed-device'] },
  {
    name: 'its management forbids pairing',
    spec: { supervision: { ...ORGANISATION, allowPairing: false } },
    untrusted: true,
    ends: ['attention:iphone-pairing-forbidden'],
  },
  { name: 'an empty battery', spec: { battery: { percent: 3 } }, ends: ['attention:battery-low'] },
  {
    name: 'a SIM card is in',
    spec: { sims: { card: true, status: 'Ready' } },
    ends: ['attention:sim-present'],
  },
  {
    name: 'nobody taps Trust',
    faults: { trustNeverTapped: true },
    untrusted: true,
    ends: ['attention:iphone-trust'],
  },
  {
    name: 'its pair record is stale, and nobody taps Trust again',
    faults: { forgetsHosts: true, trustNeverTapped: true },
    ends: ['attention:iphone-trust'],
  },
  {
    name: 'locked',
    spec: { passcode: 'locked' },
    untrusted: true,
    ends: ['attention:iphone-locked'],
  },
  {
    name: 'not unlocked since it started',
    spec: { passcode: 'not-unlocked-since-boot' },
    ends: ['attention:iphone-not-unlocked', 'attention:iphone-locked'],
  },
  {
    name: 'it takes no files and must be overwritten',
    spec: { condition: 'already-erased', afcInSetup: false },
    ends: ['attention:iphone-storage-closed'],
  },
];

function portOf(index: number): string {
  return `P${String(index + 1).padStart(2, '0')}`;
}

t.test('no lying or dying iPhone passes', async (t) => {
  const world = await World.start(t, {
    config: {
      timing: {
        settleSeconds: 2,
        leaveSeconds: 4,
        returnSeconds: 8,
        commandSeconds: 6,
        identifySeconds: 20,
        goneGraceSeconds: 15,
        stallSeconds: 20,
      },
    },
  });
  await Promise.all(
    LIARS.map(({ spec, faults, untrusted }, index) =>
      world.plugIphone(portOf(index), {
        iphone: { profile: PROFILE, ...spec },
        trusted: !untrusted,
        ...(faults ? { faults } : {}),
      }),
    ),
  );
  // One that left for good is at rest for a moment only, until its port is free again.
  const views = await Promise.all(LIARS.map((_, index) => world.atRest(portOf(index), 180)));
  for (const [index, { name, ends }] of LIARS.entries()) {
    const view = views[index];
    if (!view) throw new Error(name);
    const end = view.verdict ?? `attention:${view.attention?.code ?? ''}`;
    t.ok(ends.includes(end), `${name}: ${end}`);
    t.not(view.light.colour, 'green', `${name}: no green light`);
  }
  const settled = (await world.ledger()).filter(({ type }: LedgerEntry) => type === 'run-settled');
  t.notOk(
    settled.some(({ body }) => body['verdict'] === 'passed'),
    'the ledger has no pass',
  );
});
