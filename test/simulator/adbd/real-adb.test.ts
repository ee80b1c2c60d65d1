import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { SarachiError } from '../../../src/errors.js';
import { AdbDaemon } from '../../../src/simulator/android/adbd/adb-daemon.js';
import { listenTcp } from '../../../src/simulator/android/adbd/listen-tcp.js';
import type { WireFaults } from '../../../src/simulator/android/handset-os.js';
import { temporaryFolder } from './daemon-under-test.js';
import { within } from './raw-host.js';
import { RealAdb } from './real-adb.js';
import { TinyOs } from './tiny-os.js';

const MEGABYTE = 1 << 20;

const home = await temporaryFolder(t);
const adb = await RealAdb.start(home);
t.teardown(() => adb.stop());

async function plugIn(t: Test, prepare: (os: TinyOs) => void = () => undefined) {
  const os = new TinyOs(await temporaryFolder(t));
  prepare(os);
  const faults: WireFaults = {};
  const daemon = new AdbDaemon(os, faults);
  const broken: string[] = [];
  const listener = await listenTcp(daemon, { onFault: (error) => broken.push(error.message) });
  const serial = `127.0.0.1:${listener.port}`;
  t.teardown(async () => {
    await adb.run(['disconnect', serial]);
    await listener.close();
    if (broken.length > 0) throw new SarachiError('internal', { broken: broken.join() });
  });
  const connected = (await adb.run(['connect', serial])).stdout.toString();
  const run = (args: readonly string[], input?: string) => adb.run(['-s', serial, ...args], input);
  return { os, faults, daemon, listener, serial, connected, run };
}

t.test('a shell has exit codes, both outputs and input', async (t) => {
  const { serial, connected, run } = await plugIn(t);
  t.equal(connected, `connected to ${serial}\n`);
  const listed = (await adb.run(['devices', '-l'])).stdout.toString();
  t.match(listed, /device product:x1 model:SO_52C device:pdx transport_id:\d+/);
  const spoke = await run(['shell', 'echo out; echo err >&2; exit 7']);
  t.strictSame([spoke.code, spoke.stdout.toString(), spoke.stderr], [7, 'out\n', 'err\n']);
  t.equal((await run(['shell', 'tr a-z A-Z'], 'from the host')).stdout.toString(), 'FROM THE HOST');
  t.equal((await run(['shell', 'sleep 0; kill -9 $$'])).code, 129);
  const many = await Promise.all(
    [1, 2, 3, 4, 5, 6].map((n) => run(['shell', `head -c ${n}00000 /dev/zero; exit ${n}`])),
  );
  t.strictSame(
    many.map(({ code, stdout }) => [code, stdout.length]),
    [1, 2, 3, 4, 5, 6].map((n) => [n, n * 100_000]),
  );
});

t.test('exec is transparent in both directions', async (t) => {
  const { os, run } = await plugIn(t);
  const bytes = randomBytes(MEGABYTE);
  await writeFile(join(os.root, 'raw'), bytes);
  const out = await run(['exec-out', 'cat raw']);
  t.ok(out.stdout.equals(bytes));
  await run(['exec-in', 'cat > in; mv in whole'], 'x'.repeat(300_000));
  await within(async () => {
    while (!(await readdir(os.root)).includes('whole')) await delay(20);
  });
  t.equal((await readFile(join(os.root, 'whole'))).length, 300_000);
});

