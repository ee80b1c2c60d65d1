import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { LibusbPasori } from '../../../src/devices/pasori/libusb-pasori.js';
import { loadLibusb } from '../../../src/devices/usb/load-libusb.js';
import { eventually } from '../helpers/eventually.js';
import type { Owner } from '../helpers/owner.js';
import { FakeUsb, libusbError, type Plugged, plugged } from './helpers/fake-usb.js';
import { bytes, hex, wait } from './helpers/wire.js';

async function host(t: Owner, devices: Plugged[], drivers: Record<string, string> = {}) {
  const sysfs = await mkdtemp(path.join(tmpdir(), 'sysfs-'));
  t.teardown(() => rm(sysfs, { recursive: true, force: true }));
  for (const [at, driver] of Object.entries(drivers)) {
    await mkdir(path.join(sysfs, 'devices', at), { recursive: true });
    await symlink(`../../bus/usb/drivers/${driver}`, path.join(sysfs, 'devices', at, 'driver'));
  }
  for (const { path: usbPath, serial } of devices) {
    await mkdir(path.join(sysfs, 'devices', usbPath), { recursive: true });
    if (serial) await writeFile(path.join(sysfs, 'devices', usbPath, 'serial'), `${serial}\n`);
  }
  const library = new FakeUsb(devices);
  const pasori = new LibusbPasori({ load: async () => library, sysfs });
  return { pasori, library, sysfs };
}

t.test('the usb package of this host is what is written against', async (t) => {
  const pasori = new LibusbPasori({ load: loadLibusb, sysfs: '/' });
  t.strictSame(await pasori.list(), [], 'no reader on this machine');
  const missing = new LibusbPasori({ load: async () => t.fail(), sysfs: '/no/such/bus' } as never);
  await t.rejects(missing.list(), { code: 'usb-unavailable' });
});

t.test('several readers are told apart by their usb path', async (t) => {
  const devices = [
    plugged('1-2', 0x06c3, { serial: '0123456' }),
    plugged('1-4.2', 0x0dc9),
    plugged('2-1', 0x06c3, { serial: '0123456' }),
    plugged('1-3', 0x4ee7, { idVendor: 0x18d1 }),
    plugged('1-5', 0x0d8f),
  ];
  const { pasori } = await host(t, devices);
  t.strictSame(await pasori.list(), [
    { usbPath: '1-2', vendorId: 0x054c, productId: 0x06c3, serial: '0123456' },
    { usbPath: '1-4.2', vendorId: 0x054c, productId: 0x0dc9, serial: null },
    { usbPath: '2-1', vendorId: 0x054c, productId: 0x06c3, serial: '0123456' },
  ]);
  const [first, second] = [await pasori.open('1-2', wait()), await pasori.open('2-1', wait())];
  await second.write(bytes('aa'), wait());
  t.strictSame([devices[0]?.written, devices[2]?.written], [[], ['aa']]);
  const busy = { code: 'reader-busy', detail: { holder: 'this program' } };
  await t.rejects(pasori.open('1-2', wait()), busy);
  await first.close();
  await (await pasori.open('1-2', wait())).close();
  await t.rejects(pasori.open('1-9', wait()), { code: 'reader-gone' });
  await second.close();
});

t.test(
  'the interface of the maker is taken, wherever it is, and no configuration is set',
  async (t) => {
    const device = plugged('1-4.2', 0x0dc9);
    const { pasori } = await host(t, [device]);
    const transfers = await pasori.open('1-4.2', wait());
    t.strictSame(device.calls, ['open', 'claim 1']);
    await transfers.close();
    await transfers.close();
    t.strictSame(device.calls.slice(2), ['release 1', 'close']);
  },
);

t.test('a kernel driver is named, with what to do', async (t) => {
  const device = plugged('1-2', 0x06c3, { driver: true });
  const { pasori } = await host(t, [device], { '1-2:1.0': 'port100' });
  await t.rejects(pasori.open('1-2', wait()), {
    code: 'reader-busy',
    detail: {
      holder: 'kernel driver',
      driver: 'port100',
      remedy: "echo 'blacklist port100' > /etc/modprobe.d/pasori.conf; modprobe -r port100",
    },
  });
  t.strictSame(device.calls, ['open', 'close'], 'nothing is detached behind its back');
  const odd = await host(t, [plugged('1-2', 0x06c3, { driver: true })], { '1-2:1.0': "a'b; c" });
  const named = { code: 'reader-busy', detail: { driver: null, remedy: null } };
  await t.rejects(odd.pasori.open('1-2', wait()), named);
});

t.test('what can go wrong with opening has names', async (t) => {
  for (const [fails, errno, code, detail] of [
    ['open', -3, 'reader-unusable', { reason: 'permission' }],
    ['open', -4, 'reader-gone', { reason: 'unplugged' }],
    ['open', -99, 'reader-unusable', { reason: 'LIBUSB_ERROR' }],
    ['claim', -6, 'reader-busy', { holder: 'another program' }],
    ['claim', -4, 'reader-gone', {}],
    ['driver', -5, 'reader-unusable', {}],
  ] as const) {
    const device = plugged('1-2', 0x06c3, { fails: { [fails]: errno } });
    const { pasori } = await host(t, [device]);
    await t.rejects(pasori.open('1-2', wait()), { code, detail }, `${fails} ${errno}`);
    t.equal(device.calls.includes('close'), fails !== 'open', 'and it is closed again');
    device.fails = {};
    await (await pasori.open('1-2', wait())).close();
  }
  const elsewhere = plugged('1-2', 0x06c3, { fails: { driver: -12 } });
  await (await (await host(t, [elsewhere])).pasori.open('1-2', wait())).close();
  const bare = plugged('1-2', 0x06c3, { faces: [0x0b] });
  const none = { code: 'reader-unusable', detail: { reason: 'no vendor interface' } };
  await t.rejects((await host(t, [bare])).pasori.open('1-2', wait()), none);
});

