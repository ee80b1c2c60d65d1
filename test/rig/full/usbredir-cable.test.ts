import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { HandsetProcess, WireFaults } from '../../../src/simulator/android/handset-os.js';
import type { UsbFace } from '../../../src/simulator/android/usb-face.js';
import { eventually } from '../../devices/helpers/eventually.js';
import { temporaryFolder } from '../../simulator/adbd/daemon-under-test.js';
import { TinyOs } from '../../simulator/adbd/tiny-os.js';
import { AdbOverBulk } from './helpers/adb-over-bulk.js';
import { bulk, HostEnd } from './helpers/host-end.js';
import { type CableOptions, UsbredirCable } from './usbredir/usbredir-cable.js';

const MTP = { classCode: 6, subclass: 1, protocol: 1 };
const ADB = { classCode: 0xff, subclass: 0x42, protocol: 1 };
const IDS = { vendorId: 0x18d1, open: true, serial: 'CABLE01' };
const FACE: UsbFace = { ...IDS, productId: 0x4ee2, interfaces: [MTP, ADB], adb: true };
const PLAIN: UsbFace = { ...IDS, productId: 0x4ee1, interfaces: [MTP], adb: false };
const ENDPOINTS = { in: 0x83, out: 0x03 };

class StartsTold extends TinyOs {
  readonly started: string[] = [];

  override run(command: string): HandsetProcess {
    this.started.push(command);
    return super.run(command);
  }
}

/** Listens as QEMU does for one usb-redir device: one connection at a time. */
class Place {
  readonly socket: string;
  readonly connections: Socket[] = [];
  readonly #server: Server;

  constructor(socket: string) {
    this.socket = socket;
    this.#server = createServer((connection) => this.connections.push(connection));
  }