t.test('files and folders go there and back unchanged', async (t) => {
  for (const old of [false, true]) {
    const { os, run } = await plugIn(t, (os) => {
      if (old)
        os.settings = { ...os.settings, version: 0x01000000, maxPayload: 4096, features: [] };
    });
    const local = await temporaryFolder(t);
    const bytes = randomBytes(5 * MEGABYTE + 17);
    await writeFile(join(local, 'sent'), bytes);
    const pushed = await run(['push', join(local, 'sent'), '/copy']);
    t.equal(pushed.code, 0, pushed.stderr);
    t.ok((await readFile(join(os.root, 'copy'))).equals(bytes), 'pushed bytes');
    const pulled = await run(['pull', '/copy', join(local, 'back')]);
    t.equal(pulled.code, 0, pulled.stderr);
    t.ok((await readFile(join(local, 'back'))).equals(bytes), 'pulled bytes');

    await mkdir(join(os.root, 'DCIM'));
    for (const name of ['a.jpg', '写真.jpg']) await writeFile(join(os.root, 'DCIM', name), name);
    t.equal((await run(['pull', '/DCIM', local])).code, 0);
    t.same((await readdir(join(local, 'DCIM'))).sort(), ['a.jpg', '写真.jpg']);
    t.match((await run(['ls', '/DCIM'])).stdout.toString(), /00000007 [0-9a-f]{8} |a\.jpg/);

    const refused = await run(['push', join(local, 'sent'), '/no/folder/here']);
    t.equal(refused.code, 1);
    t.match(refused.stderr + refused.stdout, /couldn't create file: No such file or directory/);
    const missing = await run(['pull', '/none', local]);
    const said = missing.stderr + missing.stdout;
    t.match(said, old ? /'\/none' does not exist/ : /'\/none': No such file/);
  }
});

t.test('a handset waits for its person, then is there by itself', async (t) => {
  const { os, serial, connected, run } = await plugIn(t, (os) => {
    os.trusted = [];
  });
  t.equal(connected, `failed to authenticate to ${serial}\n`);
  t.equal(await adb.state(serial), 'unauthorized');
  t.match((await run(['shell', 'echo no'])).stderr, /device unauthorized/);
  t.strictSame(os.offered, [await adb.publicKey()]);
  os.tap(true);
  await adb.reaches(serial, 'device');
  t.equal((await run(['shell', 'echo yes'])).stdout.toString(), 'yes\n');
});

t.test('a handset that knows the key asks nobody', async (t) => {
  const key = await adb.publicKey();
  const { os, serial, connected } = await plugIn(t, (os) => {
    os.trusted = [key];
  });
  t.equal(connected, `connected to ${serial}\n`);
  t.strictSame(os.offered, []);
});

t.test('a foyer closes what it does not serve', async (t) => {
  const { os, run } = await plugIn(t, (os) => {
    os.allows = (service) => /^shell[^:]*:tradeinmode(\s*|\s[\w\-\s]*)$/.test(service);
    os.settings = { ...os.settings, features: ['shell_v2', 'cmd', 'stat_v2'] };
  });
  await writeFile(join(os.root, 'tradeinmode'), '');
  const refused = await run(['shell', 'getprop']);
  t.strictSame([refused.code, refused.stderr], [1, 'error: closed\n']);
  const push = await run(['push', join(home, '.android', 'adbkey.pub'), '/x']);
  t.match(push.stderr + push.stdout, /adb: error: connect failed: closed/);
  t.equal((await run(['reboot'])).code, 1);
  t.strictSame(os.reboots, []);
  t.equal(
    (await run(['shell', 'tradeinmode getstatus'])).code,
    127,
    'served, by a shell without it',
  );
});

t.test('a reboot is accepted, and the handset comes back on its port', async (t) => {
  const { os, daemon, listener, serial, run } = await plugIn(t);
  let down: Promise<void> = Promise.resolve();
  os.onReboot = () => {
    down = listener.close();
  };
  t.equal((await run(['reboot', 'bootloader'])).code, 0);
  t.strictSame(os.reboots, ['bootloader']);
  await down;
  await adb.reaches(serial, 'offline');
  const back = await listenTcp(daemon, { port: listener.port });
  t.teardown(() => back.close());
  await adb.reaches(serial, 'device');
  t.equal((await run(['shell', 'echo up'])).stdout.toString(), 'up\n');
});

t.test(
  'a client that is killed, or a host that disconnects, takes its command with it',
  async (t) => {
    const { os, serial, run } = await plugIn(t);
    const began = async (name: string) => {
      while (!(await readdir(os.root)).includes(name)) await delay(20);
    };
    const killed = async (count: number) => {
      while (os.killed.length < count) await delay(20);
    };
    const client = adb.start(['-s', serial, 'shell', 'touch one; exec sleep 1001']);
    await within(() => began('one'));
    t.strictSame(os.killed, []);
    client.kill();
    await client.result;
    await within(() => killed(1));
    const cut = run(['shell', 'touch two; exec sleep 1002']);
    await within(() => began('two'));
    await adb.run(['disconnect', serial]);
    await cut;
    await within(() => killed(2));
    t.strictSame(os.killed, ['touch one; exec sleep 1001', 'touch two; exec sleep 1002']);
  },
);

t.test('garbage and a cut wire lose the transport, not the handset', async (t) => {
  const { faults, serial, run } = await plugIn(t);
  faults.garbage = true;
  t.not((await run(['shell', 'echo x'])).code, 0);
  await adb.reaches(serial, 'device');
  faults.cutAfterBytes = 100_000;
  const cut = await run(['shell', 'head -c 1000000 /dev/zero']);
  // The client gives 0 to a command whose exit frame never came, so only its output tells.
  t.ok(cut.stdout.length < 100_000);
  await adb.reaches(serial, 'device');
  t.equal((await run(['shell', 'echo back'])).stdout.toString(), 'back\n');
});
