import { z } from 'zod';
import { SarachiError } from '../../../errors.js';
import { sleep, type WaitOptions } from '../../../wait.js';
import type { HubApi } from './hub-api.js';

/** One hub: its serial number as `cbrx_discover` tells it, and the rack's port in each of its openings from 1 on. */
export interface HubPorts {
  readonly serial: string;
  readonly ports: readonly (string | null)[];
}

/** Error codes of the manual's list: the handle has expired or is no more; a time-out, or too early: worth another try. */
const EXPIRED = [-10001, -10005];
const LATER = [-10006, -10009];
const LATER_MS = 250;

/**
 * One hub behind the Hub API. Its handle is opened when it is needed: one that is not used for half a minute expires, and is opened
 * again once. `prepare` is done after each opening, before anything else.
 */
export class HubSession {
  readonly serial: string;
  readonly #api: HubApi;
  readonly #prepare: (session: HubSession, wait: WaitOptions) => Promise<void>;
  #handle: number | null = null;
  #opening: Promise<number> | null = null;

  constructor(
    api: HubApi,
    serial: string,
    prepare: (session: HubSession, wait: WaitOptions) => Promise<void> = async () => undefined,
  ) {
    this.#api = api;
    this.serial = serial;
    this.#prepare = prepare;
  }

  /** Reads one key of the hub. Errors: as `HubApi.call`. */
  get(key: string, wait: WaitOptions): Promise<unknown> {
    return this.#withHandle('cbrx_connection_get', [key], wait);
  }

  /** Writes one key of the hub; anything but `true` is a refusal. Errors: as `HubApi.call`. */
  async set(key: string, value: unknown, wait: WaitOptions): Promise<void> {
    const result = await this.#withHandle('cbrx_connection_set', [key, value], wait);
    if (result !== true) throw new SarachiError('hub-refused', { hub: this.serial, key });
  }

  /** The keys that this hub lets be read. */
  async readable(wait: WaitOptions): Promise<ReadonlySet<string>> {
    const listed = await this.#withHandle('cbrx_connection_getdictionary', [], wait);
    const keys = z.array(z.string().max(200)).max(10_000).safeParse(listed);
    if (!keys.success) throw new SarachiError('hub-protocol', { what: 'dictionary' });
    return new Set(keys.data);
  }

  async #withHandle(
    method: string,
    params: readonly unknown[],
    wait: WaitOptions,
  ): Promise<unknown> {
    const ask = async () => this.#api.call(method, [await this.#opened(wait), ...params], wait);
    try {
      return await ask();
    } catch (thrown) {
      if (!(thrown instanceof SarachiError)) throw thrown;
      const code = thrown.detail['code'];
      // A handle belongs to the socket that is gone; one from before must not be used on the next.
      if (thrown.code === 'hub-gone' || thrown.code === 'hub-protocol') this.#handle = null;
      if (EXPIRED.some((one) => one === code)) this.#handle = null;
      else if (LATER.some((one) => one === code)) await sleep(LATER_MS, wait.signal);
      else throw thrown;
      return ask();
    }
  }

  async #opened(wait: WaitOptions): Promise<number> {
    if (this.#handle !== null) return this.#handle;
    this.#opening ??= this.#open(wait).finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #open(wait: WaitOptions): Promise<number> {
    const handle = z
      .int()
      .safeParse(await this.#api.call('cbrx_connection_open', [this.serial], wait));
    if (!handle.success) throw new SarachiError('hub-protocol', { what: 'handle' });
    // Known before it is prepared: preparing asks through it, and must not open another.
    this.#handle = handle.data;
    try {
      await this.#prepare(this, wait);
    } catch (error) {
      this.#handle = null;
      throw error;
    }
    return handle.data;
  }
}
