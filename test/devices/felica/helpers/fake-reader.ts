import type { CardWait, FelicaReader } from '../../../../src/devices/felica/felica-reader.js';

/** A reader whose cards a test answers for; both frames without length byte. */
export class FakeReader implements FelicaReader {
  readonly name = 'fake';
  readonly serial = null;
  readonly asked: string[] = [];
  readonly timeouts: number[] = [];
  readonly #answer: (frame: string) => Uint8Array | null;

  constructor(answer: (frame: string) => Uint8Array | null) {
    this.#answer = answer;
  }

  async exchange(frame: Uint8Array, options: CardWait): Promise<Uint8Array | null> {
    this.asked.push(Buffer.from(frame).toString('hex'));
    this.timeouts.push(options.cardTimeoutMs);
    return this.#answer(Buffer.from(frame).toString('hex'));
  }

  async field(): Promise<void> {}
  async bitRate(): Promise<void> {}
  async close(): Promise<void> {}
}
