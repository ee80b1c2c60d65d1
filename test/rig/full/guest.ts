import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { cp, mkdir, realpath, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Agent } from './agent.js';
import type { HttpAnswer, ProgramAnswer, Usage } from './agent-words.js';
import { HUBS, openings, rigConfig, socketOf } from './layout.js';
import { Qmp } from './qmp.js';

const execute = promisify(execFile);

const BOOT_MS = 180_000;
const DAEMON_UP_MS = 300_000;
const OFF_MS = 60_000;
const SYSFS_MS = 240_000;
const DISK_BYTES = 1024 * 1024 * 1024;
const MEMORY_MIB = 1536;
const AGENT = path.join(import.meta.dirname, 'guest-agent.js');

export interface GuestOptions {
  /** Holds kernel, initramfs and udevd, as make-guest.sh leaves them. */
  readonly made: string;
  /** Sockets; short, since their paths may have 107 bytes. */
  readonly sockets: string;
  /** What is kept of the run. */
  readonly out: string;
  /** Told of what happened to the daemon without being asked for. */
  readonly onDeath: (how: string) => void;
}

/** The virtual machine that the daemon runs in: QEMU, a Debian kernel, real hub drivers, udevd, libusb and adb. */
export class Guest {
  readonly #options: GuestOptions;
  #qemu: ChildProcess | null = null;
  #agent: Agent | null = null;
  #qmp: Qmp | null = null;
  #expectsEnd = false;
  /** Milliseconds that the guest's clock is ahead of the host's. */
  clockAhead = 0;

  constructor(options: GuestOptions) {
    this.#options = options;
  }

