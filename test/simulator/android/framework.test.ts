import t from 'tap';
import {
  frameworkCommand,
  frameworkCommands,
} from '../../../src/simulator/android/framework/index.js';
import { type HandsetSpec, inUseState } from '../../../src/simulator/android/handset-spec.js';
import { screenNodes } from '../../../src/simulator/android/screens.js';
import type { SystemState } from '../../../src/simulator/android/system-state.js';

const IMEIS = ['353644930127905', '353644930127913'];

function system(spec: HandsetSpec): SystemState {
  return inUseState({ imeis: IMEIS, ...spec }, 'SERIAL1');
}

function ask(state: SystemState, line: string) {
  const [name = '', ...args] = line.split(' ');
  const answer = frameworkCommand(name)?.(state, args);
  if (!answer) throw new Error(`no command ${name}`);
  return { ...answer, stdout: answer.stdout.toString() };
}

/** Reads a reply parcel as a host has to: little-endian words, then UTF-16. */
function parcelText(printed: string): string | null {
  const words = [...printed.matchAll(/\b([0-9a-f]{8})\b(?!:)/g)].map(([, word]) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(Number.parseInt(word ?? '0', 16));
    return bytes;
  });
  const bytes = Buffer.concat(words);
  const length = bytes.readInt32LE(4);
  return length < 0 ? null : bytes.subarray(8, 8 + length * 2).toString('utf16le');
}

t.test('the same transaction code means another call in another release', async (t) => {
  const ten = system({ profile: 'google-pixel-3a', profileChanges: { simSlots: 2 } });
  const thirteen = system({ profile: 'samsung-sc-51b' });
  const imei = (state: SystemState, call: string) =>
    parcelText(ask(state, `service call iphonesubinfo ${call} s16 com.android.shell`).stdout);
  t.equal(imei(ten, '1'), IMEIS[0]);
  t.equal(imei(ten, '3 i32 1'), IMEIS[1]);
  t.equal(imei(thirteen, '1'), IMEIS[0]);
  t.equal(imei(thirteen, '4 i32 1'), IMEIS[1]);
  t.equal(imei(thirteen, '3'), null, 'a wrong code answers null');
  t.match(
    parcelText(ask(thirteen, 'service call iphonesubinfo 1').stdout),
    /does not belong/,
    'a caller that names no package is refused inside the parcel',
  );
});

t.test('a parcel is printed as the phone prints it', async (t) => {
  const { stdout } = ask(
    system({ profile: 'google-pixel-7' }),
    'service call iphonesubinfo 1 s16 com.android.shell',
  );
  t.equal(
    stdout,
    "Result: Parcel(\n  0x00000000: 00000000 0000000f 00350033 00360033 '........3.5.3.6.'\n" +
      "  0x00000010: 00340034 00330039 00310030 00370032 '4.4.9.3.0.1.2.7.'\n" +
      "  0x00000020: 00300039 00000035                   '9.0.5...')\n",
  );
});

