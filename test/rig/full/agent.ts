import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ask, Said } from './agent-words.js';

const ANSWER_MS = 60_000;
const RETRY_MS = 50;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The host's end of the agent in the guest, over a virtual serial port. */
export class Agent {
  readonly #waiting = new Map<number, Waiting>();
  readonly #onEnded: (how: string) => void;
  #socket: Socket | null = null;
  #here: () => void = () => undefined;
  #lastId = 0;

  /** `onEnded`: the daemon in the guest ended, asked or not. */
  constructor(onEnded: (how: string) => void) {
    this.#onEnded = onEnded;
  }

  /** Resolves when the agent has said that it is there. */
  async connect(path: string, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    const here = new Promise<void>((resolve) => {
      this.#here = resolve;
    });
    const socket = await open(path, deadline);
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.once('close', () => this.#gone());
    createInterface({ input: socket }).on('line', (line) => this.#hear(JSON.parse(line) as Said));
    const late = delay(deadline - Date.now(), 'late', { ref: false });
    if ((await Promise.race([here, late])) === 'late') throw new Error('the guest did not come up');
  }

  /** Rejects with what the agent says is wrong, or when it does not answer. */
  async ask<T>(ask: Ask, timeoutMs = ANSWER_MS): Promise<T> {
    const socket = this.#socket;
    if (!socket || socket.destroyed) throw new Error('the guest is off');
    this.#lastId += 1;
    const id = this.#lastId;
    const answered = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    socket.write(`${JSON.stringify({ ...ask, id })}\n`);
    const timer = setTimeout(
      () => this.#settle(id)?.reject(new Error(`the guest does not answer: ${ask.op}`)),
      timeoutMs,
    );
    try {
      return (await answered) as T;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#socket?.destroy();
  }

  #hear(said: Said): void {
    switch (said.type) {
      case 'here':
        this.#here();
        break;
      case 'ended':
        this.#onEnded(said.how);
        break;
      case 'answer':
        this.#settle(said.id)?.resolve(said.value);
        break;
      case 'failed':
        this.#settle(said.id)?.reject(new Error(said.why));
        break;
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #gone(): void {
    for (const id of [...this.#waiting.keys()])
      this.#settle(id)?.reject(new Error('the guest is off'));
  }
}

/** QEMU makes the socket a moment after it was started. */
async function open(path: string, deadline: number): Promise<Socket> {
  for (;;) {
    const socket = connect(path);
    try {
      await once(socket, 'connect');
      return socket;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(RETRY_MS);
    }
  }
}
