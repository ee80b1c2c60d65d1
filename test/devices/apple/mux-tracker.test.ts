import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { readUsbAddresses, usbPathOf } from '../../../src/devices/apple/location.js';
import { MuxTracker, type MuxTrackerOptions } from '../../../src/devices/apple/mux-tracker.js';
import type { PlistDict } from '../../../src/devices/apple/plist/plist-value.js';
import { Turnstile } from '../../../src/devices/apple/turnstile.js';
import { MuxClient } from '../../../src/devices/apple/usbmux/mux-client.js';
import type { MuxRow } from '../../../src/devices/sighting.js';
import { SarachiError } from '../../../src/errors.js';
import { createLog } from '../../../src/log.js';
import { eventually } from '../helpers/eventually.js';
import type { Wire } from '../helpers/fake-adb-server.js';
import type { Owner } from '../helpers/owner.js';
import { FakeMux, muxReply, muxRequest, OK } from './helpers/fake-mux.js';

/** A usbmuxd that only tells events. */
class EventMux {
  devices: number[] = [];
  readonly listeners = new Set<Wire>();
  mute = false;
  readonly fake = new FakeMux(async (wire) => {
    const { MessageType } = await muxRequest(wire);
    if (this.mute) return;
    if (MessageType === 'ListDevices') return muxReply(wire, { DeviceList: [] });
    this.listeners.add(wire);
    wire.socket.once('close', () => this.listeners.delete(wire));
    muxReply(wire, OK);
    for (const id of this.devices) muxReply(wire, attached(id), 0);
  });

  tell(body: PlistDict): void {
    for (const wire of this.listeners) muxReply(wire, body, 0);
  }
}

const attached = (id: number, serial = `SN${id}`): PlistDict => ({
  MessageType: 'Attached',
  DeviceID: id,
  Properties: {
    ConnectionType: 'USB',
    LocationID: 0x1_0000 + id,
    SerialNumber: serial,
    ProductID: 4776,
  },
});

async function tracked(t: Owner, more: Partial<MuxTrackerOptions> = {}) {
  const usbmuxd = new EventMux();
  await usbmuxd.fake.listen();
  const lists: (readonly MuxRow[])[] = [];
  const tracker = new MuxTracker({
    mux: new MuxClient(usbmuxd.fake.endpoint),
    onRows: (rows) => lists.push(rows),
    log: createLog('silent'),
    locate: async ({ bus, address }) => `${bus}-${address}`,
    judge: () => async () => 'mux:paired',
    ...more,
  });
  t.teardown(async () => {
    await tracker.stop();
    await usbmuxd.fake.close();
  });
  tracker.start();
  const states = () => tracker.rows().map((row) => `${row.udid} ${row.usbPath} ${row.condition}`);
  const shows = (...wanted: string[]) =>
    eventually(`${wanted} (${states()})`, () => states().sort().join() === wanted.sort().join());
  return { usbmuxd, tracker, lists, shows, states };
}

t.test('handsets come, are placed and judged, and go', async (t) => {
  const { usbmuxd, tracker, shows } = await tracked(t);
  await eventually('connected', () => tracker.connected());
  await eventually('listening', () => usbmuxd.listeners.size === 1);
  usbmuxd.tell(attached(5));
  usbmuxd.tell(attached(6));
  await shows('SN5 1-5 mux:paired', 'SN6 1-6 mux:paired');
  usbmuxd.tell({ MessageType: 'Nonsense' });
  usbmuxd.tell({ MessageType: 'Detached', DeviceID: 5 });
  usbmuxd.tell({ MessageType: 'Detached', DeviceID: 99 });
  usbmuxd.tell(attached(7, 'SN5'));
  await shows('SN5 1-7 mux:paired', 'SN6 1-6 mux:paired');
});

