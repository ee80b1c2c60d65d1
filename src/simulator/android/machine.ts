import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SarachiError } from '../../errors.js';
import { BOOT_SCRIPT } from './boot-script.js';
import { formatDataImage, imageReleased } from './data-image.js';
import type { HandsetProcess } from './handset-os.js';
import { childrenOf, exitOf, signalIfThere } from './processes.js';

const execute = promisify(execFile);

const SHELL_UID = 2000;
// input log adb sdcard_r sdcard_rw net_bt_admin net_bt inet net_bw_stats readproc uhid; never reserved_disk.
const SHELL_GROUPS = '1004,1007,1011,1015,1028,3001,3002,3003,3006,3009,3011';
const SHELL_ENV = {
  PATH: '/system/bin',
  HOME: '/',
  USER: 'shell',
  SHELL: '/system/bin/sh',
  TERM: 'dumb',
  HOSTNAME: 'localhost',
  TMPDIR: '/data/local/tmp',
  ANDROID_ROOT: '/system',
  ANDROID_DATA: '/data',
  EXTERNAL_STORAGE: '/sdcard',
};
const RELEASE_MS = 10_000;

export interface MachineOptions {
  readonly systemRoot: string;
  /** The handset's own folder; holds data.img and what the running system is bound to. */
  readonly folder: string;
  readonly storageBytes: number;
  readonly memoryBytes: number;
  /** Whether this process may mount images; otherwise a user namespace and a tmpfs stand in. */
  readonly privileged: boolean;
}

/** One running system: own mount and process namespace, own root, /data on its own file system. */
export class Machine {
  readonly #options: MachineOptions;
  #process: ChildProcess | null = null;
  #init = 0;
  #keptData = false;

  constructor(options: MachineOptions) {
    this.#options = options;
  }

  get up(): boolean {
    return this.#init !== 0;
  }

  /** Folder for the sockets that the system sees in /dev/socket. */
  get socketFolder(): string {
    return join(this.#options.folder, 'run/socket');
  }

  /** A new empty /data. The machine must be down. */
  async format(): Promise<void> {
    const { folder, storageBytes, privileged } = this.#options;
    await mkdir(folder, { recursive: true });
    await rm(join(folder, 'data-kept'), { recursive: true, force: true });
    this.#keptData = false;
    if (!privileged) return;
    await imageReleased(this.#image, RELEASE_MS);
    await formatDataImage(this.#image, storageBytes);
  }

  async boot(bootId: string): Promise<void> {
    const { systemRoot, folder, storageBytes, memoryBytes, privileged } = this.#options;
    const runFolder = join(folder, 'run');
    await mkdir(this.socketFolder, { recursive: true });
    const kib = Math.floor(memoryBytes / 1024);
    const memory = `MemTotal:       ${kib} kB\nMemFree:        ${kib >> 1} kB\nMemAvailable:   ${kib >> 1} kB\n`;
    await writeFile(join(runFolder, 'meminfo'), memory);
    await writeFile(join(runFolder, 'boot_id'), `${bootId}\n`);
    const partitions = `major minor  #blocks  name\n\n   8        0  ${storageBytes / 1024} sda\n`;
    await writeFile(join(runFolder, 'partitions'), partitions);
    if (privileged) await imageReleased(this.#image, RELEASE_MS);
    const data = privileged ? this.#image : `tmpfs:${storageBytes}`;
    const namespaces = privileged ? [] : ['--user', '--map-root-user'];
    const words = ['--pdeathsig', 'KILL', 'unshare', ...namespaces, '--mount', '--pid', '--fork'];
    const script = [
      '--kill-child=KILL',
      'sh',
      '-c',
      BOOT_SCRIPT,
      'boot',
      systemRoot,
      runFolder,
      data,
    ];
    const child = spawn('setpriv', [...words, ...script], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#init = await ready(child);
    this.#process = child;
    if (this.#keptData)
      await execute('cp', ['-a', `${folder}/data-kept/.`, this.hostPath('/data')]);
  }

  /** Where the host finds a file of the running system, whatever its owner. */
  hostPath(path: string): string {
    if (!this.up) throw new SarachiError('handset-gone');
    return `/proc/${this.#init}/root${this.#options.systemRoot}${path}`;
  }

  /** Starts a program of the system as the shell user. `words[0]` is a path inside the system. */
  start(words: readonly string[]): HandsetProcess {
    if (!this.up) throw new SarachiError('handset-gone');
    const { systemRoot, privileged } = this.#options;
    const enter = privileged ? [] : ['--user', '--preserve-credentials'];
    const who = privileged
      ? [`--userspec=${SHELL_UID}:${SHELL_UID}`, `--groups=${SHELL_GROUPS}`]
      : [];
    const child = spawn(
      '/usr/bin/nsenter',
      [
        `--target=${this.#init}`,
        ...enter,
        '--mount',
        '--pid',
        '/usr/sbin/chroot',
        ...who,
        systemRoot,
        ...words,
      ],
      { stdio: 'pipe', env: SHELL_ENV },
    );
    // A program may end before it has read all its input.
    child.stdin.on('error', () => undefined);
    return {
      stdin: child.stdin,
      stdout: child.stdout,
      stderr: child.stderr,
      exit: exitOf(child),
      // adbd hangs up on the shell only; what the shell put into the background with nohup goes on.
      kill: () => hangUp(child),
    };
  }

  /** Stops everything at once. `keepData` matters only where /data is memory: disk images keep theirs anyway. */
  async halt(keepData: boolean): Promise<void> {
    const child = this.#process;
    if (!child || !this.up) return;
    const { folder, privileged } = this.#options;
    this.#keptData = keepData && !privileged;
    if (this.#keptData) {
      const kept = join(folder, 'data-kept');
      await rm(kept, { recursive: true, force: true });
      await execute('cp', ['-a', this.hostPath('/data'), kept]);
    }
    const ended = exitOf(child);
    const init = this.#init;
    this.#init = 0;
    this.#process = null;
    // The first process takes the whole namespace with it; `unshare` ends when it has.
    signalIfThere(init, 'SIGKILL');
    await ended;
    if (privileged) await imageReleased(this.#image, RELEASE_MS);
  }

  get #image(): string {
    return join(this.#options.folder, 'data.img');
  }
}

function ready(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = '';
    let complaint = '';
    const fail = (error?: Error) =>
      reject(new SarachiError('internal', { boot: complaint.slice(0, 300) }, { cause: error }));
    child.once('error', fail);
    child.once('exit', () => fail());
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const pid = /^ready (\d+)$/m.exec(said)?.[1];
      if (pid) resolve(Number(pid));
    });
  });
}

function hangUp(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  for (const inner of childrenOf(child.pid)) signalIfThere(inner, 'SIGHUP');
  child.kill('SIGKILL');
}
