import type { AdbEndpoint } from '../../devices/adb/adb-socket.js';
import type { UsbAddress } from '../../devices/apple/location.js';
import type { UsbDescription } from '../../devices/sighting.js';
import type { UsbPath } from '../../handset.js';

/** What the simulated rack tells the daemon's process: the bus, its numbers, and which opening an adb row belongs to. */
export type ToDaemon =
  | { readonly type: 'start'; readonly config: unknown; readonly logFile: string }
  | { readonly type: 'attached'; readonly device: UsbDescription }
  | { readonly type: 'numbered'; readonly addresses: readonly UsbAddress[] }
  | { readonly type: 'detached'; readonly usbPath: UsbPath }
  | { readonly type: 'located'; readonly address: string; readonly usbPath: UsbPath }
  | { readonly type: 'stop' };

export interface DaemonUp {
  readonly type: 'up';
  readonly url: string;
  readonly endpoint: AdbEndpoint;
  readonly publicKeyPath: string;
}

/** What the daemon's process tells back. */
export type FromDaemon =
  | DaemonUp
  | { readonly type: 'adb-up' }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };
