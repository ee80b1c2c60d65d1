import type { UsbPath } from '../../handset.js';
import type { WaitOptions } from '../../wait.js';
import type { Sighting } from '../sighting.js';

export interface ShellOptions extends WaitOptions {
  readonly stdin?: Uint8Array;
  /** Called with each piece of stdout as it comes, decoded as UTF-8 with replacement. */
  readonly onStdout?: (text: string) => void;
  /** Cap on stdout and stderr together, in bytes; more is `handset-too-talkative`. Default 4 MiB. */
  readonly maxBytes?: number;
}

export interface ShellResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/**
 * One Android handset at one usb path, whatever transport it has at the moment. Every call resolves the transport
 * anew, so a link outlives reboots; every call rejects at once when the handset leaves the bus (`handset-gone`).
 */
export interface AndroidLink {
  readonly usbPath: UsbPath;
  sighting(): Sighting | null;
  /** Resolves with the first state of this usb path (null: nothing there) for which `test` holds, the present one included. */
  waitFor(
    test: (sighting: Sighting | null) => boolean,
    options: WaitOptions,
  ): Promise<Sighting | null>;
  /**
   * Runs one command line with the handset's shell, with exit code and separate stderr (shell protocol v2).
   * Errors: handset-gone, handset-timeout, adb-closed (the handset refuses the service), adb-server-gone,
   * adb-protocol, handset-too-talkative, aborted.
   */
  shell(command: string, options: ShellOptions): Promise<ShellResult>;
  /** Writes a file on the handset by the sync service. `mode` is the permission bits, default 0644. */
  push(
    bytes: Uint8Array,
    remotePath: string,
    options: WaitOptions & { readonly mode?: number },
  ): Promise<void>;
  /** Opens `reboot:`; resolves when the handset accepted it, which does not mean that it went. */
  reboot(options: WaitOptions): Promise<void>;
  /** Payload bytes sent to and received from the handset through this link so far. */
  bytesMoved(): number;
}
