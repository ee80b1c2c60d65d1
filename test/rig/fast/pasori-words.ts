import type { PasoriDevice } from '../../../src/devices/pasori/usb-transfers.js';

/** What the test asks of the process that sees the emulated bus. */
export type PasoriAsks = { readonly id: number } & (
  | { readonly type: 'list' }
  | { readonly type: 'open' | 'close'; readonly usbPath: string }
  | {
      readonly type: 'poll';
      readonly usbPath: string;
      readonly frame: string;
      /** Given up after so long. */
      readonly timeoutMs: number;
    }
);

export type PasoriTells =
  | { readonly id: number; readonly value: readonly PasoriDevice[] | string | null }
  | { readonly id: number; readonly code: string };
