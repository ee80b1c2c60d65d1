import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { AppleFaults } from '../../../src/simulator/apple/faults.js';
import { appleRack, MIB, markersLeft, until } from './fixtures.js';
import { AfcWire, deviceIdOf, service, text, trustedHost, u64 } from './raw-client.js';

async function afcOf(t: Test, faults: Partial<AppleFaults> = {}, reservedBytes = MIB) {
  const rack = await appleRack(t);
  const phone = await rack.iphone({ profile: 'iphone-11-ios-17', reservedBytes }, faults);
  const record = await trustedHost(rack, phone.made);
  const connect = async () =>
    new AfcWire(await service(rack, phone.made, { record, name: 'com.apple.afc' }));
  return { rack, ...phone, connect, afc: await connect() };
}

async function freeBytes(afc: AfcWire): Promise<number> {
  const rows = await afc.list(0x0b);
  return Number(rows[rows.indexOf('FSFreeBytes') + 1]);
}

/** Writes until the phone refuses, in ever smaller pieces; returns what was written. */
async function fill(afc: AfcWire, file: Buffer): Promise<Buffer> {
  const written: Buffer[] = [];
  for (let piece = MIB; piece >= 4096; ) {
    const bytes = randomBytes(piece);
    const status = await afc.status(0x10, file, bytes);
    if (status === 0) written.push(bytes);
    else if (status !== 18) throw new Error(`write: ${status}`);
    else {
      // What fitted was written: cut it off, to know what stands in the file.
      const size = written.reduce((sum, one) => sum + one.length, 0);
      if ((await afc.status(0x15, Buffer.concat([file, u64(size)]))) !== 0) throw new Error('cut');
      if ((await afc.status(0x11, Buffer.concat([file, u64(0), u64(size)]))) !== 0)
        throw new Error('seek');
      piece /= 4;
    }
  }
  return Buffer.concat(written);
}

async function readAll(afc: AfcWire, path: string): Promise<Buffer> {
  const file = await afc.open(path, 1);
  const read: Buffer[] = [];
  for (;;) {
    const said = await afc.ask(0x0f, Buffer.concat([file, u64(300_000)]));
    if (said?.operation !== 2) throw new Error('read');
    if (said.data.length === 0) break;
    read.push(said.data);
  }
  if ((await afc.status(0x14, file)) !== 0) throw new Error('close');
  return Buffer.concat(read);
}

for (const reserved of [0, MIB]) {
  t.test(`a fill takes all but the reserve of ${reserved} and reads back whole`, async (t) => {
    const { afc, made, folder, connect } = await afcOf(t, {}, reserved);
    const planted: string[] = JSON.parse(await readFile(join(folder, 'planted.json'), 'utf8'));
    t.equal(await markersLeft(folder), planted.length, 'deleted photos can be found too');
    const before = await freeBytes(afc);
    const file = await afc.open('/fill.bin', 4);
    const written = await fill(afc, file);
    t.equal(written.length, before - reserved);
    t.equal(await afc.status(0x14, file), 0);
    const fresh = await connect();
    t.ok((await readAll(fresh, 'fill.bin')).equals(written), 'read by another connection');
    t.equal(await freeBytes(fresh), reserved);
    t.equal(made.storage.free, reserved);
    const overwritten = planted.length - (await markersLeft(folder));
    t.equal(overwritten, reserved === 0 ? 1 : 0, 'only what lay in the space that was filled');

    t.equal(await fresh.status(0x08, text('/fill.bin')), 0);
    t.equal(await freeBytes(fresh), before);
    t.equal((await fresh.ask(0x0a, text('/fill.bin')))?.head.readUInt32LE(0), 8, 'not found');
  });
}

