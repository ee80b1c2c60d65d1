import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { COMMAND } from '../../../src/simulator/android/adbd/packet.js';
import { encodeShellFrame } from '../../../src/simulator/android/adbd/shell-frames.js';
import type { WireFaults } from '../../../src/simulator/android/handset-os.js';
import { handset, online } from './daemon-under-test.js';
import { makeHostKey } from './host-key.js';
import { RawHost, within } from './raw-host.js';

const { AUTH, CLSE, OKAY, OPEN, WRTE } = COMMAND;

async function until(holds: () => boolean): Promise<void> {
  await within(async () => {
    while (!holds()) await delay(5);
  });
}

t.test('login', async (t) => {
  t.test(
    'an open handset answers at once, and ignores what comes before the greeting',
    async (t) => {
      const { host } = await handset(t);
      host.version = 0x01000000;
      host.say(OPEN, 7, 0, 'shell:echo early\0');
      host.connect();
      t.match(await host.heard(), /^CNXN 16777217 1048576 "device::ro\.product\.name=x1;/);
    },
  );

  t.test('a trusted key signs its way in, a strange one gets new tokens', async (t) => {
    const { os, host } = await handset(t);
    const [mine, strange] = [makeHostKey(), makeHostKey()];
    os.trusted = [makeHostKey().publicBase64, mine.publicBase64];
    host.connect();
    const first = await host.next();
    t.equal(first?.command, AUTH);
    t.equal(first?.payload.length, 20);
    host.say(OPEN, 7, 0, 'shell:echo early\0');
    host.say(AUTH, 2, 0, strange.sign(first?.payload ?? Buffer.alloc(0)));
    const second = await host.next();
    t.equal(second?.command, AUTH);
    t.not(second?.payload.toString('hex'), first?.payload.toString('hex'));
    host.say(AUTH, 2, 0, mine.sign(first?.payload ?? Buffer.alloc(0)));
    const third = await host.next();
    t.equal(third?.command, AUTH, 'an old token proves nothing');
    host.say(AUTH, 2, 0, Buffer.alloc(256, 0xff));
    const fourth = await host.next();
    host.say(AUTH, 2, 0, mine.sign(fourth?.payload ?? Buffer.alloc(0)));
    t.match(await host.heard(), /^CNXN/);
  });

  t.test('an offered key gets in when the person allows it, after being denied once', async (t) => {
    const { os, host } = await handset(t);
    const key = makeHostKey();
    os.trusted = [];
    host.connect();
    await host.next();
    host.say(AUTH, 3, 0, `${key.publicBase64} user@host\0`);
    await until(() => os.offered.length === 1);
    os.tap(false);
    await delay(0);
    host.say(AUTH, 3, 0, `${key.publicBase64} user@host\0`);
    await until(() => os.offered.length === 2);
    os.tap(true);
    t.match(await host.heard(), /^CNXN/);
    t.strictSame(os.offered, [key.publicBase64, key.publicBase64]);
  });

  t.test('an offer that is no key ends the connection', async (t) => {
    const { os, host } = await handset(t);
    os.trusted = [];
    host.connect();
    await host.next();
    host.say(AUTH, 3, 0, `${Buffer.alloc(524, 0x40).toString('base64')} user@host\0`);
    await t.rejects(host.served, { code: 'adb-protocol', detail: { fault: 'public key' } });
    t.strictSame(os.offered, []);
  });
});

t.test('streams', async (t) => {
  t.test('a shell is opened, speaks, ends; refusals name no stream', async (t) => {
    const { os, host } = await online(t);
    os.allows = (service) => !service.includes('getprop');
    host.say(OPEN, 7, 0, 'shell:echo out; echo err >&2\0\0');
    t.equal(await host.heard(), 'OKAY 1 7 ""');
    t.same((await host.drain(7)).toString().split('\n').sort(), ['', 'err', 'out']);
    for (const name of ['shell:getprop', 'jdwp:1', 'sync,x:', 'nothing', 'localabstract:x']) {
      host.say(OPEN, 8, 0, name);
      t.equal(await host.heard(), 'CLSE 0 8 ""', name);
    }
    host.say(OPEN, 9, 0x2000000, 'shell:echo delayed\0');
    t.equal(await host.heard(), 'CLSE 0 9 ""', 'delayed acknowledgement is not spoken');
  });

  t.test('shell v2 separates the streams and takes input until it is closed', async (t) => {
    const { host } = await online(t);
    host.say(OPEN, 7, 0, 'shell,v2,TERM=xterm:256,raw:cat\0');
    t.equal(await host.heard(), 'OKAY 1 7 ""', 'a colon in an argument starts the command');
    await host.drain(7);
    host.say(OPEN, 8, 0, 'shell,v2,TERM=xterm,raw:cat; echo no >&2; exit 300\0');
    await host.next();
    const input = Buffer.concat([
      encodeShellFrame(0, Buffer.from('in')),
      encodeShellFrame(5, Buffer.from('24x80')),
      encodeShellFrame(4, Buffer.alloc(0)),
    ]);
    host.say(WRTE, 8, 2, input.subarray(0, 6));
    t.equal(await host.heard(), 'OKAY 2 8 ""');
    host.say(WRTE, 8, 2, input.subarray(6));
    const frames = (await host.drain(8)).toString('latin1');
    t.ok(frames.includes('\x02\x03\0\0\0no\n'));
    t.ok(frames.includes('\x01\x02\0\0\0in') || frames.includes('\x01\x01\0\0\0n'));
    t.ok(frames.endsWith('\x03\x01\0\0\0\x2c'), 'exit code 300 as its low byte, last');
  });

  t.test('an old Android knows no shell v2 and gets its checksums', async (t) => {
    const { os, host } = await handset(t);
    os.settings = { ...os.settings, version: 0x01000000, maxPayload: 4096, features: [] };
    host.connect();
    t.match(await host.heard(), /^CNXN 16777216 4096 .*pdx;"$/);
    host.version = 0x01000000;
    host.say(OPEN, 7, 0, 'shell,v2,raw:ls\0');
    t.equal(await host.heard(), 'CLSE 0 7 ""');
    host.version = 0x01000001;
    host.say(OPEN, 8, 0, 'shell:ls\0');
    await t.rejects(host.served, { code: 'adb-protocol', detail: { fault: 'checksum' } });
  });

  t.test(
    'output waits for each OKAY, and the command is not read ahead without bound',
    async (t) => {
      const { os, host } = await online(t);
      host.say(
        OPEN,
        7,
        0,
        'exec:i=0; while [ $i -lt 400 ]; do head -c 65536 /dev/zero; echo $i > count; i=$((i+1)); done\0',
      );
      t.equal(await host.heard(), 'OKAY 1 7 ""');
      const first = await host.next();
      t.equal(first?.command, WRTE);
      const count = () => readFile(join(os.root, 'count'), 'utf8').catch(() => '0');
      let before = '';
      for (let now = await count(); now !== before; now = await count()) {
        before = now;
        await delay(100);
      }
      t.ok(Number(before) < 40, `stalled after ${before} of 400`);
      host.say(OKAY, 99, 1);
      host.say(OKAY, 7, 55);
      host.say(WRTE, 99, 1, 'for a stream of somebody else');
      host.say(CLSE, 99, 1);
      host.say(OKAY, 7, 1);
      const rest = await host.drain(7);
      t.equal(rest.length + (first?.payload.length ?? 0), 400 * 65536);
      host.say(WRTE, 7, 1, 'late');
      host.say(CLSE, 7, 1);
      host.say(OPEN, 8, 0, 'shell:echo still here\0');
      t.equal(await host.heard(), 'OKAY 2 8 ""', 'packets for unknown ids are ignored');
    },
  );

  t.test('a payload larger than the host takes is cut, whatever the service', async (t) => {
    const { host } = await handset(t);
    host.connect(1000);
    await host.next();
    host.say(OPEN, 7, 0, 'exec:head -c 5000 /dev/zero\0');
    await host.next();
    const sizes: number[] = [];
    for (let got = await host.next(); got?.command === WRTE; got = await host.next()) {
      sizes.push(got.payload.length);
      host.say(OKAY, 7, 1);
    }
    t.equal(Math.max(...sizes), 1000);
    t.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      5000,
    );
  });

  t.test('a host that does not wait for OKAY is cut off', async (t) => {
    const { host } = await online(t);
    host.say(OPEN, 7, 0, 'shell:sleep 100\0');
    await host.next();
    const flood = Buffer.alloc(0x100000);
    for (let n = 0; n < 4; n += 1) host.say(WRTE, 7, 1, flood);
    await t.rejects(host.served, { code: 'adb-protocol', detail: { fault: 'WRTE before OKAY' } });
  });

  t.test('a host that does not listen is not listened to', async (t) => {
    const { host } = await online(t);
    const asked = 8000;
    for (let n = 1; n <= asked; n += 1) host.say(OPEN, n, 0, 'nothing');
    await until(() => host.farEnd.writableNeedDrain);
    await delay(50);
    const waiting = host.farEnd.writableLength;
    t.ok(waiting < (asked * 24) / 2, `${waiting} bytes of answers wait`);
    let refusals = 0;
    while (refusals < asked && (await host.next())?.command === CLSE) refusals += 1;
    t.equal(refusals, asked);
  });

  t.test('a handset that reboots at once has said OKAY before', async (t) => {
    const { os, daemon, host } = await online(t);
    os.onReboot = () => daemon.close();
    host.say(OPEN, 6, 0, 'nothing');
    host.say(OPEN, 7, 0, 'reboot:recovery\0');
    await delay(20);
    t.equal(await host.heard(), 'CLSE 0 6 ""');
    t.equal(await host.heard(), 'OKAY 1 7 ""');
    t.equal(await host.heard(), 'end');
    t.strictSame(os.reboots, ['recovery']);
  });

  t.test('streams and sizes beyond reason are refused', async (t) => {
    const { host } = await online(t, { mute: true });
    for (let n = 1; n <= 257; n += 1) host.say(OPEN, n, 0, 'shell:ls\0');
    for (let n = 1; n <= 256; n += 1) await host.next();
    t.equal(await host.heard(), 'CLSE 0 257 ""');
    host.connect(0);
    await t.rejects(host.served, { code: 'adb-protocol', detail: { fault: 'maxdata 0' } });
  });

  t.test('closing a stream, or the cable, ends its command; exec finishes its input', async (t) => {
    const { os, daemon, host } = await online(t);
    host.say(OPEN, 7, 0, 'shell,v2,raw:sleep 101\0');
    host.say(OPEN, 8, 0, 'exec:cat > sent\0');
    host.say(OPEN, 9, 0, 'shell:sleep 102\0');
    for (const _ of [7, 8, 9]) await host.next();
    host.say(WRTE, 8, 2, 'last words');
    host.say(CLSE, 8, 2);
    host.say(CLSE, 7, 1);
    await until(() => os.killed.includes('sleep 101'));
    const sent = () =>
      stat(join(os.root, 'sent')).then(
        ({ size }) => size,
        () => 0,
      );
    await within(async () => {
      while ((await sent()) < 10) await delay(5);
    });
    daemon.close();
    await within(() => host.served);
    t.strictSame(os.killed.sort(), ['sleep 101', 'sleep 102']);
  });

  t.test('a system that fails behind the daemon is not hidden', async (t) => {
    const { os, host } = await online(t);
    os.run = () => {
      throw new TypeError('no such table');
    };
    host.say(OPEN, 7, 0, 'shell:ls\0');
    await t.rejects(host.served, { code: 'internal', message: /no such table/ });
  });

  t.test('broken framing ends the connection', async (t) => {
    const { host } = await online(t);
    host.wire.write(Buffer.alloc(24, 1));
    await t.rejects(host.served, { code: 'adb-protocol', detail: { fault: 'magic' } });
    t.equal(await host.heard(), 'end');
  });
});

t.test('wire faults', async (t) => {
  t.test('a mute handset accepts and says nothing more', async (t) => {
    const faults: WireFaults = { mute: true };
    const { os, host } = await online(t, faults);
    host.say(OPEN, 7, 0, 'shell:touch ran\0');
    t.equal(await host.heard(), 'OKAY 1 7 ""');
    host.say(WRTE, 7, 1, 'anyone?');
    host.say(CLSE, 7, 1);
    faults.mute = false;
    host.say(OPEN, 8, 0, 'shell:ls\0');
    t.equal(await host.heard(), 'OKAY 2 8 ""', 'nothing was said in between');
    t.strictSame(await host.drain(8), Buffer.alloc(0));
    await t.rejects(stat(join(os.root, 'ran')), { code: 'ENOENT' });
  });

  t.test('garbage comes once, instead of an answer', async (t) => {
    const faults: WireFaults = { garbage: true };
    const { host } = await online(t, faults);
    host.say(OPEN, 7, 0, 'shell:ls\0');
    await t.rejects(host.next(), { code: 'adb-protocol', detail: { fault: 'magic' } });
    t.notOk(faults.garbage);
  });

  t.test('the wire is cut after exactly the bytes asked for, once', async (t) => {
    const faults: WireFaults = {};
    const { daemon, host } = await online(t, faults);
    faults.cutAfterBytes = 24 + 24 + 10;
    host.say(OPEN, 7, 0, 'exec:head -c 100 /dev/zero\0');
    t.equal(await host.heard(), 'OKAY 1 7 ""');
    t.equal(await host.heard(), 'end');
    await within(() => host.served);
    t.strictSame(faults, {});
    const again = new RawHost(daemon);
    again.connect();
    t.match(await again.heard(), /^CNXN/);
  });
});
