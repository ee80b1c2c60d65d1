import t from 'tap';
import { BoardAndroidLink } from '../../../src/devices/adb/board-android-link.js';
import { parseDeviceRows } from '../../../src/devices/adb/device-rows.js';
import { encodeFrame, FRAME } from '../../../src/devices/adb/shell-frames.js';
import { JoinedSightings } from '../../../src/devices/joined-sightings.js';
import { createLog } from '../../../src/log.js';
import { FakeAdbServer, fail, hex4, OKAY, type Wire } from '../helpers/fake-adb-server.js';
import type { Owner } from '../helpers/owner.js';

const soon = () => ({ signal: new AbortController().signal, timeoutMs: 10_000 });
const exit = (code: number) => encodeFrame(FRAME.exit, Buffer.of(code));
const AT_1 = 'A1 device usb:1-1 transport_id:1';

/** A rack with one port and a server whose services are `serve`. */
async function linked(t: Owner, serve: (wire: Wire, service: string) => Promise<void> | void) {
  const asked: string[] = [];
  const rig = { list: AT_1 };
  const server = await new FakeAdbServer(async (wire) => {
    const first = await wire.next();
    asked.push(first);
    if (first === 'host:devices-l') return wire.send(OKAY, hex4(rig.list));
    wire.send(OKAY);
    await serve(wire, await wire.next());
  }).listen();
  t.teardown(() => server.close());
  const board = new JoinedSightings({ log: createLog('silent') });
  const see = (...lines: string[]) => {
    rig.list = lines.join('\n');
    board.listed(parseDeviceRows(rig.list));
  };
  const { endpoint } = server;
  const clock = () => 1_700_000_000_000;
  const link = new BoardAndroidLink({ usbPath: '1-1', board, endpoint: () => endpoint, clock });
  return { server, asked, board, see, link, rig };
}

t.test('every call goes to the transport of that moment', async (t) => {
  const { link, see, asked } = await linked(t, async (wire, service) => {
    wire.send(OKAY, encodeFrame(FRAME.stdout, Buffer.from(service)), exit(0));
  });
  await t.rejects(link.shell('id', soon()), { code: 'handset-gone' });
  see(AT_1);
  t.match(await link.shell('id', soon()), { stdout: 'shell,v2,raw:id', stderr: '', exitCode: 0 });
  see('A1 device usb:1-1 transport_id:22');
  await link.shell('id', soon());
  t.same(asked, ['host:transport-id:1', 'host:transport-id:22']);
  t.equal(link.bytesMoved(), 2 * 'shell,v2,raw:id'.length);
  see('A1 device usb:1-2 transport_id:23');
  await t.rejects(
    link.shell('id', soon()),
    { code: 'handset-gone' },
    'at another path it is not ours',
  );
});

t.test('a call ends at once with what happens to the handset', async (t) => {
  const changes = [
    [[], 'handset-gone'],
    [['A1 offline usb:1-1 transport_id:1'], 'handset-gone'],
    [['A1 device usb:1-1 transport_id:2'], 'handset-gone'],
    [['B2 device usb:1-1 transport_id:2'], 'handset-gone'],
  ] as const;
  for (const [lines, code] of changes) {
    const { link, see } = await linked(t, (wire) => {
      wire.send(OKAY);
      see(...lines);
    });
    see(AT_1);
    await t.rejects(link.shell('sleep 100', soon()), { code }, lines.join());
    see(AT_1);
    await t.rejects(link.push(Buffer.from('x'), '/x', soon()), { code }, lines.join());
  }
});

t.test('changes that are not about this handset do not disturb it', async (t) => {
  const { link, see } = await linked(t, (wire) => {
    see(AT_1.replace('device usb', 'device usb').concat(' '), 'B2 device usb:1-2 transport_id:2');
    see(AT_1);
    wire.send(OKAY, exit(0));
  });
  see(AT_1);
  t.match(await link.shell('id', soon()), { exitCode: 0 });
});

