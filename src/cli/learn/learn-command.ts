import { access } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parse as parseYaml } from 'yaml';
import { checkConfig } from '../../config.js';
import type { UsbBus } from '../../devices/sighting.js';
import { LibusbBus } from '../../devices/usb/libusb-bus.js';
import { loadLibusb } from '../../devices/usb/load-libusb.js';
import { readPeer, readUsbTree, type UsbTree } from '../../devices/usb/sysfs-tree.js';
import { udevRuns } from '../../devices/usb/udev.js';
import { asSarachiError, hasCode } from '../../errors.js';
import type { UsbPath } from '../../handset.js';
import { writeDurably } from '../../ledger/durable-file.js';
import { createLog } from '../../log.js';
import { type CommandIo, EXIT } from '../command.js';
import { untilSignal } from '../until-signal.js';
import { beginWalk, step, type Walk, type WalkEvent } from './walk.js';
import { wordLine } from './words.js';
import { writeMap } from './write-map.js';

const USAGE = `Usage: sarachi learn [--ports N] [--out FILE] [--id RACK] [--force]

Makes the map of USB paths and ports: plug one phone into P01, unplug it, plug it into P02, and so on; press nothing. A second
walk along the same ports verifies the first. Only then the file is written, whole; Ctrl-C before leaves nothing.
Devices that are plugged in at the start are passed over. The daemon must not run.

  --ports N    how many openings the rack has, 1 to 99 (40)
  --out FILE   where to write the section "rack" of a configuration (rack.yaml)
  --id RACK    the rack's name in it (rack-1)
  --force      take the place of a file that is there

Exit code: 0 written, 1 not written, 64 wrong call, 69 no USB bus can be watched, 130 stopped.
`;

/** Where the walk is seen. */
export interface LearnWires {
  readonly usbBus: UsbBus;
  readonly peerOf: (usbPath: UsbPath) => Promise<UsbPath | null>;
  readonly usbTree: () => Promise<UsbTree>;
  readonly udevRuns: () => Promise<boolean>;
  /** Resolves when the person wants to stop. */
  readonly stopped: () => Promise<unknown>;
}

function thisHost(): LearnWires {
  return {
    usbBus: new LibusbBus({ log: createLog('silent'), load: loadLibusb }),
    peerOf: (usbPath) => readPeer(usbPath),
    usbTree: () => readUsbTree(),
    udevRuns: () => udevRuns(),
    stopped: untilSignal,
  };
}

interface Options {
  readonly ports: number;
  readonly out: string;
  readonly id: string;
  readonly force: boolean;
}

/** `sarachi learn`. Resolves with the exit code. */
export async function learnCommand(
  args: string[],
  io: CommandIo,
  wires: LearnWires = thisHost(),
): Promise<number> {
  const options = readOptions(args, io);
  if (typeof options === 'number') return options;
  if (!(await wires.udevRuns())) {
    io.stderr.write('sarachi learn: systemd-udevd does not run, so nobody tells of plugging in\n');
    return EXIT.unavailable;
  }
  // Before forty openings are walked, not after.
  const trouble = await unwritable(options);
  if (trouble) {
    io.stderr.write(`sarachi learn: ${trouble}\n`);
    return EXIT.failed;
  }
  try {
    const walk = await walkAlong(options.ports, wires, io);
    if (walk === null) {
      io.stderr.write('sarachi learn: stopped; nothing was written\n');
      return EXIT.interrupted;
    }
    await write(walk, options, wires);
    io.stdout.write(`${options.out}\n`);
    return EXIT.ok;
  } catch (thrown) {
    const error = asSarachiError(thrown);
    io.stderr.write(`sarachi learn: ${error.code}: ${error.message}; nothing was written\n`);
    return hasCode(error, 'usb-unavailable') ? EXIT.unavailable : EXIT.failed;
  }
}

function readOptions(args: string[], io: CommandIo): Options | number {
  try {
    const { values } = parseArgs({
      args,
      options: {
        ports: { type: 'string', default: '40' },
        out: { type: 'string', default: 'rack.yaml' },
        id: { type: 'string', default: 'rack-1' },
        force: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      io.stdout.write(USAGE);
      return EXIT.ok;
    }
    if (!/^[1-9][0-9]?$/.test(values.ports)) throw new RangeError('--ports must be 1 to 99');
    if (!/^[A-Za-z0-9-]{1,32}$/.test(values.id))
      throw new RangeError('--id: letters, digits and -, at most 32');
    const { out, id, force } = values;
    return { ports: Number(values.ports), out, id, force };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    io.stderr.write(`sarachi learn: ${reason}\n\n${USAGE}`);
    return EXIT.usage;
  }
}

async function unwritable({ out, force }: Options): Promise<string | null> {
  const exists = (file: string) =>
    access(file).then(
      () => true,
      () => false,
    );
  if (!(await exists(path.dirname(path.resolve(out))))) return `there is no folder for ${out}`;
  return !force && (await exists(out)) ? `${out} is there already (--force takes its place)` : null;
}

/** Both walks; null when the person stopped before their end. */
async function walkAlong(count: number, wires: LearnWires, io: CommandIo): Promise<Walk | null> {
  let { walk, words } = beginWalk(count);
  const say = () => {
    for (const word of words) io.stdout.write(wordLine(word, walk));
  };
  const before = new Set<UsbPath>();
  let begun = false;
  let events: Promise<void> = Promise.resolve();
  let finish: (walk: Walk) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const over = new Promise<Walk>((resolve, reject) => {
    [finish, fail] = [resolve, reject];
  });
  const take = (event: WalkEvent) => {
    ({ walk, words } = step(walk, event));
    say();
    if (walk.pass === 3) finish(walk);
  };
  const inOrder = (work: () => Promise<void> | void) => {
    events = events.then(work).catch((error: unknown) => fail(error));
  };
  const listener: Parameters<UsbBus['start']>[0] = {
    attached: ({ usbPath, vendorId, serial }) => {
      if (!begun) before.add(usbPath);
      if (before.has(usbPath)) return;
      inOrder(async () => {
        const peer = await wires.peerOf(usbPath);
        take({ type: 'attached', usbPath, peer, device: { vendorId, serial } });
      });
    },
    detached: (usbPath) => {
      if (!before.delete(usbPath)) inOrder(() => take({ type: 'detached', usbPath }));
    },
  };
  const stopped = wires.stopped().then(() => null);
  try {
    await wires.usbBus.start(listener);
    begun = true;
    if (before.size > 0)
      io.stdout.write(
        `${[...before].sort().join(', ')}: 無視します / passed over, plugged in before\n`,
      );
    say();
    return await Promise.race([over, stopped]);
  } finally {
    await wires.usbBus.stop();
  }
}

async function write(
  { learned }: Walk,
  { out, id, force }: Options,
  wires: LearnWires,
): Promise<void> {
  const { roots } = await wires.usbTree();
  const text = writeMap({ rackId: id, learned, roots, at: new Date().toISOString() });
  // What was written is what the daemon will read: a map that it would refuse is not left behind.
  checkConfig(parseYaml(text));
  await writeDurably(out, text, { mode: 0o644, replace: force });
}
