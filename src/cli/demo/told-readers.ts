import type { PasoriBus, PasoriDevice, UsbTransfers } from '../../devices/pasori/usb-transfers.js';
import { SarachiError } from '../../errors.js';
import type { UsbPath } from '../../handset.js';
import { raceAbort, type WaitOptions } from '../../wait.js';
import type { ReaderAct, ReaderAnswer, ReaderRequest, ReaderResult } from './messages.js';

/** The readers on the desk as the daemon's process has them: each transfer is carried to the process they stand in. */
export class ToldReaders implements PasoriBus {
  readonly #send: (request: ReaderRequest) => void;
  readonly #waiting = new Map<number, (result: ReaderResult) => void>();
  #asked = 0;

  constructor(send: (request: ReaderRequest) => void) {
    this.#send = send;
  }

  said({ id, result }: ReaderAnswer): void {
    this.#waiting.get(id)?.(result);
    this.#waiting.delete(id);
  }

  async list(): Promise<readonly PasoriDevice[]> {
    return (await this.ask({ do: 'list' })) as readonly PasoriDevice[];
  }

  async open(usbPath: UsbPath, { signal }: WaitOptions): Promise<UsbTransfers> {
    const opened = await this.ask({ do: 'open', usbPath }, signal);
    const { handle, device } = opened as { handle: number; device: PasoriDevice };
    return {
      device,
      write: async (bytes, options) => {
        await this.ask({ do: 'write', handle, bytes }, options.signal);
      },
      read: async (maxLength, { signal: own, timeoutMs }) =>
        (await this.ask({ do: 'read', handle, maxLength, timeoutMs }, own)) as Uint8Array,
      close: async () => {
        await this.ask({ do: 'close', handle });
      },
    };
  }

  async ask(act: ReaderAct, signal?: AbortSignal): Promise<unknown> {
    this.#asked += 1;
    const id = this.#asked;
    const answer = new Promise<ReaderResult>((resolve) => this.#waiting.set(id, resolve));
    this.#send({ type: 'reader', id, act });
    const giveUp = () => {
      this.#waiting.delete(id);
      this.#send({ type: 'reader', id: 0, act: { do: 'give-up', asked: id } });
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      const result = await (signal ? raceAbort(answer, signal) : answer);
      if (!result.ok) throw new SarachiError(result.code, result.detail);
      return result.value;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }
}
