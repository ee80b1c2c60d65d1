import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type {
  Banner,
  FileStat,
  HandsetFiles,
  HandsetOs,
  HandsetProcess,
} from '../../../src/simulator/android/handset-os.js';

/** A handset of /bin/sh and one folder: just enough system for the daemon under test. */
export class TinyOs implements HandsetOs {
  readonly root: string;
  readonly files: HandsetFiles;
  readonly offered: string[] = [];
  readonly reboots: string[] = [];
  readonly killed: string[] = [];
  trusted: 'open' | string[] = 'open';
  allows: (service: string) => boolean = () => true;
  onReboot: () => void = () => undefined;
  settings: Banner = {
    state: 'device',
    version: 0x01000001,
    maxPayload: 0x100000,
    properties: {
      'ro.product.name': 'x1',
      'ro.product.model': 'SO 52C',
      'ro.product.device': 'pdx',
    },
    features: ['shell_v2', 'cmd', 'stat_v2', 'ls_v2', 'sendrecv_v2', 'delayed_ack', 'abb_exec'],
  };
  #tap: { readonly yes: () => void; readonly no: (reason: Error) => void } | null = null;

  constructor(root: string) {
    this.root = root;
    this.files = folderFiles(root);
  }

  banner(): Banner {
    return this.settings;
  }

  trustedKeys(): 'open' | readonly string[] {
    return this.trusted;
  }

  offerKey(publicKeyBase64: string): Promise<void> {
    this.offered.push(publicKeyBase64);
    return new Promise((yes, no) => {
      this.#tap = { yes, no };
    });
  }

  /** The person at the handset answers the prompt. */
  tap(allowed: boolean): void {
    if (allowed) this.#tap?.yes();
    else this.#tap?.no(new Error('the person said no'));
    this.#tap = null;
  }

  accepts(service: string): boolean {
    return this.allows(service);
  }

  run(command: string): HandsetProcess {
    const child = spawn('/bin/sh', ['-c', command], { cwd: this.root, detached: true });
    const exit = new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 129));
    });
    const kill = () => {
      this.killed.push(command);
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGHUP');
    };
    return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exit, kill };
  }

  reboot(target: string): void {
    this.reboots.push(target);
    this.onReboot();
  }
}

function folderFiles(root: string): HandsetFiles {
  const look = async (path: string, followLinks: boolean): Promise<FileStat> => {
    const found = await (followLinks ? stat : lstat)(join(root, path));
    const { mode, size, ino, nlink, uid, gid, mtimeMs } = found;
    return { mode, size, ino, nlink, uid, gid, mtime: Math.trunc(mtimeMs / 1000) };
  };
  return {
    stat: look,
    list: async (path) => {
      const names = await readdir(join(root, path));
      return Promise.all(
        names.map(async (name) => ({ name, stat: await look(join(path, name), false) })),
      );
    },
    write: async (path, mode, chunks) => {
      await pipeline(chunks, createWriteStream(join(root, path)));
      await chmod(join(root, path), mode);
    },
    read: (path) => createReadStream(join(root, path)),
  };
}