t.test('what forbids erasing shows in the dumps', async (t) => {
  const clean = system({ profile: 'google-pixel-7' });
  t.match(ask(clean, 'dumpsys account').stdout, /Accounts: 0\n/);
  t.match(
    ask(clean, 'dumpsys persistent_data_block').stdout,
    /FRP state: false\n[\s\S]*block size: 0\n/,
  );
  t.equal(ask(clean, 'dpm list-owners').stdout, 'no owners\n');
  const bad = system({
    profile: 'google-pixel-7',
    accounts: [{ name: 'seller@example.com', type: 'com.google' }],
    frpLocked: true,
    secondUser: true,
    deviceOwner: { component: 'com.example.mdm/.Admin', organisation: true },
    restrictions: ['no_factory_reset'],
  });
  t.match(
    ask(bad, 'dumpsys account').stdout,
    /Account \{name=seller@example.com, type=com.google\}/,
  );
  t.match(
    ask(bad, 'dumpsys persistent_data_block').stdout,
    /FRP state: true\n[\s\S]*block size: 259\n/,
  );
  t.equal(ask(bad, 'settings get global secure_frp_mode').stdout, '1\n');
  t.match(
    ask(bad, 'dumpsys device_policy').stdout,
    /Device Owner:[\s\S]*isOrganizationOwnedDevice=true/,
  );
  t.match(ask(bad, 'dpm list-owners').stdout, /admin=com.example.mdm\/.Admin,DeviceOwner/);
  t.match(ask(bad, 'dumpsys user').stdout, /Effective restrictions:\n {6}no_factory_reset/);
  t.match(ask(bad, 'pm list users').stdout, /\tUserInfo\{0:Owner:c13\} running\n\tUserInfo\{10:/);
});

t.test('test harness mode refuses in its own words', async (t) => {
  const enable = (spec: HandsetSpec) => ask(system(spec), 'cmd testharness enable');
  t.match(enable({ profile: 'google-pixel-7' }), {
    exit: 0,
    effects: [{ type: 'reset', by: 'test-harness' }],
  });
  t.match(enable({ profile: 'google-pixel-7', screenLock: '1234' }), {
    exit: 2,
    stderr: ['Test Harness Mode cannot be enabled if there is a lock screen'],
    effects: [],
  });
  t.match(enable({ profile: 'google-pixel-7', frpLocked: true }), {
    exit: 1,
    stderr: [/FRP is active/],
  });
  t.match(enable({ profile: 'google-pixel-7', profileChanges: { frpPartition: false } }), {
    exit: 1,
    stderr: ['Failed to enable Test Harness Mode'],
  });
  t.match(enable({ profile: 'sony-so-03l' }), {
    exit: 20,
    stderr: ["cmd: Can't find service: testharness"],
  });
  t.match(enable({ profile: 'google-pixel-7', restrictions: ['no_factory_reset'] }), {
    exit: 0,
    effects: [],
  });
});

t.test('a broadcast always completes and resets only where MASTER_CLEAR was granted', async (t) => {
  const line = 'am broadcast -p android -a android.intent.action.FACTORY_RESET';
  const retail = ask(system({ profile: 'google-pixel-7' }), line);
  t.match(retail.stdout, /Broadcast completed: result=0\n/);
  t.same(retail.effects, []);
  const granted = ask(system({ profile: 'google-pixel-7', shellMayMasterClear: true }), line);
  t.match(granted.stdout, /Broadcast completed: result=0\n/);
  t.same(granted.effects, [{ type: 'reset', by: 'broadcast' }]);
});

t.test('the reset screens carry the ids and words of their release', async (t) => {
  const button = (spec: HandsetSpec, screen: SystemState['screen']) => {
    const node = screenNodes({ ...system(spec), screen }).find((one) => one.kind === 'Button');
    return [node?.id, node?.text];
  };
  t.same(button({ profile: 'google-pixel-7', language: 'ja' }, 'reset-first'), [
    'com.android.settings:id/initiate_main_clear',
    'すべてのデータを消去',
  ]);
  t.same(button({ profile: 'google-pixel-7', language: 'en' }, 'reset-final'), [
    'com.android.settings:id/execute_main_clear',
    'Erase all data',
  ]);
  t.equal(
    button({ profile: 'google-pixel-3a' }, 'reset-final')[0],
    'com.android.settings:id/execute_master_clear',
  );
});

t.test('trade-in mode exists from Android 16 on', async (t) => {
  t.notOk(frameworkCommands(system({ profile: 'google-pixel-7' }).profile).includes('tradeinmode'));
  const pixel = system({ profile: 'google-pixel-9' });
  t.ok(frameworkCommands(pixel.profile).includes('tradeinmode'));
  const status = JSON.parse(ask(pixel, 'tradeinmode getstatus').stdout);
  t.match(status, {
    imeis: IMEIS,
    serial: 'SERIAL1',
    storage: { capacity_bytes: '128000000000' },
    locks: { factory_reset_protection: false },
  });
  t.match(ask(pixel, 'tradeinmode evaluate'), { exit: 1, effects: [] }, 'only from the foyer');
});
