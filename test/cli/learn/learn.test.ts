import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { learnCommand } from '../../../src/cli/learn/learn-command.js';
import { loadConfig } from '../../../src/config.js';
import type { UsbBus, UsbDescription, UsbListener } from '../../../src/devices/sighting.js';
import { SarachiError } from '../../../src/errors.js';
import { eventually } from '../../devices/helpers/eventually.js';
import type { Owner } from '../../devices/helpers/owner.js';

const PHONE = { vendorId: 0x18d1, productId: 0x4ee7, serial: 'WALKER', interfaces: [] };

/** A bus whose devices come and go by hand. */
class FakeBus implements UsbBus {
  #listener: UsbListener | null = null;
  before: UsbDescription[] = [];
  fails = false;
  running = false;

  async start(listener: UsbListener): Promise<void> {
    if (this.fails) throw new SarachiError('usb-unavailable');
    for (const device of this.before) listener.attached(device);
    this.#listener = listener;
    this.running = true;
  }

  async stop(): Promise<void> {
    this.#listener = null;
    this.running = false;
  }

  plug(usbPath: string, more: Partial<UsbDescription> = {}): void {
    this.#listener?.attached({ ...PHONE, usbPath, ...more });
  }

  unplug(usbPath: string): void {
    this.#listener?.detached(usbPath);
  }
}

/** USB 2 and USB 3 halves of an opening; a phone shows at either. */
const PEERS = new Map([
  ['1-1.1', '2-1.1'],
  ['2-1.1', '1-1.1'],
  ['1-1.2', '2-1.2'],
  ['2-1.2', '1-1.2'],
]);