t.test('no transport to call', async (t) => {
  const { link, see, board } = await linked(t, () => {
    t.fail('nothing may be asked');
  });
  see('A1 device usb:1-1');
  await t.rejects(link.shell('id', soon()), { code: 'adb-refused' });
  const [row] = parseDeviceRows(AT_1);
  if (row) board.listed([{ ...row, condition: 'adb:unknown', transportId: null }]);
  await t.rejects(link.shell('id', soon()), { code: 'adb-server-gone' });
});

t.test('a closed service is told apart from a handset that left', async (t) => {
  const { link, see, rig, server } = await linked(t, (wire) => wire.send(fail('closed')));
  see(AT_1);
  await t.rejects(link.shell('id', soon()), { code: 'adb-closed' });
  rig.list = '';
  const { cause } = await link.shell('id', soon()).catch((error) => error);
  t.match(cause, { code: 'adb-closed' });
  await t.rejects(link.shell('id', soon()), { code: 'handset-gone' }, 'before the board knows');
  rig.list = AT_1.replace('device', 'offline');
  await t.rejects(link.shell('id', soon()), { code: 'handset-gone' });
  const listed = AT_1.replace('device', 'offline');
  server.behaviour = async (wire) => {
    const first = await wire.next();
    wire.send(...(first === 'host:devices-l' ? [OKAY, hex4(listed)] : [fail('device offline')]));
  };
  await t.rejects(link.shell('id', soon()), { code: 'handset-gone' }, 'refused, not yet announced');
  server.behaviour = async (wire) => {
    if ((await wire.next()) === 'host:devices-l') return void wire.socket.destroy();
    wire.send(OKAY);
    wire.socket.end();
  };
  await t.rejects(link.shell('id', soon()), { code: 'adb-server-gone' });
});

t.test('waiting for a state', async (t) => {
  const { link, see } = await linked(t, () => undefined);
  t.equal(await link.waitFor((sighting) => sighting === null, soon()), null);
  const ready = link.waitFor((sighting) => sighting?.condition === 'adb:device', soon());
  see('A1 unauthorized usb:1-1 transport_id:1');
  see(AT_1);
  t.match(await ready, { handset: 'android:A1', condition: 'adb:device' });
  const gone = link.waitFor((sighting) => sighting === null, soon());
  see();
  t.equal(await gone, null);
  await t.rejects(
    link.waitFor(() => false, { ...soon(), timeoutMs: 20 }),
    { code: 'handset-timeout' },
  );
  const stop = new AbortController();
  const stopped = link.waitFor(() => false, { ...soon(), signal: stop.signal });
  stop.abort();
  await t.rejects(stopped, { code: 'aborted' });
  const broken = () => {
    throw new RangeError('test itself fails');
  };
  await t.rejects(link.waitFor(broken, soon()), { name: 'RangeError' });
});

t.test('reboot: accepted, accepted and gone, refused', async (t) => {
  let act: (wire: Wire) => void = () => undefined;
  const { link, see } = await linked(t, (wire, service) => {
    t.equal(service, 'reboot:');
    act(wire);
  });
  see(AT_1);
  act = (wire) => wire.socket.end(OKAY);
  await link.reboot(soon());
  act = (wire) => wire.send(OKAY);
  await link.reboot(soon());
  act = (wire) => {
    wire.send(OKAY, Buffer.from('rebo'));
    wire.socket.end(Buffer.from('ot failed\n'));
  };
  await t.rejects(link.reboot(soon()), {
    code: 'command-failed',
    detail: { text: 'reboot failed' },
  });
  act = (wire) => wire.send(fail('closed'));
  await t.rejects(link.reboot(soon()), { code: 'adb-closed' });
  act = () => see();
  await t.rejects(link.reboot(soon()), { code: 'handset-gone' }, 'gone before it accepted');
});
