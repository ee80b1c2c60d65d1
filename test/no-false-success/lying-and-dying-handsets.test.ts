import t from 'tap';
import type { LedgerEntry } from '../../src/ledger/entry.js';
import type { Faults } from '../../src/simulator/android/faults.js';
import type { HandsetSpec } from '../../src/simulator/android/handset-spec.js';
import { World } from '../support/world.js';

interface Liar {
  readonly name: string;
  readonly spec: HandsetSpec;
  readonly faults?: Partial<Faults>;
  /** How the port must end: `verdict` or `state:attention`. */
  readonly ends: readonly string[];
}

const TEST_HARNESS = { profile: 'google-pixel-7', condition: 'in-use' } as const;
const SETTINGS = { profile: 'sharp-sh-m05', condition: 'in-use' } as const;
const TRADE_IN = { profile: 'google-pixel-9', condition: 'in-use' } as const;

const LIARS: readonly Liar[] = [
  {
    name: 'every reset is answered and none happens',
    spec: TEST_HARNESS,
    faults: { ignoresReset: ['test-harness', 'settings-screen'] },
    ends: ['attention:reset-by-hand'],
  },
  {
    name: 'a granted broadcast that completes with result=0 and does nothing',
    spec: { ...SETTINGS, shellMayMasterClear: true },
    faults: { ignoresReset: ['settings-screen', 'broadcast'] },
    ends: ['attention:reset-by-hand'],
  },
  {
    name: 'a reset that keeps the files (test harness)',
    spec: TEST_HARNESS,
    faults: { resetKeeps: 'data' },
    ends: ['failed', 'inconclusive', 'attention:reset-by-hand', 'attention:enable-usb-debugging'],
  },
  {
    name: 'a reset that keeps the files (trade-in mode)',
    spec: TRADE_IN,
    faults: { resetKeeps: 'data' },
    ends: ['failed', 'inconclusive', 'attention:reset-by-hand'],
  },
  {
    name: 'a reset that clears the set-up flags only',
    spec: TEST_HARNESS,
    faults: { resetKeeps: 'all-but-settings' },
    ends: ['failed', 'inconclusive', 'attention:reset-by-hand', 'attention:enable-usb-debugging'],
  },
  {
    name: 'never comes back from the reset',
    spec: TEST_HARNESS,
    faults: { diesInReset: true },
    ends: ['inconclusive', 'attention:handset-not-returning'],
  },
  {
    name: 'takes longer to boot than anybody waits',
    spec: TEST_HARNESS,
    faults: { bootMs: 600_000 },
    ends: ['inconclusive', 'attention:handset-not-returning'],
  },
  {
    name: 'gives back something else than was written',
    spec: TEST_HARNESS,
    faults: { flipsFillByte: true },
    ends: ['failed'],
  },
  {
    name: 'the cable comes off for good while it is overwritten',
    spec: TEST_HARNESS,
    faults: { cableDrop: { fillBytes: 4_000_000, forMs: null } },
    ends: ['inconclusive', 'attention:handset-not-returning'],
  },
  {
    name: 'hides its system identity and ignores every reset',
    spec: TEST_HARNESS,
    faults: {
      answers: [{ command: /^settings get secure android_id/, stdout: 'null\n' }],
      ignoresReset: ['test-harness', 'settings-screen'],
    },
    ends: ['attention:reset-by-hand'],
  },
  {
    name: 'locked by factory reset protection',
    spec: { ...TEST_HARNESS, frpLocked: true },
    ends: ['attention:frp-locked'],
  },
  {
    name: 'an empty battery',
    spec: { ...TEST_HARNESS, battery: { level: 3 } },
    ends: ['attention:battery-low'],
  },
  {
    name: 'an account of the seller',
    spec: { ...TEST_HARNESS, accounts: [{ name: 'a@example.com', type: 'com.google' }] },
    ends: ['attention:account-present'],
  },
  {
    name: 'a device owner',
    spec: {
      ...TEST_HARNESS,
      deviceOwner: { name: 'com.example.mdm/.Admin', package: 'com.example.mdm' } as never,
    },
    ends: ['attention:managed-device'],
  },
  {
    name: 'a restriction against resets',
    spec: { ...TEST_HARNESS, restrictions: ['no_factory_reset'] },
    ends: ['attention:reset-forbidden'],
  },
  {
    name: 'a work profile',
    spec: { ...TEST_HARNESS, secondUser: true },
    ends: ['attention:several-users', 'attention:managed-device'],
  },
  {
    name: 'nobody taps Allow',
    spec: { ...TEST_HARNESS, authorisedKeys: [] },
    ends: ['attention:authorise-usb-debugging'],
  },
  {
    name: 'accepts every service and says nothing',
    spec: TEST_HARNESS,
    faults: { wire: { mute: true } },
    ends: ['attention:handset-not-returning', 'attention:handset-offline'],
  },
  {
    name: 'random bytes instead of answers',
    spec: { ...TEST_HARNESS },
    faults: {
      answers: [
        {
          command: /^(getprop|dumpsys|service|pm|settings)/,
          stdout: new Uint8Array(4096).map((_, i) => (i * 167 + 13) % 256),
        },
      ],
    },
    ends: [
      'attention:unsupported-handset',
      'attention:handset-not-returning',
      'attention:account-present',
      'attention:managed-device',
      'attention:reset-forbidden',
      'attention:frp-locked',
    ],
  },
  {
    name: 'an Android that is too old for any known method',
    spec: { ...SETTINGS, profileChanges: { sdk: 22, android: 5 } },
    ends: ['attention:unsupported-handset'],
  },
  {
    name: 'a FeliCa chip that nobody cleared',
    spec: { profile: 'sharp-sh-53c', condition: 'in-use' },
    ends: ['attention:felica-clear-needed'],
  },
];

function portOf(index: number): string {
  return `P${String(index + 1).padStart(2, '0')}`;
}

t.test('no lying or dying handset passes', async (t) => {
  const world = await World.start(t, {
    config: {
      timing: {
        settleSeconds: 0.3,
        leaveSeconds: 4,
        returnSeconds: 10,
        commandSeconds: 15,
        identifySeconds: 20,
        goneGraceSeconds: 15,
        stallSeconds: 40,
      },
    },
  });
  await Promise.all(
    LIARS.map(({ name: _name, ends: _ends, ...story }, index) => world.plug(portOf(index), story)),
  );
  // One that left for good is at rest for a moment only, until its port is free again.
  const views = await Promise.all(LIARS.map((_, index) => world.atRest(portOf(index), 150)));
  for (const [index, { name, ends }] of LIARS.entries()) {
    const view = views[index];
    if (!view) throw new Error(name);
    const end =
      view.verdict ??
      `${view.state === 'unready' ? 'attention' : view.state}:${view.attention?.code ?? ''}`;
    t.ok(ends.includes(end), `${name}: ${end}`);
    t.not(view.light.colour, 'green', `${name}: no green light`);
  }
  const settled = (await world.ledger()).filter(({ type }: LedgerEntry) => type === 'run-settled');
  t.notOk(
    settled.some(({ body }) => body['verdict'] === 'passed'),
    'the ledger has no pass',
  );
});
