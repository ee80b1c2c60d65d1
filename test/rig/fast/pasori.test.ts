import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';
import { ACK, port100, port400, reply } from '../../devices/pasori/helpers/readers.js';
import { BAD_AIR, CARD } from '../../devices/pasori/helpers/vectors.js';
import type { Answer } from '../../devices/pasori/helpers/wire.js';
import { buildRig } from './build-rig.js';
import { PasoriHost, readerServer } from './pasori-host.js';
import { UmockRack } from './umock-rack.js';

const [poll] = CARD;
const FRAME = (poll?.command ?? '').slice(2);
const HEARD = poll?.reply?.slice(2);
const VENDOR = { classCode: 0xff, subclass: 0, protocol: 0 };
const SMART_CARD = { classCode: 0x0b, subclass: 0, protocol: 0 };
const RC_S380 = { vendorId: 0x054c, productId: 0x06c3, serial: '0123456', interfaces: [VENDOR] };
const RC_S300 = {
  ...{ vendorId: 0x054c, productId: 0x0dc9, serial: null },
  interfaces: [SMART_CARD, VENDOR],
};
const PHONE = { vendorId: 0x18d1, productId: 0x4ee1, serial: 'A', interfaces: [VENDOR] };

/** Commands of the RC-S380 are frames with the extended length, or acknowledgements. */
const frame100 = (bytes: Buffer) => {
  if (bytes.length < 6) return 0;
  const whole = bytes.readUInt8(3) === 0 ? 6 : bytes.length < 8 ? 8 : 10 + bytes.readUInt16LE(5);
  return bytes.length < whole ? 0 : whole;
};
const message400 = (bytes: Buffer) => {
  const whole = bytes.length < 10 ? 10 : 10 + bytes.readUInt32LE(1);
  return bytes.length < whole ? 0 : whole;
};

/** An emulated bus with both readers on it, and the product on the `usb` package looking at it. */
async function bench(t: Test) {
  const air: { s380: Answer; s300: Answer } = {
    s380: [ACK, poll?.answer ?? ''],
    s300: [reply(`c0030090009714${poll?.reply}`)],
  };
  const folder = await mkdtemp(path.join(tmpdir(), 'sarachi-pasori-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const { rackProgram, preload } = await buildRig();
  const sockets = { s380: path.join(folder, 's380.sock'), s300: path.join(folder, 's300.sock') };
  const s380 = readerServer(
    frame100,
    port100(() => air.s380),
  );
  const s300 = readerServer(
    message400,
    port400(() => air.s300),
  );
  await Promise.all([s380.listen(sockets.s380), s300.listen(sockets.s300)]);
  t.teardown(() => Promise.all([s380.close(), s300.close()]));
  const umock = await UmockRack.start(rackProgram, folder);
  t.teardown(() => umock.stop());
  await umock.hub('1-1');
  const plug = {
    s380: () => umock.add('1-1.1', { ...RC_S380, socket: sockets.s380 }),
    s300: () => umock.add('1-1.2', { ...RC_S300, socket: sockets.s300 }),
  };
  await plug.s380();
  await plug.s300();
  await umock.add('1-1.3', { ...PHONE, socket: null });
  const host = new PasoriHost({ UMOCKDEV_DIR: umock.root, LD_PRELOAD: preload });
  t.teardown(() => host.stop());
  const ask = (usbPath: string, timeoutMs = 10_000) =>
    host.ask({ type: 'poll', usbPath, frame: FRAME, timeoutMs });
  return { air, umock, host, plug, ask, s380, s300 };
}

t.test('both readers work through libusb, side by side', async (t) => {
  const { air, host, ask } = await bench(t);
  t.match(await host.ask({ type: 'list' }), [
    { usbPath: '1-1.1', vendorId: 0x054c, productId: 0x06c3 },
    { usbPath: '1-1.2', vendorId: 0x054c, productId: 0x0dc9 },
  ]);
  const open = (usbPath: string) => host.ask({ type: 'open', usbPath });
  t.strictSame(await Promise.all([open('1-1.1'), open('1-1.2')]), [
    ...['RC-S380/P 1.11', 'RC-S300/P 01.02.03.04'],
  ]);
  t.strictSame(await Promise.all([ask('1-1.1'), ask('1-1.2'), ask('1-1.1')]), [
    HEARD,
    HEARD,
    HEARD,
  ]);
  air.s380 = [ACK, BAD_AIR[0]?.answer ?? ''];
  air.s300 = [reply('c003006401')];
  t.strictSame(await Promise.all([ask('1-1.1'), ask('1-1.2')]), [null, null]);
  await t.rejects(open('1-1.1'), { message: 'reader-busy' });
  for (const usbPath of ['1-1.1', '1-1.2']) await host.ask({ type: 'close', usbPath });
  await t.rejects(open('1-1.3'), { message: 'reader-gone' }, 'a handset is no reader');
});

t.test(
  'a command given up is cancelled on the bus, and the next one has its own answer',
  async (t) => {
    const { air, host, ask, s380 } = await bench(t);
    for (const [usbPath, kind] of [
      ['1-1.1', 's380'],
      ['1-1.2', 's300'],
    ] as const) {
      const good = air[kind];
      await host.ask({ type: 'open', usbPath });
      t.equal(await ask(usbPath), HEARD);
      air[kind] = 'hang';
      await t.rejects(ask(usbPath, 200), { message: 'reader-timeout' });
      air[kind] = good;
      t.equal(await ask(usbPath), HEARD, usbPath);
      await host.ask({ type: 'close', usbPath });
    }
    t.equal(s380.heard.at(-1), ACK);
  },
);

t.test('unplugged in the middle of a command, and plugged in again', async (t) => {
  const { air, umock, host, plug, ask } = await bench(t);
  for (const [usbPath, kind] of [
    ['1-1.1', 's380'],
    ['1-1.2', 's300'],
  ] as const) {
    const good = air[kind];
    await host.ask({ type: 'open', usbPath });
    air[kind] = 'hang';
    const asked = ask(usbPath, 2_000);
    asked.catch(() => undefined);
    await umock.remove(usbPath);
    // This bus puts no error on the file of a device that left: the one who asked may be told by their own deadline.
    await t.rejects(asked, { message: /^reader-(gone|timeout)$/ });
    await t.rejects(ask(usbPath, 2_000), { message: 'reader-gone' });
    await host.ask({ type: 'close', usbPath });
    await t.rejects(host.ask({ type: 'open', usbPath }), { message: 'reader-gone' });
    air[kind] = good;
    await plug[kind]();
    await host.ask({ type: 'open', usbPath });
    t.equal(await ask(usbPath), HEARD, `${usbPath} is back`);
    await host.ask({ type: 'close', usbPath });
  }
});
