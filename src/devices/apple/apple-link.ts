import type { UsbPath } from '../../handset.js';
import type { WaitOptions } from '../../wait.js';
import type { Sighting } from '../sighting.js';
import type { Afc } from './afc/afc.js';
import type { Lockdown } from './lockdown/lockdown.js';
import type { PlistChannel } from './lockdown/plist-channel.js';

export interface ServiceOptions extends WaitOptions {
  /** Sends the escrow bag of the pair record, which starts some services while the screen is locked. */
  readonly escrow?: boolean;
}

/** What a call is given: the connection, and a signal that fires when the handset leaves or the deadline passes. */
export type Work<C, T> = (connection: C, signal: AbortSignal) => Promise<T>;

/**
 * One iPhone at one usb path, whatever number usbmuxd gives it at the moment. Every call finds it anew, so a link
 * outlives restarts and erases; every call rejects at once when the handset leaves the bus (`handset-gone`) or usbmuxd
 * goes (`usbmuxd-gone`), and its connections end with it. `timeoutMs` is for the whole call, the work included.
 * Errors of every call: handset-gone, handset-swapped (another UDID answers), handset-timeout, usbmuxd-gone,
 * usbmuxd-protocol, usbmuxd-refused, iphone-closed, iphone-protocol, handset-garbage, handset-too-talkative, aborted;
 * with trust also iphone-unpaired, iphone-tls, iphone-locked, iphone-not-unlocked, pair-record-unusable; and what the
 * work throws.
 */
export interface AppleLink {
  readonly usbPath: UsbPath;
  sighting(): Sighting | null;
  /** Resolves with the first state of this usb path (null: nothing there) for which `test` holds, the present one included. */
  waitFor(
    test: (sighting: Sighting | null) => boolean,
    options: WaitOptions,
  ): Promise<Sighting | null>;
  /** Lockdown without trust: model, iOS, name and UDID. */
  lockdown<T>(options: WaitOptions, work: Work<Lockdown, T>): Promise<T>;
  /** Lockdown in a session of our pair record: everything else. */
  session<T>(options: WaitOptions, work: Work<Lockdown, T>): Promise<T>;
  /** A service that speaks property lists. */
  service<T>(name: string, options: ServiceOptions, work: Work<PlistChannel, T>): Promise<T>;
  /** The files of the media folder. */
  afc<T>(options: ServiceOptions, work: Work<Afc, T>): Promise<T>;
  /** Deletes the record that usbmuxd keeps for this handset, as one that the handset no longer knows. */
  forgetPairing(options: WaitOptions): Promise<void>;
  /**
   * Has this rack find out anew whether the handset trusts it and is unlocked, because a call saw that it is not. Until
   * that is known again its condition is `mux:attached`.
   */
  reconsider(): void;
  /** Bytes sent to and received from the handset through this link so far. */
  bytesMoved(): number;
}
