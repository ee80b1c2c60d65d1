import { asSarachiError, type SarachiError } from '../../errors.js';
import type { UsbPath } from '../../handset.js';
import type { Log } from '../../log.js';
import { abortError, type Clock, raceAbort, sleep, type WaitOptions } from '../../wait.js';
import { backOffMs } from '../back-off.js';
import { followServer } from '../follow-server.js';
import type { Condition, MuxRow } from '../sighting.js';
import { readUsbAddresses, usbPathOf } from './location.js';
import { muxRows, type TrackedDevice, unknownMuxRows } from './mux-rows.js';
import { lookAgainMs, Trust } from './trust.js';
import { Turnstile } from './turnstile.js';
import type { MuxClient } from './usbmux/mux-client.js';
import type { MuxDevice } from './usbmux/mux-device.js';
import { listen, type MuxEvent, nextEvent } from './usbmux/mux-events.js';

/** The kernel names a device before usbmuxd does, but a busy one may show it late. */
const LOCATE_TRIES = 10;
const LOCATE_EVERY_MS = 200;
/** usbmuxd 1.1.1 lets five connections wait. */
const JUDGED_AT_A_TIME = 4;

/** Asked again and again about the handset that it was made for. */
export type Judge = (options: WaitOptions) => Promise<Condition>;

export interface MuxTrackerOptions {
  readonly mux: MuxClient;
  /** Told of the whole list at each change of it. */
  readonly onRows: (rows: readonly MuxRow[]) => void;
  readonly log: Log;
  /** Default: by the kernel's view of the bus. */
  readonly locate?: (device: MuxDevice) => Promise<UsbPath | null>;
  /** Who tells whether a handset trusts this rack, made at each plugging in. Default: `Trust`. */
  readonly judge?: (device: MuxDevice) => Judge;
  readonly clock?: Clock;
  /** When a handset in this condition is looked at again, in milliseconds. Default: as in trust.ts. */
  readonly againMs?: (condition: Condition) => number | null;
  /** How long a usbmuxd that came back may take to find the handsets again, in milliseconds. Default 6000. */
  readonly settleMs?: number;
  /** How often usbmuxd is asked whether it still answers, in milliseconds. Default 10000. */
  readonly checkMs?: number;
  /** How long usbmuxd and handsets may take to answer, in milliseconds. Default 10000. */
  readonly askMs?: number;
}

interface Tracked extends TrackedDevice {
  readonly judge: Judge;
  /** Ends with the connection to usbmuxd that told of it. */
  readonly session: AbortSignal;
  readonly study: AbortController;
}

/**
 * Follows the handsets of usbmuxd by its events. A usbmuxd that goes away, by itself when the last handset left or
 * otherwise, makes every row unknown, not gone; the socket is tried until there is one again. For each handset its usb
 * path is looked up at each plugging in; whether it trusts this rack, at that moment, at each pairing, while a person is
 * waited for, and when somebody doubts it.
 */
export class MuxTracker {
  readonly #options: MuxTrackerOptions & { readonly askMs: number };
  readonly #stopped = new AbortController();
  readonly #judging = new Turnstile(JUDGED_AT_A_TIME);
  readonly #tracked = new Map<number, Tracked>();
  readonly #studies = new Set<Promise<void>>();
  #lost: readonly MuxRow[] = [];
  #rows: readonly MuxRow[] = [];
  #connected = false;
  #following: Promise<void> = Promise.resolve();

  constructor(options: MuxTrackerOptions) {
    this.#options = { askMs: 10_000, ...options };
  }

  /** The list as last known; unknown rows have the condition `mux:unknown` and no device number. */
  rows(): readonly MuxRow[] {
    return this.#rows;
  }

  /** Whether the list is that of a usbmuxd that answers. */
  connected(): boolean {
    return this.#connected;
  }

