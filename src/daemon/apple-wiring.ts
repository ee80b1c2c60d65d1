import type { Config } from '../config.js';
import type { AppleLink } from '../devices/apple/apple-link.js';
import { BoardAppleLink } from '../devices/apple/board-apple-link.js';
import { readUsbAddresses, type UsbAddress, usbPathOf } from '../devices/apple/location.js';
import { MuxTracker } from '../devices/apple/mux-tracker.js';
import { parseMuxEndpoint } from '../devices/apple/usbmux/endpoint.js';
import { MuxClient } from '../devices/apple/usbmux/mux-client.js';
import type { JoinedSightings } from '../devices/joined-sightings.js';
import { isForUsbmuxd } from '../devices/sighting.js';
import { SarachiError } from '../errors.js';
import type { UsbPath } from '../handset.js';
import type { Log } from '../log.js';
import type { Clock } from '../wait.js';

export interface AppleWiringParts {
  readonly address: Config['usbmuxd']['address'];
  readonly board: JoinedSightings;
  /** How the kernel numbers the devices of the bus at the moment. Default: as sysfs shows it. */
  readonly usbAddresses?: (() => Promise<readonly UsbAddress[]>) | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** The way to iPhones: usbmuxd, which belongs to the host, its list, and one link for each opening. */
export class AppleWiring {
  readonly #parts: AppleWiringParts;
  readonly #mux: MuxClient | null;
  readonly #tracker: MuxTracker | null;
  readonly #links = new Map<UsbPath, AppleLink>();

  /** Throws config-invalid for an address that is none. */
  constructor(parts: AppleWiringParts) {
    const { address, board, usbAddresses = readUsbAddresses, clock, log } = parts;
    this.#parts = parts;
    this.#mux = address.toLowerCase() === 'off' ? null : new MuxClient(parseMuxEndpoint(address));
    this.#tracker =
      this.#mux &&
      new MuxTracker({
        mux: this.#mux,
        onRows: (rows) => board.muxListed(rows),
        locate: async (device) => usbPathOf(device, await usbAddresses()),
        clock,
        log,
      });
  }

  /** Tells the board from now on what usbmuxd lists, and asks iPhones to trust this rack. */
  follow(): void {
    this.#tracker?.start();
  }

  async unfollow(): Promise<void> {
    await this.#tracker?.stop();
  }

  /** Throws usbmuxd-gone on a rack without usbmuxd. */
  link(usbPath: UsbPath): AppleLink {
    const tracker = this.#tracker;
    if (!this.#mux || !tracker) throw new SarachiError('usbmuxd-gone', { reason: 'off' });
    const { board } = this.#parts;
    const reconsider = (udid: string) => tracker.reconsider(udid);
    const link =
      this.#links.get(usbPath) ??
      new BoardAppleLink({ usbPath, board, mux: this.#mux, reconsider });
    this.#links.set(usbPath, link);
    return link;
  }

  /**
   * How usbmuxd stands, in a few words. That none answers is no trouble while there is no iPhone: Debian's ends with the
   * last one and is started again by the next. Throws usbmuxd-gone where there is one.
   */
  health(): string {
    if (!this.#tracker) return 'off: no iPhones on this rack';
    const iphones = this.#parts.board.list().filter(isForUsbmuxd).length;
    if (this.#tracker.connected()) return `answers, ${iphones} iPhones`;
    if (iphones > 0) throw new SarachiError('usbmuxd-gone', { iphones });
    return 'does not answer; no iPhone needs it now';
  }
}
