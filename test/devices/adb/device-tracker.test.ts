import t from 'tap';
import { parseDeviceRows } from '../../../src/devices/adb/device-rows.js';
import { DeviceTracker } from '../../../src/devices/adb/device-tracker.js';
import { mergeRows, unknownRows } from '../../../src/devices/adb/tracked-rows.js';
import type { AdbRow } from '../../../src/devices/sighting.js';
import { createLog } from '../../../src/log.js';
import { eventually } from '../helpers/eventually.js';
import { FakeAdbServer, hex4, OKAY, type Wire } from '../helpers/fake-adb-server.js';
import type { Owner } from '../helpers/owner.js';

const A = 'A1 device usb:1-1 transport_id:1';
const A_OFFLINE = 'A1 offline usb:1-1 transport_id:1';
const B = 'B2 device usb:1-2 transport_id:2';

/** A server with one list, which pushes only when told to. */
class ListServer {
  list = '';
  readonly trackers = new Set<Wire>();
  readonly fake = new FakeAdbServer((wire) => this.#serve(wire));
  /** Set to keep answers to `devices-l` back. */
  mute = false;

  async #serve(wire: Wire): Promise<void> {
    if ((await wire.next()) === 'host:track-devices-l') {
      this.trackers.add(wire);
      wire.socket.once('close', () => this.trackers.delete(wire));
      wire.send(OKAY, hex4(this.list));
    } else if (!this.mute) wire.socket.end(Buffer.concat([OKAY, hex4(this.list)]));
  }

  push(): void {
    for (const wire of this.trackers) wire.send(hex4(this.list));
  }
}

async function tracked(t: Owner, options: { pollMs: number; settleMs?: number }) {
  const server = new ListServer();
  await server.fake.listen();
  const lists: (readonly AdbRow[])[] = [];
  const { endpoint } = server.fake;
  const tracker = new DeviceTracker({
    endpoint: () => endpoint,
    onRows: (rows) => lists.push(rows),
    log: createLog('silent'),
    clock: () => performance.now(),
    ...options,
  });
  t.teardown(async () => {
    await tracker.stop();
    await server.fake.close();
  });
  const states = () => tracker.rows().map((row) => `${row.serial} ${row.condition}`);
  const shows = (...wanted: string[]) =>
    eventually(`${wanted}`, () => states().join() === wanted.join());
  return { server, lists, tracker, states, shows, port: endpoint.port };
}

t.test('a push is followed by the whole list', async (t) => {
  const { server, tracker, shows, lists } = await tracked(t, { pollMs: 3_600_000 });
  tracker.start();
  await eventually('connected', () => tracker.connected());
  t.equal(lists.length, 0, 'an empty list is no news');
  server.list = `${A}\n`;
  server.push();
  await shows('A1 adb:device');
  server.list = `${A_OFFLINE}\n${B}\n`;
  server.push();
  await shows('A1 adb:offline', 'B2 adb:device');
  server.list = '';
  server.push();
  await shows();
  t.equal(lists.length, 3);
});

t.test('a change that is not pushed is found by asking', async (t) => {
  const { server, tracker, shows } = await tracked(t, { pollMs: 20 });
  server.list = `${A}\n`;
  tracker.start();
  await shows('A1 adb:device');
  server.list = `${A_OFFLINE}\n`;
  await shows('A1 adb:offline');
});

t.test(
  'the end of the stream makes all rows unknown, and the next list tells what is',
  async (t) => {
    const { server, tracker, shows, lists } = await tracked(t, { pollMs: 20, settleMs: 0 });
    server.list = `${A}\n${B}\n`;
    tracker.start();
    await shows('A1 adb:device', 'B2 adb:device');
    server.list = `${B.replace('transport_id:2', 'transport_id:1')}\n`;
    for (const wire of server.trackers) wire.socket.destroy();
    await shows('A1 adb:unknown', 'B2 adb:unknown');
    t.ok(
      tracker.rows().every((row) => row.transportId === null),
      'no transport number outlives its server',
    );
    t.notOk(tracker.connected());
    await shows('B2 adb:device');
    t.equal(tracker.rows()[0]?.transportId, 1);
    t.equal(lists.length, 3, 'each change once');
  },
);

t.test('a server that is gone for long, then back on the same port', async (t) => {
  const { server, tracker, shows, port } = await tracked(t, { pollMs: 20, settleMs: 60_000 });
  server.list = `${A}\n${B}\n`;
  tracker.start();
  await shows('A1 adb:device', 'B2 adb:device');
  await server.fake.close();
  await shows('A1 adb:unknown', 'B2 adb:unknown');
  const next = new ListServer();
  await next.fake.listen(port);
  t.teardown(() => next.fake.close());
  await eventually('connected', () => tracker.connected());
  await shows('A1 adb:unknown', 'B2 adb:unknown');
  next.list = `${B}\n`;
  next.push();
  // While the new server settles, one that is not found yet stays unknown.
  await shows('B2 adb:device', 'A1 adb:unknown');
});

t.test('a pushed stream that is garbage counts as its end', async (t) => {
  const { server, tracker, shows } = await tracked(t, { pollMs: 20, settleMs: 0 });
  server.list = `${A}\n`;
  tracker.start();
  await shows('A1 adb:device');
  let unknown = false;
  const seen = () => {
    unknown ||= tracker.rows().some((row) => row.condition === 'adb:unknown');
    return unknown;
  };
  for (const wire of server.trackers) wire.send(Buffer.from('what?'));
  await eventually('unknown', seen);
  await shows('A1 adb:device');
});

t.test('no server at all, and stopping while waiting for one', async (t) => {
  const { server, tracker, lists } = await tracked(t, { pollMs: 20 });
  await server.fake.close();
  tracker.start();
  await tracker.stop();
  t.same(lists, []);
});

t.test('merging lists', async (t) => {
  const rows = parseDeviceRows(`${A}\n${B}\n`);
  const unknown = unknownRows(rows);
  t.match(unknown, [{ condition: 'adb:unknown', transportId: null, usbPath: '1-1' }, {}]);
  const fresh = parseDeviceRows(A);
  t.same(mergeRows(unknown, fresh, true), [...fresh, unknown[1]]);
  t.same(mergeRows(unknown, fresh, false), fresh);
  t.same(mergeRows(rows, [], true), [], 'a row that was known and is not listed has left');
});