t.test('files and folders behave as AFC has them', async (t) => {
  const { afc, made } = await afcOf(t);
  t.equal(await afc.status(0x09, text('/Downloads/a/b')), 0);
  const file = await afc.open('/Downloads/a/b/f', 3);
  t.not(file.readUInt32LE(0), 0, 'a handle is never 0');
  t.equal(await afc.status(0x10, file, Buffer.from('hello world')), 0);
  t.equal((await afc.ask(0x0f, Buffer.concat([file, u64(4)])))?.operation, 1, 'opened to write');
  t.equal(await afc.status(0x11, Buffer.concat([file, u64(2), u64(-5)])), 0);
  t.equal(Number((await afc.ask(0x12, file))?.head.readBigUInt64LE(0)), 6);
  t.equal(await afc.status(0x10, file, Buffer.from('WORLD')), 0);
  t.equal(await afc.status(0x15, Buffer.concat([file, u64(8)])), 0);
  t.equal(await afc.status(0x14, file), 0);
  t.equal(await afc.status(0x14, file), 7, 'closed already');
  t.equal((await readAll(afc, '/Downloads/a/b/f')).toString(), 'hello WO');
  t.equal(await afc.status(0x07, Buffer.concat([u64(5), text('/Downloads/a/b/f')])), 0);
  t.equal((await readAll(afc, 'Downloads/a/b/f')).toString(), 'hello');
  const info = await afc.list(0x0a, '/Downloads/a/b/f');
  t.equal(info[info.indexOf('st_size') + 1], '5');
  t.equal(info[info.indexOf('st_ifmt') + 1], 'S_IFREG');
  t.strictSame(await afc.list(0x03, '/Downloads/a'), ['.', '..', 'b']);
  const both = Buffer.concat([text('/Downloads/a'), text('/Downloads/c')]);
  t.equal(await afc.status(0x18, both), 0);
  t.equal((await readAll(afc, '/Downloads/c/b/f')).toString(), 'hello');
  t.equal(await afc.status(0x08, text('/Downloads/c')), 33, 'not empty');
  t.equal(await afc.status(0x22, text('/Downloads/c')), 0);
  t.notMatch(await afc.list(0x03, '/Downloads'), ['c']);
  t.equal(await afc.status(0x0d, Buffer.concat([u64(1), text('/DCIM')])), 9, 'a folder');
  t.equal(await afc.status(0x1c, Buffer.concat([u64(2), text('/etc'), text('/x')])), 15);
  t.strictSame(await afc.list(0x03, '/../../..'), await afc.list(0x03, '/'), 'no way out');
  t.equal(made.storage.capacity, 12 * MIB);
});

t.test('the disk is full early, and a byte reads back wrong', async (t) => {
  const { afc } = await afcOf(t, { afcFullAfter: 100_000, afcFlipsByteAt: 70_000 });
  const file = await afc.open('/f', 4);
  const bytes = randomBytes(90_000);
  t.equal(await afc.status(0x10, file, bytes), 0);
  t.equal(await afc.status(0x10, file, bytes), 18);
  t.ok((await freeBytes(afc)) > 2 * MIB);
  await afc.status(0x14, file);
  const read = await readAll(afc, '/f');
  const wrong = [...read.keys()].filter((at) => read[at] !== bytes[at]);
  t.strictSame(wrong, [70_000]);
});

t.test('the connection dies in mid-write, once, and half of it was written', async (t) => {
  const { afc, connect } = await afcOf(t, { afcDiesAfter: 100_000 });
  const file = await afc.open('/f', 4);
  t.equal(await afc.status(0x10, file, randomBytes(90_000)), 0);
  t.equal(await afc.status(0x10, file, randomBytes(90_000)), -1);
  const again = await connect();
  t.equal((await readAll(again, '/f')).length, 135_000);
  t.equal(await again.status(0x10, await again.open('/f', 2), randomBytes(90_000)), 0);
});

t.test('the cable drops in a fill and comes back as another device', async (t) => {
  const drop = { afterAfcBytes: 100_000, forMs: 50 };
  const { afc, connect, rack, made } = await afcOf(t, { cableDrop: drop });
  const before = deviceIdOf(rack, made);
  const file = await afc.open('/f', 4);
  t.equal(await afc.status(0x10, file, randomBytes(100_000)), -1);
  await until('it is back', () => (deviceIdOf(rack, made) ?? before) !== before);
  t.ok(await freeBytes(await connect()));
});
