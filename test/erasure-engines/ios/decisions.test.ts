import t from 'tap';
import type { PlistDict, PlistValue } from '../../../src/devices/apple/plist/plist-value.js';
import { buildReport } from '../../../src/erasure-engines/ios/build-report.js';
import { type GateReport, gatesOf } from '../../../src/erasure-engines/ios/gates.js';
import { eraseMethods } from '../../../src/erasure-engines/ios/methods.js';
import { felicaOfModel, modelName } from '../../../src/erasure-engines/ios/models.js';
import type { RawLook } from '../../../src/erasure-engines/ios/raw-look.js';
import { type Before, signalsOf } from '../../../src/erasure-engines/ios/signals.js';
import { seeded } from '../../support/random.js';
import { policyOf } from '../android/helpers/run-context.js';

const NVRAM = {
  obliteration: null,
  obliterationBegins: null,
  obliterationFailure: null,
  activationLocked: 'NO',
};
const VALUES: PlistDict = {
  ActivationState: 'Activated',
  DeviceName: 'iPhone',
  InternationalMobileEquipmentIdentity: '353644930000016',
  PasswordProtected: false,
  ProductType: 'iPhone13,2',
  ProductVersion: '18.5',
  RegionInfo: 'J/A',
  SerialNumber: 'C39XYZ',
  SIMTrayStatus: 'kCTSIMSupportSIMTrayEmpty',
  UniqueChipID: 0x1a2b3c,
  UniqueDeviceID: '00008101-0000000000001234',
};
const look = (more: Partial<RawLook> = {}): RawLook => ({
  values: VALUES,
  disk: { TotalDiskCapacity: 128e9, TotalDataCapacity: 100, TotalDataAvailable: 40 },
  battery: { BatteryCurrentCapacity: 80, ExternalConnected: true },
  setup: { SetupDone: true },
  international: { Language: 'ja' },
  findMy: false,
  cloud: { IsSupervised: false },
  profiles: { OrderedIdentifiers: [] },
  gauge: { CycleCount: 312 },
  nvram: NVRAM,
  files: true,
  ...more,
});
const gated = (raw: Partial<RawLook> = {}, more: Partial<GateReport> = {}): GateReport => ({
  ...buildReport(look(raw)),
  jpkiDeclared: false,
  imeiElsewhere: false,
  ...more,
});
const gate = (raw: Partial<RawLook>, more?: Partial<GateReport>) =>
  gatesOf(gated(raw, more), policyOf());

t.test('a look becomes typed facts', async (t) => {
  const { identity, capabilities, state } = buildReport(look());
  t.match(identity, {
    model: 'iPhone 12',
    ecid: '1a2b3c',
    imeis: [],
    batteryCycles: 312,
    felica: 'present',
  });
  t.same(capabilities, { ios: 18, activated: true, files: true });
  t.match(state, { simInserted: false, supervised: false, activationLocked: false });
  const deeper = buildReport(look({ gauge: { BatteryData: { CycleCount: 7 } } }));
  t.equal(deeper.identity.batteryCycles, 7, 'one level deeper on newer systems');
  t.equal(modelName('iPhone99,1'), 'iPhone99,1');
  t.equal(felicaOfModel('iPhone9,1', 'J/A'), 'present');
  t.equal(felicaOfModel('iPhone9,1', 'LL/A'), 'unknown');
});

t.test('what is not told is never clean', async (t) => {
  t.equal(gate({}), null);
  t.equal(gate({ findMy: undefined }), 'find-my-unknown');
  t.equal(gate({ findMy: 'no' }), 'find-my-unknown', 'another kind of value is no answer');
  t.equal(gate({ cloud: null }), 'managed-device');
  t.equal(gate({ cloud: {} }), 'managed-device');
  t.equal(gate({ cloud: { IsSupervised: false, IsMDMUnremovable: true } }), 'managed-device');
  t.equal(gate({ cloud: { IsSupervised: false, ConfigurationURL: 'x' } }), 'managed-device');
  t.equal(gate({ battery: undefined }), 'battery-low');
  t.equal(gate({ values: { ...VALUES, ProductVersion: 'x' } }), 'unsupported-handset');
  t.equal(gate({ nvram: { ...NVRAM, activationLocked: 'YES' } }), 'activation-locked');
  t.equal(gate({ nvram: { ...NVRAM, activationLocked: null } }), null, 'old iOS, in use, says off');
  const fresh = { ...VALUES, ActivationState: 'Unactivated' };
  t.equal(
    gate({ values: fresh, nvram: { ...NVRAM, activationLocked: null } }),
    'find-my-unknown',
    'it reads as off on every handset that is not activated',
  );
  t.equal(gate({}, { imeiElsewhere: true }), 'duplicate-imei');
  const jpki = policyOf({ requireJpkiDeclaration: true });
  t.equal(gatesOf(gated(), jpki), 'jpki-declaration-missing');
  t.equal(gatesOf(gated({}, { jpkiDeclared: true }), jpki), null);
});

