import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const ANSWER_MS = 20_000;
const RETRY_MS = 50;

type Message = {
  readonly id?: number;
  readonly error?: { readonly desc: string };
  readonly event?: string;
  readonly data?: { readonly device?: string };
};

/** QEMU's machine protocol, as far as devices come and go. Source: QEMU docs/interop/qmp-spec.rst. */
export class Qmp {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #deleted = new Map<string, () => void>();
  #lastId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    createInterface({ input: socket }).on('line', (line) => this.#hear(JSON.parse(line)));
  }

  static async connect(path: string, timeoutMs: number): Promise<Qmp> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const socket = connect(path);
      try {
        await once(socket, 'connect');
        const qmp = new Qmp(socket);
        await qmp.#execute('qmp_capabilities', {});
        return qmp;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await delay(RETRY_MS);
      }
    }
  }

  async add(device: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#execute('device_add', device);
  }

  /** Adds a socket to which a device can be bound. */
  async listen(id: string, path: string): Promise<void> {
    const data = { addr: { type: 'unix', data: { path } }, server: true, wait: false };
    await this.#execute('chardev-add', { id, backend: { type: 'socket', data } });
  }

  /** Resolves when the device is gone, not when that was asked for. */
  async remove(id: string): Promise<void> {
    const deleted = new Promise<void>((resolve) => {
      this.#deleted.set(id, resolve);
    });
    await this.#execute('device_del', { id });
    const late = delay(ANSWER_MS, 'late', { ref: false });
    if ((await Promise.race([deleted, late])) === 'late') throw new Error(`${id} does not go away`);
  }

  close(): void {
    this.#socket.destroy();
  }

  async #execute(execute: string, args: object): Promise<void> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answered = new Promise<Message>((resolve) => {
      this.#waiting.set(id, resolve);
    });
    this.#socket.write(`${JSON.stringify({ execute, arguments: args, id })}\n`);
    const late = delay(ANSWER_MS, null, { ref: false });
    const message = await Promise.race([answered, late]);
    if (!message) throw new Error(`QEMU does not answer: ${execute}`);
    if (message.error) throw new Error(`QEMU: ${execute}: ${message.error.desc}`);
  }

  #hear(message: Message): void {
    if (message.id !== undefined) {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    }
    const device = message.event === 'DEVICE_DELETED' ? message.data?.device : undefined;
    if (device === undefined) return;
    this.#deleted.get(device)?.();
    this.#deleted.delete(device);
  }
}