  async listen(): Promise<void> {
    this.#server.listen(this.socket);
    await once(this.#server, 'listening');
  }

  /** The host's end of the connection that is there, or comes next. */
  async host(): Promise<HostEnd> {
    await eventually('a connection', () => this.connections.length > 0);
    const connection = this.connections.shift();
    if (!connection) throw new Error('no connection');
    return new HostEnd(connection);
  }

  async stop(): Promise<void> {
    for (const connection of this.connections.splice(0)) connection.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
  }
}

async function cabled(t: Test, options: Partial<CableOptions> = {}) {
  const folder = await temporaryFolder(t);
  const place = new Place(path.join(folder, 'redir.sock'));
  const os = new StartsTold(folder);
  const wire: WireFaults = {};
  const handset = Object.assign(os, {
    faults: { wire },
    face: () => FACE,
    watch: () => () => undefined,
  });
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const cable = new UsbredirCable(handset, { socket: place.socket, log, ...options });
  t.teardown(async () => {
    await cable.close();
    await place.stop();
  });
  return { folder, place, os, wire, cable, lines };
}

/** Plugged in, configured and logged in. */
async function online(place: Place) {
  const host = await place.host();
  await host.plugged();
  await host.configure();
  const adb = new AdbOverBulk(host, ENDPOINTS);
  const banner = await adb.connect();
  return { host, adb, banner };
}

t.test('adb through the pipes: commands, and a mebibyte whole in both directions', async (t) => {
  const { folder, place, cable } = await cabled(t);
  await place.listen();
  await cable.show(FACE);
  const { adb, banner } = await online(place);
  t.match(banner, /^device::.*ro\.product\.model=SO 52C/);
  t.equal(`${await adb.run('exec:echo hello')}`, 'hello\n');
  const blob = randomBytes(1024 * 1024);
  await writeFile(path.join(folder, 'blob'), blob);
  t.ok((await adb.run('exec:cat blob')).equals(blob), 'out of the handset');
  const sum = createHash('sha256').update(blob).digest('hex');
  t.match(`${await adb.run(`exec:head -c ${blob.length} | sha256sum`, blob)}`, sum, 'and into it');
});

t.test('a reset in the middle of a stream begins adb afresh', async (t) => {
  const { place, cable, os } = await cabled(t);
  await place.listen();
  await cable.show(FACE);
  const { host, adb } = await online(place);
  const endless = adb.run('shell:cat /dev/zero');
  const broken = t.rejects(endless, /bulk status/);
  await eventually('bytes to flow', () => host.heard.length > 200);
  host.say('reset', {});
  await broken;
  await eventually('the command to be killed', () => os.killed.length === 1);
  await host.configure();
  const again = new AdbOverBulk(host, ENDPOINTS);
  t.match(await again.connect(), /^device::/);
  t.equal(`${await again.run('exec:echo again')}`, 'again\n');
  await host.configure();
  const third = new AdbOverBulk(host, ENDPOINTS);
  t.match(await third.connect(), /^device::/, 'so does a configuration');
  const cut = t.rejects(third.run('shell:sleep 60'));
  await eventually('the command to run', () => os.started.at(-1) === 'sleep 60');
  await cable.show(null);
  await cut;
  await eventually('the command to be killed with the cable', () => os.killed.length === 2);
});

t.test('another face is another plug, and no face is none', async (t) => {
  const { place, cable } = await cabled(t);
  await place.listen();
  await cable.show(FACE);
  const first = await place.host();
  t.match((await first.plugged()).fields, { productId: 0x4ee2, speed: 1, vendorId: 0x18d1 });
  await cable.show({ ...FACE });
  t.equal(place.connections.length, 0, 'the same face stays');
  await cable.show(PLAIN);
  await first.closed;
  const second = await place.host();
  t.equal((await second.plugged()).fields.productId, 0x4ee1);
  await second.configure();
  const waits = second.ask('bulk', bulk(0x81, 64), 'bulk');
  const pulled = t.rejects(waits, /gone/);
  await cable.show(null);
  await second.closed;
  await pulled;
  await Promise.all([cable.show(FACE), cable.show(PLAIN), cable.show(null), cable.show(FACE)]);
  const third = await place.host();
  t.equal((await third.plugged()).fields.productId, 0x4ee2, 'the last word counts');
  t.equal(place.connections.length, 0);
  await cable.close();
  await third.closed;
  await cable.show(FACE);
  t.equal(place.connections.length, 0, 'closed is closed');
});

t.test(
  'a host that goes, or breaks the protocol, has the handset again when it is back',
  async (t) => {
    const { place, cable, lines } = await cabled(t);
    const shown = cable.show(FACE);
    await place.listen();
    await shown;
    const first = await online(place);
    first.host.pull();
    const second = await online(place);
    t.equal(`${await second.adb.run('exec:echo back')}`, 'back\n');
    second.host.say('configurationStatus', { status: 0, configuration: 1 });
    await second.host.closed;
    t.match(lines.join('\n'), /configurationStatus from the host/);
    await online(place);
  },
);

t.test('an adb daemon that ends by itself takes the handset off the bus and back', async (t) => {
  const { place, cable, wire } = await cabled(t);
  await place.listen();
  await cable.show(FACE);
  const { host, adb } = await online(place);
  wire.cutAfterBytes = 10;
  await t.rejects(adb.run('exec:echo never'));
  await host.closed;
  const again = await online(place);
  t.equal(`${await again.adb.run('exec:echo back')}`, 'back\n');
});

t.test('nobody listens: it says so in time, goes on trying, and ends when told to', async (t) => {
  const { place, cable } = await cabled(t, { connectMs: 200 });
  await t.rejects(cable.show(FACE), /nobody has listened/);
  await place.listen();
  const { host } = await online(place);
  await place.stop();
  host.pull();
  await host.closed;
  const began = performance.now();
  await cable.close();
  t.ok(performance.now() - began < 2_000);
});

t.test('a host that never says hello is waited for', async (t) => {
  const { place, cable } = await cabled(t);
  await place.listen();
  await cable.show(FACE);
  await eventually('a connection', () => place.connections.length > 0);
  const [connection] = place.connections;
  const first = connection ? await once(connection, 'data') : [];
  t.match(`${first[0]}`, /simulated handset/, 'hello, and nothing more');
  t.equal(first[0].length, 80);
  const began = performance.now();
  await cable.close();
  t.ok(performance.now() - began < 2_000);
});