t.test(
  'methods follow the policy, and the service of backups needs an activated handset',
  async (t) => {
    const { capabilities } = buildReport(look());
    t.same(eraseMethods(capabilities, policyOf()).allowed, [
      'profile-service',
      'backup-service',
      'person',
    ]);
    const fresh = eraseMethods({ ...capabilities, activated: false }, policyOf());
    t.same(fresh.allowed, ['profile-service', 'person']);
    t.match(fresh.excluded, [{ method: 'backup-service' }]);
  },
);

const AT = Date.parse('2026-11-22T00:00:00Z');
const BEFORE: Before = {
  host: { hostId: 'H', systemBuid: 'B' },
  activation: 'Activated',
  obliteration: 'EACS Done @1680000000',
  obliterationFailure: null,
  dataUsedBytes: 60,
  at: AT,
};
const recorded = (obliteration: string | null, more: Partial<RawLook['nvram']> = {}) => {
  const after = buildReport(look({ nvram: { ...NVRAM, obliteration, ...more } }));
  const signal = signalsOf(BEFORE, after, false).find(
    ({ kind }) => kind === 'obliteration-recorded',
  );
  return [signal?.holds, signal?.value['contradicts']];
};
const epoch = (ms: number) => `EACS Done @${Math.floor(ms / 1000)}`;

t.test(
  'the record of the firmware counts where it is new and no older than the order',
  async (t) => {
    t.same(recorded(epoch(AT + 5_000)), [true, false]);
    t.same(recorded(epoch(AT - 60_000)), [true, false], 'a clock that is a little behind');
    t.same(recorded(epoch(AT - 3_600_000)), [false, false], 'an erase of before');
    t.same(recorded(BEFORE.obliteration), [false, false], 'unchanged');
    t.same(recorded(null), [false, false], 'absent');
    t.same(recorded('handle_message: Obliteration Complete'), [true, false], 'a new sentence');
    const failure = { obliterationFailure: 'EACS failed with [gF: 0x40] Attempt: 1' };
    t.same(recorded(epoch(AT + 5_000), failure), [false, true], 'a failure voids all the others');
  },
);

t.test(
  'no answer of a handset, however odd, breaks the report or opens a gate by its absence',
  async (t) => {
    const seed = Date.now() % 1_000_000;
    t.comment(`seed ${seed}`);
    const random = seeded(seed);
    const odd: readonly PlistValue[] = [
      '',
      '\u0000\u202e',
      'x'.repeat(10_000),
      -1,
      2 ** 60,
      12n,
      true,
      new Date(0),
      new Uint8Array([1]),
      [],
      {},
    ];
    const pick = (): PlistValue => odd[Math.floor(random() * odd.length)] ?? '';
    const spoiled = (dict: PlistDict): PlistDict =>
      Object.fromEntries(
        Object.entries(dict).flatMap(([key, value]) => {
          const dice = random();
          if (dice < 0.2) return [];
          return [[key, dice < 0.5 ? pick() : value]];
        }),
      );
    for (let round = 0; round < 3_000; round += 1) {
      const whole = look();
      const raw = look({
        values: spoiled(whole.values),
        disk: random() < 0.3 ? undefined : spoiled(whole.disk ?? {}),
        battery: spoiled(whole.battery ?? {}),
        cloud: random() < 0.3 ? null : spoiled(whole.cloud ?? {}),
        profiles: spoiled({ OrderedIdentifiers: [pick(), 'a'] }),
        findMy: random() < 0.5 ? pick() : false,
      });
      const report = { ...buildReport(raw), jpkiDeclared: false, imeiElsewhere: false };
      const code = gatesOf(report, policyOf());
      const open = code === null;
      if (open && raw.findMy !== false) t.fail('passed without a word about Find My');
      if (open && raw.cloud?.['IsSupervised'] !== false)
        t.fail('passed without one about management');
      const texts = JSON.stringify(report);
      if (texts.length > 5_000) t.fail('a text without a bound');
    }
    t.pass('3,000 odd looks');
  },
);
