import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import t from 'tap';
import type { UsbDescription } from '../../../src/devices/sighting.js';
import { LibusbBus, type SerialDevice } from '../../../src/devices/usb/libusb-bus.js';
import { loadLibusb } from '../../../src/devices/usb/load-libusb.js';
import { udevRuns } from '../../../src/devices/usb/udev.js';
import { createLog } from '../../../src/log.js';
import { eventually } from '../helpers/eventually.js';
import type { Owner } from '../helpers/owner.js';

interface Plugged extends SerialDevice {
  readonly deviceAddress: number;
  /** Answers the waiting string request. */
  answer(serial: string | undefined, error?: Error): void;
}

function plugged(busNumber: number, portNumbers: number[], more: object = {}): Plugged {
  const waiting: ((error?: Error, value?: string) => void)[] = [];
  const face = { bInterfaceClass: 0xff, bInterfaceSubClass: 0x42, bInterfaceProtocol: 1 };
  return {
    busNumber,
    portNumbers,
    deviceAddress: 5,
    timeout: 0,
    deviceDescriptor: { idVendor: 0x18d1, idProduct: 0x4ee7, bDeviceClass: 0, iSerialNumber: 3 },
    configDescriptor: { interfaces: [[face]] },
    open: () => undefined,
    close: () => undefined,
    getStringDescriptor: (_index, done) => waiting.push(done),
    answer: (serial, error) => waiting.shift()?.(error, serial),
    ...more,
  };
}

/** The events and the list of libusb, without a bus behind them. */
class Events extends EventEmitter {
  devices: Plugged[] = [];
  whenListed: () => void = () => undefined;

  getDeviceList(): Plugged[] {
    this.whenListed();
    return this.devices;
  }
}

function bus(t: Owner, events: Events, { udev = true, sysfs = '/' } = {}) {
  const told: string[] = [];
  const devices: UsbDescription[] = [];
  const lines: string[] = [];
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  const libusb = new LibusbBus<Plugged>({
    log: createLog('warn', sink),
    load: async () => events,
    sysfs,
    udevRuns: async () => udev,
  });
  const start = libusb.start({
    attached: (device) => {
      told.push(`+${device.usbPath} ${device.serial}`);
      devices.push(device);
    },
    detached: (usbPath) => told.push(`-${usbPath}`),
  });
  t.teardown(() => libusb.stop());
  return { libusb, start, told, devices, lines };
}

function folder(prefix: string): string {
  const made = mkdtempSync(join(tmpdir(), prefix));
  t.teardown(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

t.test('a host without USB says so', async (t) => {
  let loaded = false;
  const libusb = new LibusbBus({
    log: createLog('silent'),
    load: async () => {
      loaded = true;
      return loadLibusb();
    },
    sysfs: join(folder('no-usb-'), 'bus'),
  });
  const nobody = { attached: () => t.fail(), detached: () => t.fail() };
  await t.rejects(libusb.start(nobody), { code: 'usb-unavailable' });
  t.notOk(loaded, 'the native code is not even loaded');
  await libusb.stop();
});

t.test('the usb package has what is used of it', async (t) => {
  const library = await loadLibusb();
  for (const name of ['getDeviceList', 'on', 'off'] as const) t.type(library[name], 'function');
  t.type(library.getDeviceList(), Array);
});

t.test('devices that are there, come and go', async (t) => {
  const events = new Events();
  const there = plugged(1, [4, 2]);
  const fresh = plugged(2, [1], { deviceAddress: 9 });
  const hub = plugged(1, [4], { deviceDescriptor: { ...there.deviceDescriptor, bDeviceClass: 9 } });
  const root = plugged(1, []);
  events.devices = [root, hub, there];
  // Plugged in between subscribing and listing: told by both, heard once.
  events.whenListed = () => {
    events.devices.push(fresh);
    events.emit('attach', fresh);
  };
  const { libusb, start, told, devices } = bus(t, events);
  await eventually('asked', () => there.timeout > 0 && fresh.timeout > 0);
  there.answer('26061FDH2000AP');
  fresh.answer('evil/../serial');
  await start;
  t.same(told.sort(), ['+1-4.2 26061FDH2000AP', '+2-1 null']);
  t.match(
    devices.find(({ usbPath }) => usbPath === '1-4.2'),
    {
      vendorId: 0x18d1,
      interfaces: [{ classCode: 0xff, subclass: 0x42, protocol: 1 }],
    },
  );
  events.emit('detach', hub);
  events.emit('detach', there);
  events.emit('detach', there);
  t.same(told.slice(2), ['-1-4.2']);
  await libusb.stop();
  t.equal(events.listenerCount('attach') + events.listenerCount('detach'), 0);
});

t.test('unplugged while its serial is read', async (t) => {
  const events = new Events();
  const { start, told } = bus(t, events);
  await start;
  const first = plugged(1, [1]);
  events.emit('attach', first);
  events.emit('detach', first);
  const second = plugged(1, [1], { deviceAddress: 6 });
  events.emit('attach', second);
  second.answer('SECOND');
  first.answer('FIRST');
  await eventually('told', () => told.some((line) => line.startsWith('+')));
  t.same(told, ['-1-1', '+1-1 SECOND']);
  events.emit('detach', first);
  t.same(told.slice(2), [], 'a late detach of the one before takes nothing away');
});

t.test(
  'a device that cannot be opened or read has the serial that the kernel knows, or none',
  async (t) => {
    const events = new Events();
    const sysfs = folder('sysfs-');
    mkdirSync(join(sysfs, 'devices', '1-4'), { recursive: true });
    writeFileSync(join(sysfs, 'devices', '1-4', 'serial'), 'KERNEL-4\n');
    const { start, told, lines, devices } = bus(t, events, { sysfs });
    await start;
    const denied = () => {
      throw new Error('LIBUSB_ERROR_ACCESS');
    };
    const without = { idVendor: 1, idProduct: 2, bDeviceClass: 0, iSerialNumber: 0 };
    events.emit('attach', plugged(1, [1], { open: denied }));
    events.emit('attach', plugged(1, [2], { deviceDescriptor: without, open: denied }));
    const unreadable = plugged(1, [3]);
    Object.defineProperty(unreadable, 'configDescriptor', { get: denied });
    events.emit('attach', unreadable);
    unreadable.answer(undefined, new Error('LIBUSB_TRANSFER_TIMED_OUT'));
    events.emit('attach', plugged(1, [4], { open: denied }));
    await eventually('all told', () => told.length === 4);
    t.same(told.sort(), ['+1-1 null', '+1-2 null', '+1-3 null', '+1-4 KERNEL-4']);
    t.same(devices.find(({ usbPath }) => usbPath === '1-3')?.interfaces, []);
    t.equal(lines.filter((line) => line.includes('usb serial cannot be read')).length, 3);
  },
);

t.test('whether udevd runs', async (t) => {
  const home = folder('udev-');
  t.equal(await udevRuns(join(home, 'control')), false);
  writeFileSync(join(home, 'file'), '');
  t.equal(await udevRuns(join(home, 'file')), false);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(home, 'control'), resolve));
  t.equal(await udevRuns(join(home, 'control')), true);
  server.close();
  const silent = bus(t, new Events(), { udev: false });
  await silent.start;
  t.match(silent.lines.join(''), /systemd-udevd does not run/);
});