t.test('bytes go out whole, and a whole number of packets is ended by an empty one', async (t) => {
  const device = plugged('1-2', 0x06c3);
  const { pasori } = await host(t, [device]);
  const transfers = await pasori.open('1-2', wait());
  await transfers.write(new Uint8Array(63), wait());
  await transfers.write(new Uint8Array(64), wait());
  await transfers.write(new Uint8Array(128), wait());
  t.strictSame(
    device.written.map((out) => out.length / 2),
    [63, 64, 0, 128, 0],
  );
  device.short = 3;
  const asked = transfers.write(bytes('01020304'), wait());
  await t.rejects(asked, { code: 'reader-protocol', detail: { reason: 'short write' } });
  await transfers.close();
});

t.test('reads end with data, late data, nothing, or what is wrong', async (t) => {
  const device = plugged('1-2', 0x06c3);
  const { pasori } = await host(t, [device]);
  const transfers = await pasori.open('1-2', wait());
  const read = (ms = 50) => transfers.read(64, wait(ms));
  const ending = (errno: number | null, data = '') => {
    const asked = read();
    device.end(errno, data);
    return asked;
  };
  t.equal(hex(await ending(null, '0102')), '0102');
  t.equal((await ending(null)).length, 0);
  t.equal(hex(await ending(2, '03')), '03', 'late, but there');
  await t.rejects(ending(2), { code: 'reader-timeout' });
  await t.rejects(ending(4), { code: 'reader-protocol', detail: { reason: 'stall' } });
  t.equal(device.calls.at(-1), 'clear halt');
  await t.rejects(ending(6), { code: 'reader-protocol' });
  await t.rejects(ending(1), { code: 'reader-protocol' });
  await t.rejects(ending(5), { code: 'reader-gone' });
  t.strictSame(device.timeouts.slice(0, 2), [50, 50]);
  const none = transfers.read(64, wait(0));
  device.end(2);
  await t.rejects(none, { code: 'reader-timeout' });
  t.equal(device.timeouts.at(-1), 1, 'no time is not for ever');
  const late = transfers.read(64, { signal: AbortSignal.abort(), timeoutMs: 5 });
  await t.rejects(late, { code: 'aborted' });
  device.fails = { submit: -4 };
  await t.rejects(read(), { code: 'reader-gone' });
  device.fails = { submit: -1 };
  await t.rejects(read(), { code: 'reader-protocol' });
  device.unopened = true;
  await t.rejects(read(), { code: 'reader-gone' }, 'closed by somebody else');
  await transfers.close();
  await t.rejects(read(), { code: 'reader-gone', detail: { reason: 'closed' } });
});

t.test(
  'a transfer that never ends holds up the close for a second, and no other reader',
  async (t) => {
    const stuck = plugged('1-2', 0x06c3, { fails: { cancel: -4 } });
    const devices = [stuck];
    const { pasori } = await host(t, devices);
    const transfers = await pasori.open('1-2', wait());
    const stop = new AbortController();
    const given = transfers.read(64, { signal: stop.signal, timeoutMs: 10_000 });
    stop.abort();
    await t.rejects(given, { code: 'reader-gone' }, 'nobody waits for it');
    await transfers.close();
    t.notOk(stuck.calls.includes('close'), 'libusb would refuse');
    devices[0] = plugged('1-2', 0x06c3);
    await (await pasori.open('1-2', wait())).close();
    stuck.end(5);
    await eventually('closed after all', () => stuck.calls.includes('close'));
  },
);

t.test('a transfer given up is cancelled, and closing waits for what is under way', async (t) => {
  const device = plugged('1-2', 0x06c3);
  const { pasori } = await host(t, [device]);
  const transfers = await pasori.open('1-2', wait());
  const stop = new AbortController();
  const given = transfers.read(64, { signal: stop.signal, timeoutMs: 10_000 });
  stop.abort();
  await t.rejects(given, { code: 'aborted' });
  t.equal(device.cancelled, 1);
  const open = transfers.read(64, wait());
  await transfers.close();
  await t.rejects(open, { code: 'reader-gone', detail: { reason: 'closed' } });
  t.equal(device.cancelled, 2);
  t.strictSame(device.calls.slice(-2), ['release 0', 'close']);

  const leaving = plugged('1-2', 0x06c3, { fails: { release: -4, cancel: -4 } });
  const second = await host(t, [leaving]);
  const gone = await second.pasori.open('1-2', wait());
  const last = gone.read(64, wait());
  const closing = gone.close();
  leaving.end(5);
  await t.rejects(last, { code: 'reader-gone' });
  await closing;
  t.equal(leaving.calls.at(-1), 'close');
  t.match(libusbError(-4), { errno: -4 });
});
