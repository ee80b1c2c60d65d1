import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { APPLE_PROFILES, type AppleProfileName } from '../../../src/simulator/apple/profiles.js';
import { type AppleRack, appleRack, until } from './fixtures.js';

// Most of the time goes by in waiting for the tools.
t.jobs = 4;
/** The oldest and the newest; the others differ in what is read of them, not in how. */
const EVERY_TOOL: readonly AppleProfileName[] = ['iphone-6-ios-12', 'iphone-15-ios-26'];
const PARALLEL = { buffered: true };

/** One of Debian's libimobiledevice-utils against the simulated endpoint, which they take for usbmuxd. */
async function tool(rack: AppleRack, command: string, ...words: readonly string[]) {
  const child = spawn(command, words, {
    env: { ...process.env, USBMUXD_SOCKET_ADDRESS: `UNIX:${rack.socket}` },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (more: string) => {
      text[name] += more;
    });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, ...text };
}

async function succeeds(t: Test, rack: AppleRack, command: string, ...words: readonly string[]) {
  const said = await tool(rack, command, ...words);
  t.equal(said.code, 0, `${command} ${words.join(' ')}: ${said.stdout} ${said.stderr}`);
  return said.stdout;
}

/** `Key: value` lines, as ideviceinfo prints them. */
function valueIn(text: string, key: string): string | undefined {
  const line = text.split('\n').find((one) => one.trimStart().startsWith(`${key}: `));
  return line?.slice(line.indexOf(': ') + 2);
}

for (const profile of Object.keys(APPLE_PROFILES) as AppleProfileName[]) {
  t.test(`the tools read, pair with and rename ${profile}`, PARALLEL, async (t) => {
    const rack = await appleRack(t);
    const { made } = await rack.iphone({ profile, deviceName: 'Test <&> 電話' });
    const { identity } = made.state;
    const u = ['-u', identity.udid] as const;
    t.equal((await succeeds(t, rack, 'idevice_id', '-l')).trim(), identity.udid);
    const open = await succeeds(t, rack, 'ideviceinfo', ...u, '-s');
    t.equal(valueIn(open, 'ProductVersion'), made.state.profile.productVersion);
    t.equal(valueIn(open, 'DeviceName'), 'Test <&> 電話');
    t.equal(valueIn(open, 'SerialNumber'), undefined, 'nothing private before pairing');

    const asked = await tool(rack, 'idevicepair', ...u, 'pair');
    t.not(asked.code, 0);
    t.match(asked.stdout, /Please accept the trust dialog/);
    t.ok(made.person.isAsked);
    made.person.trust();
    t.match(await succeeds(t, rack, 'idevicepair', ...u, 'pair'), /SUCCESS: Paired with device/);
    t.match(await succeeds(t, rack, 'idevicepair', ...u, 'validate'), /SUCCESS: Validated/);

    const info = await succeeds(t, rack, 'ideviceinfo', ...u);
    t.equal(valueIn(info, 'SerialNumber'), identity.serial);
    t.equal(valueIn(info, 'InternationalMobileEquipmentIdentity'), identity.imeis[0]);
    t.equal(valueIn(info, 'UniqueChipID'), String(identity.ecid));
    if (!EVERY_TOOL.includes(profile)) return;
    const disk = await succeeds(t, rack, 'ideviceinfo', ...u, '-q', 'com.apple.disk_usage');
    t.equal(valueIn(disk, 'TotalDataAvailable'), String(made.storage.free));

    const battery = ['ioregentry', made.state.profile.batteryEntry] as const;
    const registry = await succeeds(t, rack, 'idevicediagnostics', ...u, ...battery);
    t.match(
      registry,
      new RegExp(`DesignCapacity</key>\\s*<integer>${made.state.profile.designCapacity}<`),
    );
    t.match(await succeeds(t, rack, 'idevicediagnostics', ...u, 'diagnostics'), /GasGauge/);

    await succeeds(t, rack, 'idevicename', ...u, 'renamed');
    t.equal((await succeeds(t, rack, 'idevicename', ...u)).trim(), 'renamed');
    t.equal(made.state.deviceName, 'renamed');
    t.match(await succeeds(t, rack, 'idevicepair', ...u, 'unpair'), /SUCCESS: Unpaired/);
    t.strictSame(made.state.hosts, []);
  });
}

t.test('each answer to pairing is told by the tools in their own words', PARALLEL, async (t) => {
  const rack = await appleRack(t);
  const denied = (await rack.iphone({ profile: 'iphone-11-ios-17' })).made;
  const locked = (await rack.iphone({ profile: 'iphone-12-ios-18', passcode: 'locked' })).made;
  const fresh = (await rack.iphone({ profile: 'iphone-15-ios-26', condition: 'already-erased' }))
    .made;
  const pair = (udid: string) => tool(rack, 'idevicepair', '-u', udid, 'pair');
  const udids = [denied, locked, fresh].map(({ state }) => state.identity.udid);
  t.strictSame(
    (await succeeds(t, rack, 'idevice_id', '-l')).trim().split('\n').sort(),
    udids.sort(),
  );
  await pair(denied.state.identity.udid);
  denied.person.deny();
  t.match(
    (await pair(denied.state.identity.udid)).stdout,
    /said that the user denied|user denied the trust/i,
  );
  t.match((await pair(locked.state.identity.udid)).stdout, /passcode is set/);
  t.match(
    (await pair(fresh.state.identity.udid)).stdout,
    /SUCCESS/,
    'a phone in set-up asks nobody',
  );
});

t.test(
  'a record that the phone has forgotten is refused, and a restart is done',
  PARALLEL,
  async (t) => {
    const rack = await appleRack(t, { pairsByItself: true });
    const { made } = await rack.iphone({ profile: 'iphone-7-ios-15' });
    made.person.trustsAlways();
    const u = ['-u', made.state.identity.udid] as const;
    const before = rack.usbmuxd.attached()[0]?.['DeviceID'];
    await until('usbmuxd pairs by itself', () => made.state.hosts.length > 0);
    await until(
      'its record is saved',
      async () => (await rack.usbmuxd.records.read(u[1])) !== null,
    );
    t.match(await succeeds(t, rack, 'idevicepair', ...u, 'validate'), /SUCCESS: Validated/);
    await succeeds(t, rack, 'idevicediagnostics', ...u, 'restart');
    await until('it comes back', () => {
      const now = rack.usbmuxd.attached()[0]?.['DeviceID'];
      return now !== undefined && now !== before;
    });
    made.person.resetLocationAndPrivacy();
    const refused = await tool(rack, 'ideviceinfo', ...u, '-k', 'SerialNumber');
    t.not(refused.code, 0);
    t.notMatch(refused.stdout, made.state.identity.serial);
  },
);

t.test("the tools' own AFC client copies a file whole", PARALLEL, async (t) => {
  const rack = await appleRack(t, { pairsByItself: true });
  const { made } = await rack.iphone({ profile: 'iphone-11-ios-17' });
  made.person.trustsAlways();
  const { udid } = made.state.identity;
  await until('it is paired', async () => (await rack.usbmuxd.records.read(udid)) !== null);
  const target = t.testdir({});
  await succeeds(t, rack, 'idevicecrashreport', '-u', udid, '-k', target);
  const [name = ''] = await readdir(made.storage.crashReports);
  const copied = await readFile(join(target, name));
  t.equal(copied.length, 64 * 1024);
  t.ok(copied.equals(await readFile(join(made.storage.crashReports, name))));
});
