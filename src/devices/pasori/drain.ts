import { hasCode, SarachiError } from '../../errors.js';
import type { UsbTransfers } from './usb-transfers.js';

/** More than any frame of either reader, and whole packets of every bus speed: a shorter read could overflow. */
export const READ_BYTES = 1024;
const QUIET_MS = 10;
const MAX_READS = 64;

/** Reads and throws away until nothing comes for 10 ms: what an earlier owner or an abandoned command left. */
export async function drain(transfers: UsbTransfers, signal: AbortSignal): Promise<void> {
  for (let reads = 0; reads < MAX_READS; reads += 1) {
    try {
      await transfers.read(READ_BYTES, { signal, timeoutMs: QUIET_MS });
    } catch (error) {
      if (hasCode(error, 'reader-timeout')) return;
      throw error;
    }
  }
  throw new SarachiError('reader-protocol', { reason: 'the reader does not stop talking' });
}
