import type { PasoriBus, UsbTransfers } from '../../devices/pasori/usb-transfers.js';
import { asSarachiError, SarachiError } from '../../errors.js';
import type { ReaderAct, ReaderAnswer, ReaderRequest } from './messages.js';

/** The other end of `ToldReaders`: carries out what the daemon's process does with the readers that stand here. */
export class SharedReaders {
  readonly #bus: PasoriBus;
  readonly #open = new Map<number, UsbTransfers>();
  readonly #asked = new Map<number, AbortController>();
  #handles = 0;

  constructor(bus: PasoriBus) {
    this.#bus = bus;
  }

  /** Null for what is not answered. Never rejects. */
  async answer({ id, act }: ReaderRequest): Promise<ReaderAnswer | null> {
    if (act.do === 'give-up') {
      this.#asked.get(act.asked)?.abort(new SarachiError('aborted'));
      return null;
    }
    const own = new AbortController();
    this.#asked.set(id, own);
    try {
      const value = await this.#carryOut(act, own.signal);
      return { type: 'reader-said', id, result: { ok: true, value } };
    } catch (thrown) {
      const { code, detail } = asSarachiError(thrown);
      return { type: 'reader-said', id, result: { ok: false, code, detail } };
    } finally {
      this.#asked.delete(id);
    }
  }

  /** The daemon's process is gone, and with it whatever it had open. */
  async dropAll(): Promise<void> {
    for (const asked of this.#asked.values()) asked.abort(new SarachiError('aborted'));
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(open.map((transfers) => transfers.close()));
  }

  async #carryOut(act: Exclude<ReaderAct, { do: 'give-up' }>, signal: AbortSignal) {
    switch (act.do) {
      case 'list':
        return this.#bus.list();
      case 'open': {
        const transfers = await this.#bus.open(act.usbPath, { signal, timeoutMs: 0 });
        this.#handles += 1;
        this.#open.set(this.#handles, transfers);
        return { handle: this.#handles, device: transfers.device };
      }
      case 'write':
        return this.#of(act.handle).write(act.bytes, { signal, timeoutMs: 0 });
      case 'read':
        return this.#of(act.handle).read(act.maxLength, { signal, timeoutMs: act.timeoutMs });
      case 'close': {
        const transfers = this.#open.get(act.handle);
        this.#open.delete(act.handle);
        return transfers?.close();
      }
    }
  }

  #of(handle: number): UsbTransfers {
    const transfers = this.#open.get(handle);
    if (!transfers) throw new SarachiError('reader-gone', { reason: 'closed' });
    return transfers;
  }
}
