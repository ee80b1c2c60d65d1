import { hasCode, SarachiError } from '../../errors.js';
import type { UsbPath } from '../../handset.js';
import { type WaitOptions, withDeadline } from '../../wait.js';
import { BoardLink, type BoardLinkOptions } from '../board-link.js';
import type { MuxRow, Sighting, SightingChange } from '../sighting.js';
import { AFC_SERVICE, Afc } from './afc/afc.js';
import type { AppleLink, ServiceOptions, Work } from './apple-link.js';
import type { Lockdown } from './lockdown/lockdown.js';
import { PlistChannel } from './lockdown/plist-channel.js';
import { goodbye, openLockdown, openService, openSession, type Reach } from './reach.js';
import type { MuxClient } from './usbmux/mux-client.js';

/** How long one step of opening a connection may take, within the deadline of the call. */
const STEP_MS = 15_000;
const WHY_TIMEOUT_MS = 2_000;

export interface BoardAppleLinkOptions extends BoardLinkOptions {
  readonly mux: MuxClient;
  /** Has the tracker judge this handset anew. */
  readonly reconsider: (udid: string) => void;
}

/** The iPhone at one usb path, found anew on the board for every call. */
export class BoardAppleLink extends BoardLink implements AppleLink {
  readonly #options: BoardAppleLinkOptions;

  constructor(options: BoardAppleLinkOptions) {
    super(options);
    this.#options = options;
  }

  lockdown<T>(options: WaitOptions, work: Work<Lockdown, T>): Promise<T> {
    return this.#call(options, async (reach, signal) =>
      usedUp(await openLockdown(reach, step(signal)), signal, work),
    );
  }

  session<T>(options: WaitOptions, work: Work<Lockdown, T>): Promise<T> {
    return this.#call(options, async (reach, signal) => {
      const { lockdown } = await openSession(reach, step(signal));
      return usedUp(lockdown, signal, async () => {
        const result = await work(lockdown, signal);
        await goodbye(lockdown, step(signal));
        return result;
      });
    });
  }

  service<T>(name: string, options: ServiceOptions, work: Work<PlistChannel, T>): Promise<T> {
    return this.#call(options, async (reach, signal) => {
      const stream = await openService(reach, name, { ...options, ...step(signal) });
      return usedUp(new PlistChannel(stream), signal, work);
    });
  }

  afc<T>(options: ServiceOptions, work: Work<Afc, T>): Promise<T> {
    return this.#call(options, async (reach, signal) => {
      const stream = await openService(reach, AFC_SERVICE, { ...options, ...step(signal) });
      return usedUp(new Afc(stream), signal, work);
    });
  }

  forgetPairing(options: WaitOptions): Promise<void> {
    return this.#call(options, ({ mux, udid }, signal) => mux.deletePairRecord(udid, step(signal)));
  }

  reconsider(): void {
    const udid = this.sighting()?.mux?.udid;
    if (udid !== undefined) this.#options.reconsider(udid);
  }

  #call<T>(
    options: WaitOptions,
    work: (reach: Reach, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return withDeadline(options, 'handset-timeout', async (deadline) => {
      const device = deviceOf(this.sighting(), this.usbPath);
      const reach = { mux: this.#options.mux, onBytes: this.onBytes, ...device };
      return this.whileThere(
        deadline,
        (change) => leftBy(reach, change),
        async (signal) => {
          try {
            return await work(reach, signal);
          } catch (error) {
            throw hasCode(error, 'iphone-closed', 'iphone-tls')
              ? await whyClosed(error, reach, deadline)
              : error;
          }
        },
      );
    });
  }
}

/** Runs the work and ends the connection, at once when the signal fires. */
async function usedUp<C extends { destroy(): void }, T>(
  connection: C,
  signal: AbortSignal,
  work: Work<C, T>,
): Promise<T> {
  const drop = () => connection.destroy();
  signal.addEventListener('abort', drop, { once: true });
  try {
    signal.throwIfAborted();
    return await work(connection, signal);
  } finally {
    signal.removeEventListener('abort', drop);
    connection.destroy();
  }
}

function step(signal: AbortSignal): WaitOptions {
  return { signal, timeoutMs: STEP_MS };
}

function deviceOf(sighting: Sighting | null, usbPath: UsbPath): Pick<Reach, 'deviceId' | 'udid'> {
  const mux = sighting?.mux;
  if (!mux) throw new SarachiError('handset-gone', { usbPath });
  if (mux.deviceId === null) throw new SarachiError('usbmuxd-gone', { usbPath });
  return { deviceId: mux.deviceId, udid: mux.udid };
}

/** Why a call that reached this device cannot go on after this change; null where it can, as when it was paired. */
export function leftBy(
  before: Pick<MuxRow, 'udid' | 'deviceId'>,
  change: SightingChange,
): SarachiError | null {
  if (change.type === 'gone') return new SarachiError('handset-gone', { usbPath: change.usbPath });
  const { usbPath, mux, condition } = change.sighting;
  if (!mux || mux.udid !== before.udid)
    return new SarachiError('handset-gone', { usbPath, condition });
  if (mux.deviceId === null) return new SarachiError('usbmuxd-gone', { usbPath });
  return mux.deviceId === before.deviceId
    ? null
    : new SarachiError('handset-gone', { usbPath, reason: 'it came back anew' });
}

/** A closed connection can be the first that is seen of a pulled cable: asks usbmuxd whether it was. */
async function whyClosed(
  closed: SarachiError,
  { mux, deviceId }: Reach,
  signal: AbortSignal,
): Promise<SarachiError> {
  const listed = await mux
    .listDevices({ signal, timeoutMs: WHY_TIMEOUT_MS })
    .catch((error: unknown) => error);
  if (!Array.isArray(listed)) return listed instanceof SarachiError ? listed : closed;
  return listed.some((device) => device.deviceId === deviceId)
    ? closed
    : new SarachiError('handset-gone', { deviceId }, { cause: closed });
}
