/**
 * What a host does with the bulk endpoints of one opened reader. `in` gives one transfer, or null when none came within
 * the time (milliseconds; 0 looks only at what is there). Both reject with a `UsbFault` when the reader is gone.
 */
export interface ReaderTransfers {
  out(bytes: Uint8Array): Promise<void>;
  in(timeoutMs: number): Promise<Uint8Array | null>;
  close(): Promise<void>;
}

/** `no-device`: unplugged; `busy`: somebody else has the interface; `closed`: this handle was closed. */
export type UsbFaultReason = 'no-device' | 'busy' | 'closed';

/** What the host's USB stack says about a transfer or an opening that cannot be. */
export class UsbFault extends Error {
  override readonly name = 'UsbFault';
  readonly reason: UsbFaultReason;

  constructor(reason: UsbFaultReason) {
    super(reason);
    this.reason = reason;
  }
}

export interface EndpointDescription {
  /** With the direction bit: 0x80 is towards the host. */
  readonly address: number;
  readonly type: 'bulk' | 'interrupt';
  readonly maxPacketSize: number;
}

export interface InterfaceDescription {
  readonly number: number;
  readonly interfaceClass: number;
  readonly endpoints: readonly EndpointDescription[];
}

/** What the host reads about a reader when it enumerates it. */
export interface ReaderDescription {
  readonly vendorId: number;
  readonly productId: number;
  readonly manufacturer: string;
  readonly product: string;
  readonly serialNumber: string;
  /** Bus and chain of ports, as `1-4.2`. */
  readonly usbPath: string;
  /** Counts up with each plugging in. */
  readonly address: number;
  readonly interfaces: readonly InterfaceDescription[];
}
