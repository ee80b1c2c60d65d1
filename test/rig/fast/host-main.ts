import { AdbServer } from '../../../src/devices/adb/adb-server.js';
import { BoardAndroidLink } from '../../../src/devices/adb/board-android-link.js';
import { DeviceTracker } from '../../../src/devices/adb/device-tracker.js';
import { JoinedSightings } from '../../../src/devices/joined-sightings.js';
import { LibusbBus } from '../../../src/devices/usb/libusb-bus.js';
import { loadLibusb } from '../../../src/devices/usb/load-libusb.js';
import { asSarachiError } from '../../../src/errors.js';
import { createLog } from '../../../src/log.js';
import { heldRack } from './held-rack.js';
import type { HostAsks, HostTells } from './host-words.js';

/** The devices part of the daemon and its rack, put together as the daemon does it, in a process that sees the emulated bus. */
const [, , folder = '', openings] = process.argv;
const limit = { signal: new AbortController().signal, timeoutMs: 20_000 };
const log = createLog('warn');
const tell = (words: HostTells) => process.send?.(words);

const adb = new AdbServer({ folder, log });
adb.subscribe((state) => tell({ type: 'adb', pid: state.up ? state.pid : null }));
await adb.start(limit);
const board = new JoinedSightings({ log });
board.subscribe(() => tell({ type: 'sightings', sightings: board.list() }));
const rack = openings === undefined ? null : heldRack(JSON.parse(openings), board, log);
rack?.onChange(() => tell({ type: 'ports', ports: rack.view().ports }));
rack?.start();
const bus = new LibusbBus({ log, load: loadLibusb, udevRuns: async () => true });
await bus.start({
  attached: (device) => {
    tell({ type: 'bus', event: { type: 'attached', device } });
    board.attached(device);
  },
  detached: (usbPath) => {
    tell({ type: 'bus', event: { type: 'detached', usbPath } });
    board.detached(usbPath);
  },
});
const tracker = new DeviceTracker({
  endpoint: () => adb.endpoint,
  onRows: (rows) => board.listed(rows),
  log,
  clock: Date.now,
});
tracker.start();

process.on('message', (words: HostAsks) => {
  if (words.type === 'stop') stop();
  else obey(words);
});
// Whoever started this is gone.
process.on('disconnect', stop);
tell({ type: 'up', publicKeyPath: adb.publicKeyPath });

function obey(asked: Extract<HostAsks, { type: 'shell' }>): void {
  const { id, usbPath, command, stdin, timeoutMs } = asked;
  const link = new BoardAndroidLink({
    usbPath,
    board,
    endpoint: () => adb.endpoint,
    clock: Date.now,
  });
  link.shell(command, { ...limit, timeoutMs, stdin: Buffer.from(stdin) }).then(
    (result) => tell({ type: 'answer', id, result }),
    (error: unknown) => tell({ type: 'answer', id, code: asSarachiError(error).code }),
  );
}

function stop(): void {
  Promise.all([tracker.stop(), bus.stop(), rack?.stop(), adb.stop()]).then(
    () => process.exit(0),
    () => process.exit(1),
  );
}