t.test('trust is asked at each pairing, and again while it cannot be told', async (t) => {
  const answers = [
    'error',
    'mux:trust-declined',
    'mux:paired',
    'mux:locked',
    'mux:paired',
  ] as const;
  let asked = 0;
  const { usbmuxd, tracker, shows, states } = await tracked(t, {
    judge: () => async () => {
      const answer = answers[asked] ?? 'mux:attached';
      asked += 1;
      if (answer === 'error') throw new SarachiError('iphone-closed');
      return answer;
    },
  });
  await eventually('connected', () => tracker.connected());
  usbmuxd.tell(attached(5));
  await shows('SN5 1-5 mux:attached');
  await shows('SN5 1-5 mux:trust-declined');
  t.equal(asked, 2);
  usbmuxd.tell({ MessageType: 'Paired', DeviceID: 5 });
  await shows('SN5 1-5 mux:paired');
  t.equal(asked, 3);
  tracker.reconsider('SOMEBODY');
  t.same(states(), ['SN5 1-5 mux:paired']);
  tracker.reconsider('SN5');
  t.same(states(), ['SN5 1-5 mux:attached'], 'nothing is known until it was looked at');
  await shows('SN5 1-5 mux:locked');
  await shows('SN5 1-5 mux:paired');
  t.equal(asked, 5, 'a locked one is looked at again');
});

t.test('not more than a few are judged at a time, and a place may come late', async (t) => {
  let inside = 0;
  let most = 0;
  let looks = 0;
  const gates: (() => void)[] = [];
  const { usbmuxd, tracker, shows } = await tracked(t, {
    locate: async ({ bus, address }) => {
      looks += 1;
      return looks < 3 ? null : `${bus}-${address}`;
    },
    judge: () => async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise<void>((resolve) => gates.push(resolve));
      inside -= 1;
      return 'mux:paired';
    },
  });
  await eventually('connected', () => tracker.connected());
  const ids = Array.from({ length: 12 }, (_, index) => index + 1);
  for (const id of ids) usbmuxd.tell(attached(id));
  await eventually('four are inside', () => inside === 4);
  const opening = setInterval(() => gates.shift()?.(), 1);
  t.teardown(async () => clearInterval(opening));
  await shows(...ids.map((id) => `SN${id} 1-${id} mux:paired`));
  t.equal(most, 4);
});

t.test('a usbmuxd that ends makes handsets unknown, not gone; the next one tells', async (t) => {
  const { usbmuxd, tracker, shows, states } = await tracked(t, { settleMs: 300 });
  usbmuxd.devices = [5, 6];
  await shows('SN5 1-5 mux:paired', 'SN6 1-6 mux:paired');
  const { port } = usbmuxd.fake;
  await usbmuxd.fake.close();
  await shows('SN5 1-5 mux:unknown', 'SN6 1-6 mux:unknown');
  t.ok(tracker.rows().every(({ deviceId }) => deviceId === null));
  t.notOk(tracker.connected());
  const next = new EventMux();
  next.devices = [1];
  next.fake.behaviour = async (wire) => {
    await muxRequest(wire);
    next.listeners.add(wire);
    muxReply(wire, OK);
    muxReply(wire, attached(1, 'SN6'), 0);
  };
  await next.fake.listen(port);
  t.teardown(() => next.fake.close());
  await eventually('found again', () => states().includes('SN6 1-1 mux:paired'));
  await shows('SN6 1-1 mux:paired');
});

t.test('the last handset leaves and usbmuxd ends, as Debian has it', async (t) => {
  const { usbmuxd, tracker, shows, lists } = await tracked(t);
  usbmuxd.devices = [5];
  await shows('SN5 1-5 mux:paired');
  usbmuxd.tell({ MessageType: 'Detached', DeviceID: 5 });
  await shows();
  await usbmuxd.fake.close();
  await eventually('noticed', () => !tracker.connected());
  t.same(lists.at(-1), []);
});