  start(): void {
    const server = {
      session: (signal: AbortSignal) => this.#session(signal),
      connected: () => this.#connected,
      lost: (error: SarachiError, news: boolean) => this.#lose(error, news),
    };
    this.#following = followServer(server, this.#stopped.signal);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#following;
    await Promise.all(this.#studies);
  }

  /** Somebody saw a lock or a lost pairing: nothing is known of this handset until it was looked at again. */
  reconsider(udid: string): void {
    for (const tracked of [...this.#tracked.values()])
      if (tracked.device.udid === udid) this.#track({ ...tracked, condition: 'mux:attached' });
    this.#tell();
  }

  /** One connection to usbmuxd, until it breaks; resolves with what broke it. */
  async #session(outer: AbortSignal): Promise<SarachiError> {
    const own = new AbortController();
    const signal = AbortSignal.any([outer, own.signal]);
    try {
      const stream = await listen(this.#options.mux.endpoint, {
        signal,
        timeoutMs: this.#options.askMs,
      });
      this.#connected = true;
      const settling = this.#forgetLost(signal);
      const parts = [this.#hear(() => nextEvent(stream), signal), this.#check(signal)];
      for (const part of [settling, ...parts]) part.catch(() => undefined);
      return await raceAbort(Promise.race(parts), signal);
    } catch (error) {
      return asSarachiError(error);
    } finally {
      own.abort(abortError(outer));
    }
  }

  async #hear(next: () => Promise<MuxEvent>, signal: AbortSignal): Promise<never> {
    for (;;) this.#apply(await next(), signal);
  }

  /** An event stream that hangs is silent just like one without news: only a question tells them apart. */
  async #check(signal: AbortSignal): Promise<never> {
    const { mux, checkMs = 10_000 } = this.#options;
    for (;;) {
      await sleep(checkMs, signal);
      await mux.listDevices({ signal, timeoutMs: this.#options.askMs });
    }
  }

  async #forgetLost(signal: AbortSignal): Promise<void> {
    await sleep(this.#options.settleMs ?? 6_000, signal);
    this.#lost = [];
    this.#tell();
  }

  #apply(event: MuxEvent, signal: AbortSignal): void {
    if (event.type === 'attached') this.#attached(event.device, signal);
    else if (event.type === 'paired') this.#paired(event.deviceId);
    else this.#drop(event.deviceId);
    this.#tell();
  }

  #attached(device: MuxDevice, session: AbortSignal): void {
    this.#drop(device.deviceId);
    this.#lost = this.#lost.filter(({ udid }) => udid !== device.udid);
    const { mux, clock = Date.now } = this.#options;
    const trust = new Trust({ mux, ...device }, clock);
    const judge = this.#options.judge?.(device) ?? ((options) => trust.look(options));
    this.#track({ device, usbPath: null, condition: 'mux:attached', judge, session });
  }

  #paired(deviceId: number): void {
    const tracked = this.#tracked.get(deviceId);
    if (tracked) this.#track(tracked);
  }

  /** Looks at it from now on, in place of whatever look is under way. */
  #track(what: Omit<Tracked, 'study'>): void {
    const { deviceId } = what.device;
    this.#drop(deviceId);
    const study = new AbortController();
    const tracked = { ...what, study };
    this.#tracked.set(deviceId, tracked);
    const signal = AbortSignal.any([what.session, study.signal]);
    const done = this.#study(tracked, signal).catch((error: unknown) => {
      if (!signal.aborted) this.#options.log.error({ err: error }, 'an iPhone cannot be looked at');
    });
    this.#studies.add(done);
    done.finally(() => this.#studies.delete(done)).catch(() => undefined);
  }

  async #study({ device, usbPath: known, judge }: Tracked, signal: AbortSignal): Promise<void> {
    const usbPath = known ?? (await this.#locate(device, signal));
    this.#learn(device, { usbPath }, signal);
    for (let failures = 0; ; ) {
      const condition = await this.#judge(device, judge, signal);
      failures = condition ? 0 : failures + 1;
      if (condition) this.#learn(device, { condition }, signal);
      const { againMs = lookAgainMs } = this.#options;
      const pause = condition ? againMs(condition) : backOffMs(failures);
      if (pause === null) return;
      await sleep(pause, signal);
    }
  }

  async #locate(device: MuxDevice, signal: AbortSignal): Promise<UsbPath | null> {
    const { locate = byKernel } = this.#options;
    for (let tries = 1; ; tries += 1) {
      const usbPath = await locate(device);
      if (usbPath !== null || tries === LOCATE_TRIES) return usbPath;
      await sleep(LOCATE_EVERY_MS, signal);
    }
  }

  async #judge(
    { deviceId }: MuxDevice,
    judge: Judge,
    signal: AbortSignal,
  ): Promise<Condition | null> {
    const leave = await this.#judging.enter(1, signal);
    try {
      return await judge({ signal, timeoutMs: this.#options.askMs });
    } catch (error) {
      const { code } = asSarachiError(error);
      this.#options.log.debug({ code, deviceId }, 'trust cannot be told yet');
      return null;
    } finally {
      leave();
    }
  }

  #learn(
    { deviceId }: MuxDevice,
    more: Partial<Pick<TrackedDevice, 'usbPath' | 'condition'>>,
    signal: AbortSignal,
  ): void {
    const tracked = this.#tracked.get(deviceId);
    if (!tracked || signal.aborted) return;
    this.#tracked.set(deviceId, { ...tracked, ...more });
    this.#tell();
  }

  #drop(deviceId: number): void {
    this.#tracked.get(deviceId)?.study.abort();
    this.#tracked.delete(deviceId);
  }

  #lose({ code }: SarachiError, news: boolean): void {
    if (news) this.#options.log.warn({ code }, 'the list of iPhones is lost');
    this.#connected = false;
    this.#lost = unknownMuxRows(muxRows(this.#tracked.values(), this.#lost));
    for (const deviceId of [...this.#tracked.keys()]) this.#drop(deviceId);
    this.#tell();
  }

  #tell(): void {
    const rows = muxRows(this.#tracked.values(), this.#lost);
    if (JSON.stringify(rows) === JSON.stringify(this.#rows)) return;
    this.#rows = rows;
    this.#options.onRows(rows);
  }
}

async function byKernel(device: MuxDevice): Promise<UsbPath | null> {
  return usbPathOf(device, await readUsbAddresses());
}
