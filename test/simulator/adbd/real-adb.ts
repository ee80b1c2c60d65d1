import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { within } from './raw-host.js';

export interface AdbResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** A real adb server on a port of its own, with a home of its own and therefore its own key. */
export class RealAdb {
  readonly #home: string;
  readonly #port: number;
  readonly #server: ChildProcess;

  private constructor(home: string, port: number) {
    this.#home = home;
    this.#port = port;
    this.#server = spawn('adb', ['-P', `${port}`, 'server', 'nodaemon'], {
      env: this.#environment(),
      stdio: 'ignore',
    });
  }

  static async start(home: string): Promise<RealAdb> {
    const adb = new RealAdb(home, await freePort());
    await within(async () => {
      while (!(await adb.#listens())) await delay(20);
    }, 20_000);
    return adb;
  }

  async stop(): Promise<void> {
    if (this.#server.exitCode !== null || this.#server.signalCode !== null) return;
    const gone = once(this.#server, 'exit');
    this.#server.kill('SIGKILL');
    await gone;
  }

  /** The base64 of the key that this server logs in with. */
  async publicKey(): Promise<string> {
    const line = await readFile(join(this.#home, '.android', 'adbkey.pub'), 'latin1');
    return line.split(' ', 1)[0] ?? '';
  }

  /** Runs the adb client; resolves whatever its exit code is. */
  run(args: readonly string[], input = ''): Promise<AdbResult> {
    return this.start(args, input).result;
  }

  /** The same, with a way to kill the client. */
  start(args: readonly string[], input = '') {
    const child = spawn('adb', ['-H', '127.0.0.1', '-P', `${this.#port}`, ...args], {
      env: this.#environment(),
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (data: Buffer) => stdout.push(data));
    child.stderr.on('data', (data: Buffer) => stderr.push(data));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const kill = () => child.kill('SIGKILL');
    const result = async (): Promise<AdbResult> => {
      try {
        const [code] = await within(() => once(child, 'close'), 25_000);
        const said = { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
        return { code: Number(code), ...said };
      } finally {
        kill();
      }
    };
    return { kill, result: result() };
  }

  /** The state that `adb devices` shows for a serial; empty when it is not listed. */
  async state(serial: string): Promise<string> {
    const { stdout } = await this.run(['devices']);
    const row = stdout
      .toString()
      .split('\n')
      .find((line) => line.startsWith(`${serial}\t`));
    return row?.split('\t')[1] ?? '';
  }

  async reaches(serial: string, state: string): Promise<void> {
    let seen = '';
    await within(async () => {
      while (seen !== state) {
        await delay(50);
        seen = await this.state(serial);
      }
    }, 20_000);
  }

  async #listens(): Promise<boolean> {
    const socket = connect(this.#port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return true;
    } catch {
      return false;
    } finally {
      socket.destroy();
    }
  }

  #environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      HOME: this.#home,
      ADB_MDNS: '0',
      ADB_EMU: '0',
      // Keeps this server from scanning the ports where emulators, and handsets of other tests, may listen.
      ADB_LOCAL_TRANSPORT_MAX_PORT: '1',
    };
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