  get disk(): string {
    return path.join(this.#options.out, 'state.img');
  }

  /** A new virtual disk with the adb key of the folder `keys` on it. */
  async makeDisk(keys: string): Promise<void> {
    const tree = path.join(this.#options.out, 'disk');
    await mkdir(path.join(tree, 'sarachi/keys'), { recursive: true, mode: 0o755 });
    await cp(keys, path.join(tree, 'sarachi/keys/adb'), { recursive: true });
    await writeFile(this.disk, '');
    await truncate(this.disk, DISK_BYTES);
    await execute('mkfs.ext4', ['-q', '-F', '-d', tree, this.disk], { env: withSbin() });
  }

  /** Switches it on; resolves when its agent answers. */
  async boot(): Promise<void> {
    const { out, sockets } = this.#options;
    const console_ = openSync(path.join(out, 'qemu.log'), 'a');
    const words = await this.#words();
    // It must not outlive the program that holds the handsets.
    const alive = ['--pdeathsig', 'KILL', 'qemu-system-x86_64'];
    const qemu = spawn('setpriv', [...alive, ...words], { stdio: ['ignore', console_, console_] });
    closeSync(console_);
    this.#qemu = qemu;
    const died = once(qemu, 'exit').then(([code]) => {
      throw new Error(`QEMU ended with ${code}, see ${out}/qemu.log and console.log`);
    });
    died.catch(() => undefined);
    const agent = new Agent((how) => {
      if (!this.#expectsEnd) this.#options.onDeath(how);
    });
    await Promise.race([died, agent.connect(path.join(sockets, 'agent.sock'), BOOT_MS)]);
    this.#agent = agent;
    this.#qmp = await Qmp.connect(path.join(sockets, 'qmp.sock'), BOOT_MS);
    const before = Date.now();
    const there = await agent.ask<number>({ op: 'time' });
    this.clockAhead = there - (before + Date.now()) / 2;
  }

  /** Starts the daemon; resolves when it says that it is ready. */
  async startDaemon(): Promise<void> {
    this.#expectsEnd = false;
    await this.agent.ask({ op: 'start', config: rigConfig() });
    const deadline = Date.now() + DAEMON_UP_MS;
    for (;;) {
      const ready = await this.http('GET', '/readyz').catch(() => null);
      if (ready?.status === 200) return;
      if (Date.now() > deadline) throw new Error('the daemon in the guest does not get ready');
      await delay(200);
    }
  }

  /** The daemon dies where it stands. */
  async killDaemon(): Promise<void> {
    this.#expectsEnd = true;
    await this.agent.ask({ op: 'signal', signal: 'SIGKILL' });
  }

  http(method: 'GET' | 'POST', route: string, body?: unknown): Promise<HttpAnswer> {
    return this.agent.ask({ op: 'http', method, path: route, body });
  }

  usage(): Promise<Usage> {
    return this.agent.ask({ op: 'usage' });
  }

  /** Runs the command line program in the guest. */
  sarachi(...args: readonly string[]): Promise<ProgramAnswer> {
    return this.agent.ask({ op: 'sarachi', args }, 180_000);
  }

  async writeSysfs(file: string, text: string): Promise<void> {
    // The kernel holds the hub while it tries a device that does not answer, for a minute and more.
    await this.agent.ask({ op: 'write', file, text }, SYSFS_MS);
  }

  /** The hub loses its plug, with everything in it. */
  async pullHub(hub: number): Promise<void> {
    await this.qmp.remove(`hub${hub}`);
  }

  async putHubBack(hub: number): Promise<void> {
    await this.qmp.add({ driver: 'usb-hub', id: `hub${hub}`, ...hubPlace(hub) });
    for (const opening of openings().filter((one) => one.hub === hub)) {
      // QEMU lets go of the socket with the device.
      await this.qmp.listen(opening.id, socketOf(this.#options.sockets, opening));
      await this.qmp.add({
        driver: 'usb-redir',
        id: `redir-${opening.id}`,
        ...redirPlace(opening),
      });
    }
  }

  /** Ends the daemon, puts everything on the disk and switches the machine off. */
  async shutDown(): Promise<void> {
    const qemu = this.#qemu;
    if (!qemu || !this.#agent) return;
    this.#expectsEnd = true;
    const ended = qemu.exitCode === null ? once(qemu, 'exit') : Promise.resolve();
    await this.agent.ask({ op: 'off' }, OFF_MS).catch(() => undefined);
    const late = delay(OFF_MS, 'late', { ref: false });
    if ((await Promise.race([ended, late])) === 'late') await this.cutPower();
    this.#forget();
  }

  /** The power fails: what was not on the disk by then is lost. */
  async cutPower(): Promise<void> {
    const qemu = this.#qemu;
    if (!qemu) return;
    this.#expectsEnd = true;
    if (qemu.exitCode === null && qemu.signalCode === null) {
      const ended = once(qemu, 'exit');
      qemu.kill('SIGKILL');
      await ended;
    }
    this.#forget();
  }

  /** Copies the daemon's state off the disk of a machine that is off. */
  async fetchState(): Promise<string> {
    const to = path.join(this.#options.out, 'state');
    await mkdir(to, { recursive: true });
    await execute('debugfs', ['-R', `rdump /sarachi ${to}`, this.disk], { env: withSbin() });
    return path.join(to, 'sarachi');
  }

  get agent(): Agent {
    if (!this.#agent) throw new Error('the guest is off');
    return this.#agent;
  }

  get qmp(): Qmp {
    if (!this.#qmp) throw new Error('the guest is off');
    return this.#qmp;
  }

  #forget(): void {
    this.#agent?.close();
    this.#qmp?.close();
    this.#agent = null;
    this.#qmp = null;
    this.#qemu = null;
  }

  async #words(): Promise<string[]> {
    const { made, out, sockets } = this.#options;
    const serial = (name: string) => ['-device', `virtserialport,chardev=${name},name=${name}`];
    const node = await realpath(process.execPath);
    const kernel = `console=ttyS0 quiet panic=-1 rig.node=${node} rig.agent=${AGENT} rig.udev=${made}/udev/udevadm`;
    return [
      ['-M', 'q35', '-cpu', 'max', '-smp', '2', '-m', `${MEMORY_MIB}`],
      ['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
      [
        '-chardev',
        `file,id=console,path=${out}/console.log,append=on`,
        '-serial',
        'chardev:console',
      ],
      ['-kernel', `${made}/vmlinuz`, '-initrd', `${made}/initrd`, '-append', kernel],
      ['-device', 'virtio-rng-pci', '-device', 'virtio-serial-pci'],
      ['-chardev', `socket,id=agent,path=${sockets}/agent.sock,server=on,wait=off`],
      serial('agent'),
      ['-chardev', `file,id=daemon-log,path=${out}/daemon.log,append=on`],
      serial('daemon-log'),
      ['-fsdev', 'local,id=root,path=/,security_model=none,readonly=on,multidevs=remap'],
      ['-device', 'virtio-9p-pci,fsdev=root,mount_tag=root'],
      ['-drive', `file=${this.disk},if=virtio,format=raw,cache=writeback`],
      ['-qmp', `unix:${sockets}/qmp.sock,server=on,wait=off`],
      ...usbWords(sockets),
    ].flat();
  }
}

function hubPlace(hub: number) {
  return { bus: 'xhci.0', port: `1.${hub}`, ports: 8, 'port-power': true };
}

function redirPlace({ id, place }: { readonly id: string; readonly place: string }) {
  return { chardev: id, bus: 'xhci.0', port: place };
}

/** The controller, the hubs and the openings, in the order in which QEMU must make them. */
function usbWords(sockets: string): string[][] {
  const device = (driver: string, id: string, place: object) => {
    const properties = Object.entries({ id, ...place }).map(([key, value]) =>
      typeof value === 'boolean' ? `${key}=${value ? 'on' : 'off'}` : `${key}=${value}`,
    );
    return ['-device', [driver, ...properties].join(',')];
  };
  return [
    device('qemu-xhci', 'xhci', { p2: 15, p3: 1 }),
    device('usb-hub', 'hub0', { bus: 'xhci.0', port: '1', ports: 8 }),
    ...Array.from({ length: HUBS }, (_, index) =>
      device('usb-hub', `hub${index + 1}`, hubPlace(index + 1)),
    ),
    ...openings().flatMap((opening) => [
      ['-chardev', `socket,id=${opening.id},path=${socketOf(sockets, opening)},server=on,wait=off`],
      device('usb-redir', `redir-${opening.id}`, redirPlace(opening)),
    ]),
  ];
}

function withSbin(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };
}