t.test('a broken stream, a foreign tag and a usbmuxd that hangs are all its end', async (t) => {
  const { usbmuxd, tracker, shows } = await tracked(t, { checkMs: 50, settleMs: 50, askMs: 300 });
  usbmuxd.devices = [5];
  await shows('SN5 1-5 mux:paired');
  const again = async (what: string, harm: (wire: Wire) => void) => {
    const before = usbmuxd.fake.connections;
    const [wire] = usbmuxd.listeners;
    if (!wire) throw new Error('nobody listens');
    harm(wire);
    await eventually(`${what}: dropped`, () => wire.socket.destroyed);
    await eventually(`${what}: again`, () => usbmuxd.fake.connections > before);
    await shows('SN5 1-5 mux:paired');
  };
  await again('garbage', (wire) => wire.send(Buffer.alloc(64, 0x41)));
  await again('tag', (wire) => muxReply(wire, attached(9), 4));
  await again('length', (wire) => wire.send(Buffer.alloc(16, 0xff)));
  usbmuxd.mute = true;
  await shows('SN5 1-5 mux:unknown');
  usbmuxd.mute = false;
  await shows('SN5 1-5 mux:paired');
  t.ok(tracker.connected());
});

t.test('no usbmuxd at all, and stopping while waiting for one', async (t) => {
  const { usbmuxd, tracker, lists } = await tracked(t);
  await usbmuxd.fake.close();
  await tracker.stop();
  t.same(lists.flat(), []);
});

t.test('the place of a handset on the bus', async (t) => {
  const at = (usbPath: string, bus: number, address: number, serial: string | null = null) => ({
    usbPath,
    bus,
    address,
    serial,
  });
  const udid = '00008030-001A2B3C4D5E802E';
  const place = { udid, bus: 1, address: 5 };
  const bare = '00008030001A2B3C4D5E802E';
  t.equal(usbPathOf(place, [at('1-4.2', 1, 5, bare), at('2-4.2', 2, 5)]), '1-4.2');
  t.equal(usbPathOf(place, [at('1-4.2', 1, 5)]), '1-4.2', 'no serial to compare');
  t.equal(usbPathOf(place, [at('1-4.2', 1, 5, 'OTHER')]), null, 'the number is in use again');
  t.equal(usbPathOf(place, [at('1-4.2', 1, 5), at('1-9', 1, 5)]), null);
  t.equal(usbPathOf(place, []), null);

  const sysfs = await mkdtemp(join(tmpdir(), 'sarachi-sysfs-'));
  t.teardown(() => rm(sysfs, { recursive: true }));
  t.same(await readUsbAddresses(sysfs), [], 'a host without a bus');
  const write = async (name: string, files: Record<string, string>) => {
    await mkdir(join(sysfs, 'devices', name), { recursive: true });
    for (const [file, text] of Object.entries(files))
      await writeFile(join(sysfs, 'devices', name, file), `${text}\n`);
  };
  await write('usb1', { busnum: '1', devnum: '1' });
  await write('1-4.2', { busnum: '1', devnum: '5', serial: bare });
  await write('1-4.2:1.0', {});
  await write('1-9', { busnum: '1' });
  t.same(await readUsbAddresses(sysfs), [at('1-4.2', 1, 5, bare)]);
  t.equal(usbPathOf(place, await readUsbAddresses(sysfs)), '1-4.2');
});

t.test('a turnstile keeps order and weight, and forgets who gave up', async (t) => {
  const turnstile = new Turnstile(10);
  const { signal } = new AbortController();
  const leave = await turnstile.enter(8, signal);
  const gaveUp = new AbortController();
  const impatient = turnstile.enter(9, gaveUp.signal);
  const order: string[] = [];
  const second = turnstile.enter(3, signal).then((out) => {
    order.push('second');
    return out;
  });
  const third = turnstile.enter(1, signal).then((out) => {
    order.push('third');
    return out;
  });
  gaveUp.abort();
  await t.rejects(impatient, { code: 'aborted' });
  t.equal(turnstile.inside, 8);
  leave();
  leave();
  for (const out of [await second, await third]) out();
  t.same(order, ['second', 'third']);
  t.equal(turnstile.inside, 0);
  (await turnstile.enter(99, signal))();
  t.equal(turnstile.inside, 0, 'what is heavier than the limit goes through alone');
});
