import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { connectTcp, disconnectTcp } from '../../../src/devices/adb/adb-host.js';
import { AdbServer } from '../../../src/devices/adb/adb-server.js';
import { BoardAndroidLink } from '../../../src/devices/adb/board-android-link.js';
import { DeviceTracker } from '../../../src/devices/adb/device-tracker.js';
import { JoinedSightings } from '../../../src/devices/joined-sightings.js';
import type { Condition } from '../../../src/devices/sighting.js';
import { hasCode } from '../../../src/errors.js';
import { createLog } from '../../../src/log.js';
import { AdbDaemon } from '../../../src/simulator/android/adbd/adb-daemon.js';
import { listenTcp } from '../../../src/simulator/android/adbd/listen-tcp.js';
import { TinyOs } from '../../simulator/adbd/tiny-os.js';
import { eventually } from '../helpers/eventually.js';
import type { Owner } from '../helpers/owner.js';

const soon = () => ({ signal: new AbortController().signal, timeoutMs: 15_000 });
const log = createLog('silent');

function folder(t: Owner): string {
  const path = mkdtempSync(join(tmpdir(), 'link-'));
  t.teardown(async () => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A real server and tracker, and one simulated handset that the bus shows at 1-7. */
async function rack(t: Owner, prepare: (os: TinyOs) => void = () => undefined) {
  const server = new AdbServer({ folder: folder(t), log });
  await server.start(soon());
  const os = new TinyOs(folder(t));
  prepare(os);
  const daemon = new AdbDaemon(os, {});
  const listener = await listenTcp(daemon);
  const handset = { host: '127.0.0.1', port: listener.port };
  const board = new JoinedSightings({ log, locate: () => '1-7' });
  const endpoint = () => server.endpoint;
  const clock = Date.now;
  const tracker = new DeviceTracker({
    endpoint,
    onRows: (rows) => board.listed(rows),
    log,
    clock,
    pollMs: 50,
  });
  t.teardown(async () => {
    await tracker.stop();
    await server.stop();
    await listener.close();
  });
  tracker.start();
  const link = new BoardAndroidLink({ usbPath: '1-7', board, endpoint, clock });
  const becomes = (condition: Condition) =>
    link.waitFor((sighting) => sighting?.condition === condition, soon());
  const plugIn = () => {
    board.attached({
      usbPath: '1-7',
      vendorId: 0x18d1,
      productId: 0x4ee7,
      serial: 'SIM0001',
      interfaces: [{ classCode: 0xff, subclass: 0x42, protocol: 1 }],
    });
    return connectTcp(server.endpoint, handset, soon());
  };
  return { server, os, daemon, listener, handset, board, link, becomes, plugIn };
}

t.test('commands, files and a reboot', async (t) => {
  const { os, link, becomes, plugIn, handset, server } = await rack(t);
  await plugIn();
  const sighting = await becomes('adb:device');
  t.match(sighting, { handset: 'android:SIM0001', adb: { model: 'SO_52C', usbPath: null } });

  const pieces: string[] = [];
  const spoke = await link.shell('echo 更地; cat; echo err >&2; exit 7', {
    ...soon(),
    stdin: Buffer.from('from the host'),
    onStdout: (text) => pieces.push(text),
  });
  t.same(spoke, { stdout: '更地\nfrom the host', stderr: 'err\n', exitCode: 7 });
  t.equal(pieces.join(''), spoke.stdout);
  t.equal((await link.shell('true', soon())).exitCode, 0);
  const most = await link.shell('head -c 3000000 /dev/zero | tr "\\0" x', soon());
  t.equal(most.stdout.length, 3_000_000);
  await t.rejects(link.shell('cat /dev/zero', soon()), { code: 'handset-too-talkative' });
  await t.rejects(link.shell('sleep 60', { ...soon(), timeoutMs: 200 }), {
    code: 'handset-timeout',
  });
  const many = await Promise.all(
    Array.from({ length: 20 }, (_, n) => link.shell(`echo ${n}; exit ${n}`, soon())),
  );
  t.same(
    many.map(({ stdout, exitCode }) => [stdout, exitCode]),
    many.map((_, n) => [`${n}\n`, n]),
  );

  const bytes = randomBytes(1_000_003);
  const before = link.bytesMoved();
  await link.push(bytes, '/canary', { ...soon(), mode: 0o600 });
  t.equal(link.bytesMoved() - before, bytes.length);
  t.ok(readFileSync(join(os.root, 'canary')).equals(bytes));
  t.equal(statSync(join(os.root, 'canary')).mode & 0o700, 0o600);
  await t.rejects(link.push(bytes, '/no/such/folder/f', soon()), {
    code: 'command-failed',
    detail: { message: /couldn't create file/ },
  });

  await link.reboot(soon());
  t.same(os.reboots, ['']);
  await disconnectTcp(server.endpoint, handset, soon());
});

t.test('a handset that waits for its person', async (t) => {
  const { os, link, becomes, plugIn } = await rack(t, (os) => {
    os.trusted = [];
  });
  await t.rejects(plugIn(), { code: 'adb-refused', detail: { message: /failed to authenticate/ } });
  await becomes('adb:unauthorized');
  await t.rejects(link.shell('id', soon()), {
    code: 'adb-refused',
    detail: { message: /^device unauthorized/ },
  });
  os.tap(true);
  await becomes('adb:device');
  t.equal((await link.shell('true', soon())).exitCode, 0);
});

t.test('a service that the handset refuses', async (t) => {
  const { os, link, becomes, plugIn } = await rack(t);
  await plugIn();
  await becomes('adb:device');
  os.allows = (service) => service === 'shell,v2,raw:tradeinmode getstatus';
  await t.rejects(link.shell('id', soon()), { code: 'adb-closed' });
  await t.rejects(link.reboot(soon()), { code: 'adb-closed' });
  t.same(os.reboots, []);
});

t.test('a cable that is pulled ends the command at once', async (t) => {
  const { link, becomes, plugIn, daemon, board } = await rack(t);
  await plugIn();
  await becomes('adb:device');
  const dropped = link.shell('echo begun; sleep 60', {
    ...soon(),
    onStdout: () => daemon.close(),
  });
  await t.rejects(dropped, { code: /^(handset-gone|adb-closed)$/ }, 'the adb connection is cut');
  // The server takes it back by itself a moment later; nobody is told in between.
  await eventually('back', () =>
    link.shell('true', soon()).then(
      () => true,
      (error) => {
        if (!hasCode(error, 'handset-gone', 'adb-refused')) throw error;
        return false;
      },
    ),
  );
  const unplugged = link.shell('echo begun; sleep 60', {
    ...soon(),
    onStdout: () => board.detached('1-7'),
  });
  await t.rejects(unplugged, { code: 'handset-gone' }, 'the bus sees it leave');
  t.equal(link.sighting(), null);
});

t.test('the adb server is killed in the middle of a command', async (t) => {
  const { server, link, becomes, plugIn } = await rack(t);
  await plugIn();
  const before = await becomes('adb:device');
  const { state } = server;
  const pid = state.up ? state.pid : null;
  const cut = link.shell('echo begun; sleep 60', {
    ...soon(),
    onStdout: () => process.kill(pid ?? 0, 'SIGKILL'),
  });
  await t.rejects(cut, { code: 'adb-server-gone' });
  t.match(await becomes('adb:unknown'), { handset: before?.handset, adb: { transportId: null } });
  await t.rejects(link.shell('id', soon()), { code: 'adb-server-gone' });
  await eventually('up again', () => server.state.up && server.state.pid !== pid);
  await plugIn();
  await becomes('adb:device');
  t.equal((await link.shell('exit 3', soon())).exitCode, 3);
});
