import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { readPeer, readUsbTree, type UsbTree } from '../../../src/devices/usb/sysfs-tree.js';
import { usbBudget } from '../../../src/ports/doctor/usb-budget.js';
import type { MappedPort } from '../../../src/ports/rack-map.js';

const rules = { endpoints: 96, perHandset: 6 };
const port = (n: number, controller: string, ...usbPaths: string[]): MappedPort => ({
  ...{ port: `P${String(n).padStart(2, '0')}`, usbPaths, controller },
});
const tree = (chips: readonly string[], nodes: UsbTree['nodes'] = []): UsbTree => ({
  roots: chips.map((chip, n) => ({ bus: n + 1, chip, speed: 480 })),
  nodes,
});
const whats = (ports: readonly MappedPort[], of: UsbTree) =>
  usbBudget(ports, of, rules).map(({ faults }) => faults.map(({ what }) => what));

t.test('forty handsets on one controller run into its endpoints, ten do not', async (t) => {
  const all = Array.from({ length: 40 }, (_, n) => port(n + 1, 'A', `1-1.${n + 1}`));
  t.strictSame(whats(all, tree(['0000:00:14.0'])), [['endpoints']]);
  const [ten] = usbBudget(all.slice(0, 10), tree(['0000:00:14.0']), rules);
  t.strictSame(ten?.faults, []);
  t.equal(ten?.full, 60);
  t.equal(ten?.streamMBps, 3.5);
});

t.test('what is plugged in now counts, and a full controller is told', async (t) => {
  const node = (usbPath: string, endpoints: number, more: object = {}) => ({
    ...{ usbPath, bus: 1, hub: false, endpoints, speed: 480, ...more },
  });
  const ten = Array.from({ length: 10 }, (_, n) => port(n + 1, 'A', `1-1.${n + 1}`));
  const hub = node('1-1', 1, { hub: true });
  const [budget] = usbBudget(ten, tree(['x'], [hub, node('1-1.1', 5)]), rules);
  t.equal(budget?.used, 8);
  t.equal(budget?.full, 62, 'the hub and ten handsets');
  const greedy = ten.map(({ usbPaths }) => node(usbPaths[0] ?? '', 9));
  t.strictSame(whats(ten, tree(['x'], [hub, ...greedy.slice(1)])), [['full-now']]);
  t.strictSame(whats(ten, tree(['x'], [hub, ...greedy])), [[]], 'nobody can be added');
  t.strictSame(whats(ten, tree(['x'], [node('1-1.2', 2, { speed: 12 })])), [['slow-device']]);
});

t.test('a rack map that does not fit the host is told', async (t) => {
  const one = port(1, 'A', '1-1');
  t.strictSame(whats([one], tree([])), [['no-bus']]);
  t.strictSame(whats([one, port(2, 'A', '2-1')], tree(['x', 'y'])), [['two-chips']]);
  t.strictSame(whats([one, port(2, 'B', '2-1')], tree(['x', 'x'])), [
    ['shared-chip'],
    ['shared-chip'],
  ]);
  t.strictSame(whats([one, port(2, 'B', '2-1')], tree(['x', 'y'])), [[], []]);
  t.strictSame(
    whats([port(1, 'A', '1-1', '2-1')], tree(['x', 'x'])),
    [[]],
    'USB 2 and 3 of one chip',
  );
  t.strictSame(whats([port(1, 'A', '1-1.1.1.1.1.1.1')], tree(['x'])), [['too-deep']]);
});

t.test('the tree and the pairs of halves are read as the kernel shows them', async (t) => {
  const dir = await mkdtemp(path.join(tmpdir(), 'sarachi-sysfs-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const bus = path.join(dir, 'bus/usb/devices');
  const chip = path.join(dir, 'devices/pci0000:00/0000:00:14.0');
  await mkdir(bus, { recursive: true });
  const device = async (place: string, files: Record<string, string>) => {
    const at = path.join(chip, place);
    await mkdir(at, { recursive: true });
    for (const [name, text] of Object.entries(files))
      await writeFile(path.join(at, name), `${text}\n`);
    await symlink(at, path.join(bus, path.basename(place)));
  };
  await device('usb1', { speed: '480', bDeviceClass: '09' });
  await device('usb2', { speed: '10000', bDeviceClass: '09' });
  await device('usb1/1-0:1.0', { bNumEndpoints: '01' });
  await device('usb2/2-0:1.0', { bNumEndpoints: '01' });
  await device('usb1/1-1', { speed: '480', bDeviceClass: '09' });
  await device('usb1/1-1/1-1:1.0', { bNumEndpoints: '01' });
  await device('usb1/1-1/1-1.3', { speed: '480', bDeviceClass: '00' });
  await device('usb1/1-1/1-1.3/1-1.3:1.0', { bNumEndpoints: '03' });
  await device('usb1/1-1/1-1.3/1-1.3:1.1', { bNumEndpoints: '0a' });
  await device('usb2/2-1', { speed: '5000', bDeviceClass: '09' });
  await device('usb2/2-1/2-1:1.0', { bNumEndpoints: '01' });
  const pair = async (a: string, b: string) => {
    await mkdir(path.join(chip, a), { recursive: true });
    await mkdir(path.join(chip, b), { recursive: true });
    await symlink(path.join(chip, b), path.join(chip, a, 'peer'));
    await symlink(path.join(chip, a), path.join(chip, b, 'peer'));
  };
  await pair('usb1/1-0:1.0/usb1-port4', 'usb2/2-0:1.0/usb2-port2');
  await pair('usb1/1-1/1-1:1.0/1-1-port3', 'usb2/2-1/2-1:1.0/2-1-port3');
  const sysfs = path.join(dir, 'bus/usb');
  const read = await readUsbTree(sysfs);
  t.strictSame(
    [...read.roots].sort((a, b) => a.bus - b.bus),
    [
      { bus: 1, chip: '0000:00:14.0', speed: 480 },
      { bus: 2, chip: '0000:00:14.0', speed: 10000 },
    ],
  );
  t.strictSame(read.nodes.map(({ usbPath, endpoints, hub }) => [usbPath, endpoints, hub]).sort(), [
    ['1-1', 1, true],
    ['1-1.3', 13, false],
    ['2-1', 1, true],
  ]);
  t.equal(await readPeer('1-1.3', sysfs), '2-1.3');
  t.equal(await readPeer('2-1.3', sysfs), '1-1.3');
  t.equal(await readPeer('1-4', sysfs), '2-2', 'a root hub numbers its halves apart');
  t.equal(await readPeer('1-1.4', sysfs), null);
  t.strictSame(await readUsbTree(path.join(dir, 'none')), { roots: [], nodes: [] });
});