async function learning(t: Owner, ...args: string[]) {
  const dir = await mkdtemp(path.join(tmpdir(), 'sarachi-learn-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const out = path.join(dir, 'rack.yaml');
  const usbBus = new FakeBus();
  const lines: string[] = [];
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const sink = { write: (text: string) => lines.push(text) > 0 };
  const run = (udev = true) =>
    learnCommand(
      ['--out', out, ...args],
      { stdout: sink, stderr: sink },
      {
        usbBus,
        peerOf: async (usbPath) => PEERS.get(usbPath) ?? null,
        usbTree: async () => ({
          roots: [
            { bus: 1, chip: '0000:00:14.0', speed: 480 },
            { bus: 2, chip: '0000:00:14.0', speed: 10000 },
            { bus: 3, chip: '0000:05:00.0', speed: 480 },
          ],
          nodes: [],
        }),
        udevRuns: async () => udev,
        stopped: () => stopped,
      },
    );
  const says = (what: RegExp, times = 1) =>
    eventually(`${what} ${times}×`, () => lines.filter((line) => what.test(line)).length >= times);
  const visit = async (usbPath: string, said: RegExp, times = 1) => {
    usbBus.plug(usbPath);
    await says(said, times);
    usbBus.unplug(usbPath);
  };
  return { dir, out, usbBus, lines, run, says, visit, stop };
}

t.test('two walks make a map that the daemon reads', async (t) => {
  const { dir, out, usbBus, run, says, visit } = await learning(
    t,
    '--ports',
    '3',
    '--id',
    'line-2',
  );
  usbBus.before = [{ ...PHONE, vendorId: 0x046d, serial: null, usbPath: '3-9' }];
  const ended = run();
  await says(/plug the phone into P01/);
  await visit('1-1.1', /P01 learned, unplug \[1-1.1 \+ 2-1.1\]/);
  await visit('2-1.2', /P02 learned, unplug \[2-1.2 \+ 1-1.2\]/);
  await visit('3-4', /P03 learned, unplug \[3-4\]/);
  await says(/second walk: plug the phone into P01/);
  t.strictSame(await readdir(dir), [], 'nothing before the second walk');
  await visit('2-1.1', /P01 agrees/);
  await visit('1-1.2', /P02 agrees/);
  usbBus.plug('3-4');
  t.equal(await ended, 0);
  t.notOk(usbBus.running);
  t.strictSame(await readdir(dir), ['rack.yaml'], 'and no other file');
  const { rack } = loadConfig(out, {});
  t.equal(rack.id, 'line-2');
  t.strictSame(rack.ports, {
    P01: { usb: ['1-1.1', '2-1.1'], controller: 'A' },
    P02: { usb: ['1-1.2', '2-1.2'], controller: 'A' },
    P03: { usb: ['3-4'], controller: 'B' },
  });
  const text = await readFile(out, 'utf8');
  t.match(text, /P02: .* # USB 2 half 1-1.2, USB 3 half 2-1.2/);
  t.match(text, /A: { concurrency: 10 } # 0000:00:14.0, 2 ports/);
});

t.test('what is not the phone, or not new, is not counted', async (t) => {
  const { out, usbBus, run, says, visit, lines } = await learning(t, '--ports', '2');
  const ended = run();
  await says(/into P01/);
  usbBus.plug('1-1.1');
  await says(/P01 learned/);
  // Its mode changes: it goes and comes where it stands, by the other half too.
  usbBus.unplug('1-1.1');
  usbBus.plug('2-1.1');
  usbBus.plug('3-1', { vendorId: 0x046d });
  await says(/another device/);
  usbBus.plug('3-2');
  await says(/unplug the other one/);
  usbBus.plug('3-3', { serial: 'STRANGER' });
  await says(/another device/, 2);
  usbBus.unplug('3-2');
  usbBus.unplug('2-1.1');
  await visit('3-4', /P02 learned/);
  await says(/second walk: plug the phone into P01/);
  await visit('3-4', /this should be P01 and is P02/);
  await visit('3-5', /this should be P01 and is 3-5/);
  await visit('1-1.1', /P01 agrees/);
  usbBus.plug('1-1.1');
  usbBus.unplug('1-1.1');
  usbBus.plug('3-4');
  t.equal(await ended, 0);
  t.equal(lines.filter((line) => /P01 learned/.test(line)).length, 1);
  t.strictSame(Object.keys(loadConfig(out, {}).rack.ports), ['P01', 'P02']);
});

t.test('an opening twice in the first walk is told', async (t) => {
  const { run, says, visit, stop } = await learning(t, '--ports', '3');
  const ended = run();
  await says(/into P01/);
  await visit('3-1', /P01 learned/);
  await visit('3-2', /P02 learned/);
  await visit('3-1', /that is P01 already/);
  await says(/plug the phone into P03/, 2);
  stop();
  t.equal(await ended, 130);
});

t.test('Ctrl-C leaves nothing, at any moment', async (t) => {
  for (const steps of [0, 1, 2, 3]) {
    const { dir, usbBus, run, says, visit, stop } = await learning(t, '--ports', '2');
    const ended = run();
    await says(/into P01/);
    const walk = [
      () => visit('3-1', /P01 learned/),
      () => visit('3-2', /P02 learned/),
      () => visit('3-1', /P01 agrees/),
    ];
    for (const go of walk.slice(0, steps)) await go();
    stop();
    t.equal(await ended, 130, `after ${steps}`);
    t.strictSame(await readdir(dir), []);
    t.notOk(usbBus.running);
  }
});

t.test('what would make the walk useless is told before it', async (t) => {
  const there = await learning(t);
  await writeFile(there.out, 'mine');
  t.equal(await there.run(), 1);
  t.match(there.lines.join(''), /is there already/);
  t.equal(await readFile(there.out, 'utf8'), 'mine');
  t.equal(await (await learning(t, '--out', '/nowhere/at/all.yaml')).run(), 1);
  t.equal(await (await learning(t)).run(false), 69, 'no udev');
  const none = await learning(t);
  none.usbBus.fails = true;
  t.equal(await none.run(), 69, 'no USB');
  for (const ports of ['0', '100', 'x', '-1'])
    t.equal(await (await learning(t, `--ports=${ports}`)).run(), 64, ports);
  const help = await learning(t, '--help');
  t.equal(await help.run(), 0);
  t.match(help.lines.join(''), /^Usage: sarachi learn/);
});

t.test('--force takes the place of a file, whole', async (t) => {
  const { out, usbBus, run, says, visit } = await learning(t, '--ports', '1', '--force');
  await writeFile(out, 'old');
  const ended = run();
  await says(/into P01/);
  await visit('3-1', /P01 learned/);
  await says(/second walk/);
  usbBus.plug('3-1');
  t.equal(await ended, 0);
  t.equal(Object.keys(loadConfig(out, {}).rack.ports).length, 1);
});
