import type { AdbEndpoint } from '../../devices/adb/adb-socket.js';
import type { UsbAddress } from '../../devices/apple/location.js';
import type { UsbDescription } from '../../devices/sighting.js';
import type { ErrorCode, ErrorDetail } from '../../errors.js';
import type { UsbPath } from '../../handset.js';

/** What the simulated rack tells the daemon's process: the bus, its numbers, and which opening an adb row belongs to. */
export type ToDaemon =
  | { readonly type: 'start'; readonly config: unknown; readonly logFile: string }
  | { readonly type: 'attached'; readonly device: UsbDescription }
  | { readonly type: 'numbered'; readonly addresses: readonly UsbAddress[] }
  | { readonly type: 'detached'; readonly usbPath: UsbPath }
  | { readonly type: 'located'; readonly address: string; readonly usbPath: UsbPath }
  | ReaderAnswer
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
  | ReaderRequest
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

/** What the daemon's process does with the readers on the desk, which stand in this one. */
export type ReaderAct =
  | { readonly do: 'list' }
  | { readonly do: 'open'; readonly usbPath: UsbPath }
  | { readonly do: 'write'; readonly handle: number; readonly bytes: Uint8Array }
  | {
      readonly do: 'read';
      readonly handle: number;
      readonly maxLength: number;
      readonly timeoutMs: number;
    }
  | { readonly do: 'close'; readonly handle: number }
  /** What was asked under this number is no longer waited for. */
  | { readonly do: 'give-up'; readonly asked: number };

export interface ReaderRequest {
  readonly type: 'reader';
  readonly id: number;
  readonly act: ReaderAct;
}

export type ReaderResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: ErrorCode; readonly detail: ErrorDetail };

export interface ReaderAnswer {
  readonly type: 'reader-said';
  readonly id: number;
  readonly result: ReaderResult;
}
