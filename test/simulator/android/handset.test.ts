import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { handset, MIB, markersIn, shell, throughBoot, until } from './fixtures.js';

const KEYS = ['QUJD'];
const root = process.getuid?.() === 0;
const FILL = `cd /data/local/tmp; head -c ${2 * MIB} /dev/urandom >pattern; mkdir -p fill; i=0
while dd if=pattern bs=${MIB} >fill/$i 2>/dev/null; do i=$((i+1)); done; sync; sha256sum pattern fill/0 | cut -c1-64`;

t.test('commands run as the shell user and reach only what that user may', async (t) => {
  const { made } = await handset(t, {
    profile: 'samsung-sc-51b',
    oddProperties: { 'ro.odd': 'ソ"]' },
  });
  t.match(await shell(made, 'id -u; exit 7'), { code: 7, stdout: root ? '2000\n' : /\d/ });
  t.equal((await shell(made, 'getprop ro.product.model')).stdout, 'SC-51B\n');
  t.equal((await shell(made, 'getprop ro.odd')).stdout, 'ソ"]\n', 'bytes come through untouched');
  t.match(await shell(made, 'cmd nosuch'), {
    code: 20,
    stderr: "cmd: Can't find service: nosuch\n",
  });
  t.match((await shell(made, 'tradeinmode getstatus')).code, 127);
  t.match((await shell(made, 'df -k /data')).stdout, /^Filesystem +1K-blocks .*\n\S+ .* \/data\n$/);
  if (root) t.match(await shell(made, 'ls /data/data'), { code: 1, stderr: /Permission denied/ });
  t.match((await shell(made, 'ls /sdcard/DCIM/Camera')).stdout, /SARACHI-PLANTED-NAME/);
  t.match(await shell(made, 'dd if=/dev/zero bs=1 count=1 status=progress'), {
    code: 1,
    stderr: "dd: unknown status 'progress'\n",
  });
  t.match((await shell(made, 'dd if=/dev/zero bs=1 count=1 oflag=direct')).code, 1);
  t.match(await shell(made, 'grep MemTotal /proc/meminfo'), { stdout: /49152 kB/ });
  t.match((await shell(made, 'cat /proc/sys/kernel/random/boot_id')).stdout, made.state.bootId);
  const file = "/data/local/tmp/new/it's\n.txt";
  const bytes = async function* () {
    yield Buffer.from('abc');
  };
  await made.files.write(file, 0o640, bytes());
  t.match(await made.files.stat(file, true), { size: 3, mode: 0o100640 });
  await t.rejects(made.files.stat('/data/local/tmp/none', true), { code: 'ENOENT' });
  const running = made.run('sleep 1000');
  running.kill();
  t.not(await running.exit, 0, 'a hung-up shell ends');
});

t.test(
  'a test harness reset empties the storage and keeps the host authorised',
  { skip: !root && 'needs root' },
  async (t) => {
    const { made, folder } = await handset(t, { profile: 'google-pixel-7', authorisedKeys: KEYS });
    const before = made.state;
    await shell(made, 'echo x >/data/local/tmp/CANARY; echo x >/sdcard/CANARY; sync');
    await throughBoot(made, () => shell(made, 'cmd testharness enable'));
    t.same(made.trustedKeys(), KEYS);
    t.equal((await shell(made, 'ls /data/local/tmp')).stdout, '');
    t.equal((await shell(made, 'getprop persist.sys.test_harness')).stdout, '1\n');
    t.equal((await shell(made, 'getprop sys.boot.reason')).stdout, 'reboot,factory_reset\n');
    t.equal((await shell(made, 'settings get global device_provisioned')).stdout, '1\n');
    t.not(made.state.settings.secure['android_id'], before.settings.secure['android_id']);
    t.not(made.state.bootId, before.bootId);
    const { markers } = JSON.parse(await readFile(join(folder, 'planted.json'), 'utf8'));
    t.ok(markers.length > 10);
    const left = await markersIn(folder);
    t.ok(left > 10_000, 'the reset alone leaves the blocks of the seller');
    await shell(made, FILL);
    const after = await markersIn(folder);
    t.ok(after < left / 20, `the fill goes over them (${left} before, ${after} after)`);
    await throughBoot(made, () => made.reboot(''));
    t.equal(
      (await shell(made, 'ls /data/local/tmp/fill | head -n 1')).stdout,
      '0\n',
      'a reboot keeps data',
    );
    t.equal(made.resets, 1);
  },
);

t.test('the Settings screen resets to the first-boot screen with adb off', async (t) => {
  const { made } = await handset(t, { profile: 'sharp-sh-m05', authorisedKeys: KEYS });
  const tap = async () => {
    await shell(made, 'uiautomator dump /sdcard/w.xml');
    const xml = (await shell(made, 'cat /sdcard/w.xml')).stdout;
    const [, left, top, right, bottom] =
      /clickable="true"[^>]*bounds="\[(\d+),(\d+)\]\[(\d+),(\d+)\]"/.exec(xml)?.map(Number) ?? [];
    await shell(
      made,
      `input tap ${((left ?? 0) + (right ?? 0)) / 2} ${((top ?? 0) + (bottom ?? 0)) / 2}`,
    );
  };
  await shell(made, 'am start -a com.android.settings.action.FACTORY_RESET');
  t.equal(made.state.screen, 'reset-first');
  await tap();
  t.equal(made.state.screen, 'reset-final');
  await throughBoot(made, tap);
  t.match(made.face(), { adb: false, serial: 'HANDSET1' });
  t.notOk(made.face()?.interfaces.some((face) => face.classCode === 0xff));
  t.equal(made.state.screen, 'setup-wizard');
  made.person.enableUsbDebugging();
  t.match(made.face(), { adb: true });
  const asked = made.offerKey('REVG');
  t.same(made.trustedKeys(), []);
  made.person.authorise();
  await asked;
  t.same(made.trustedKeys(), ['REVG']);
});

t.test('the trade-in foyer answers one command, evaluates, and wipes itself', async (t) => {
  const { made } = await handset(t, { profile: 'google-pixel-9', condition: 'already-reset' });
  t.equal(made.trustedKeys(), 'open');
  t.ok(made.accepts('shell,v2,raw:tradeinmode getstatus'));
  for (const service of ['shell,v2,raw:getprop', 'sync:', 'reboot:', 'shell:tradeinmode x; id'])
    t.notOk(made.accepts(service), service);
  await throughBoot(made, () => shell(made, 'tradeinmode evaluate'));
  t.ok(made.accepts('shell,v2,raw:getprop'));
  await shell(made, 'echo x >/data/local/tmp/CANARY');
  const first = made.state.settings.secure['android_id'];
  await throughBoot(made, () => made.reboot(''));
  t.equal(made.state.mode, 'foyer');
  t.not(made.state.settings.secure['android_id'], first);
  t.equal((await shell(made, 'ls /data/local/tmp')).stdout, '');
  t.equal(made.resets, 1);
});

t.test('an untrusted reset with an account in it comes up locked', async (t) => {
  const { made } = await handset(t, {
    profile: 'google-pixel-7',
    accounts: [{ name: 'seller@example.com', type: 'com.google' }],
  });
  await throughBoot(made, () => shell(made, 'cmd testharness enable'));
  t.equal((await shell(made, 'settings get global secure_frp_mode')).stdout, '1\n');
  t.match((await shell(made, 'cmd testharness enable')).stderr, /FRP is active/);
});

t.test('faults: commands that lie, resets that leave things, bytes that turn', async (t) => {
  const { made } = await handset(
    t,
    { profile: 'google-pixel-7' },
    { faults: { ignoresReset: ['test-harness'] } },
  );
  await shell(made, 'echo x >/data/local/tmp/CANARY');
  t.match(await shell(made, 'cmd testharness enable'), { code: 0 });
  t.equal(made.resets, 0);
  made.faults.ignoresReset = [];
  made.faults.resetKeeps = 'data';
  await throughBoot(made, () => shell(made, 'cmd testharness enable'));
  t.equal((await shell(made, 'ls /data/local/tmp')).stdout, 'CANARY\n');
  made.faults.resetKeeps = 'nothing';
  await throughBoot(made, () => shell(made, 'cmd testharness enable'));
  made.faults.flipsFillByte = true;
  const [pattern, fill, ...rest] = (await shell(made, FILL)).stdout.trim().split('\n');
  t.same([pattern?.length, rest.length], [64, 0]);
  t.not(pattern, fill, 'one byte was turned before the first file was hashed');
  t.notOk(made.faults.flipsFillByte, 'once');
  made.faults.answers = [{ command: /^getprop$/, stdout: Buffer.from([0, 255, 10]), exit: 3 }];
  t.match(await shell(made, 'getprop'), { code: 3, stdout: '\0\ufffd\n' });
});

t.test(
  'faults: the storage runs short, the handset goes away by itself, a reset never ends',
  async (t) => {
    const { made } = await handset(t, { profile: 'google-pixel-7', plantedShare: 0.1 });
    made.faults.storageTaken = { fillBytes: 2 * MIB };
    await shell(made, `dd if=/dev/zero of=/data/local/tmp/a bs=${MIB} count=4 2>/dev/null; sync`);
    await until(() => made.faults.storageTaken === undefined, 'the storage to be taken');
    await until(
      async () =>
        (await shell(made, `dd if=/dev/zero of=/data/local/tmp/b bs=${MIB} count=4`)).code !== 0,
      'no space left',
    );
    made.faults.rebootsByItself = { command: /^sync$/ };
    await throughBoot(made, () => shell(made, 'sync'));
    made.faults.diesInReset = true;
    made.person.resetByHand();
    await until(() => made.face() === null, 'it to leave');
    t.notOk(made.accepts('shell:ls'));
  },
);

t.test('without root a namespace and memory stand in for the mounted image', async (t) => {
  const { made } = await handset(t, { profile: 'google-pixel-3a' }, { privileged: false });
  await shell(made, 'echo x >/data/local/tmp/CANARY');
  await throughBoot(made, () => made.reboot(''));
  t.equal((await shell(made, 'cat /data/local/tmp/CANARY')).stdout, 'x\n');
  await throughBoot(made, () => shell(made, 'cmd testharness enable'));
  t.equal((await shell(made, 'ls /data/local/tmp')).stdout, '');
  t.match(await shell(made, `dd if=/dev/zero of=/data/local/tmp/a bs=${MIB} count=17`), {
    stderr: /No space left/,
  });
});
