import { SarachiError } from '../../errors.js';
import type { UsbPath } from '../../handset.js';
import { sleep, type WaitOptions, withDeadline } from '../../wait.js';
import { modelOf, type PasoriFamily } from './models.js';
import { PasoriReader } from './pasori-reader.js';
import { RcS300 } from './rc-s300.js';
import { RcS380 } from './rc-s380.js';
import { type Pause, type ReaderProtocol, realPause } from './reader-protocol.js';
import type { PasoriBus, PasoriDevice, UsbTransfers } from './usb-transfers.js';

const LOOK_AGAIN_MS = 250;

type Family = new (transfers: UsbTransfers, pause: Pause) => ReaderProtocol;
const FAMILIES: Readonly<Record<PasoriFamily, Family>> = { 'rc-s380': RcS380, 'rc-s300': RcS300 };

export interface OpenReaderOptions extends WaitOptions {
  readonly pause?: Pause;
}

/**
 * Takes over the reader behind `transfers`, which belong to it from then on: they are closed with it, and when it
 * cannot be taken over. Errors: reader-unusable for a device that is no known reader, those of the transfers.
 */
export async function startReader(
  transfers: UsbTransfers,
  { pause = realPause, ...options }: OpenReaderOptions,
): Promise<PasoriReader> {
  try {
    const { vendorId, productId } = transfers.device;
    const model = modelOf(vendorId, productId);
    if (!model) throw new SarachiError('reader-unusable', { reason: 'unknown model', productId });
    const protocol = new FAMILIES[model.family](transfers, pause);
    const start = (signal: AbortSignal) => protocol.start(signal);
    const firmware = await withDeadline(options, 'reader-timeout', start);
    return new PasoriReader({ transfers, protocol, model: model.name, firmware });
  } catch (error) {
    await transfers.close();
    throw error;
  }
}

/** Opens the reader at a usb path. Errors: those of `PasoriBus.open` and of `startReader`. */
export async function openReader(
  bus: PasoriBus,
  usbPath: UsbPath,
  options: OpenReaderOptions,
): Promise<PasoriReader> {
  return startReader(await bus.open(usbPath, options), options);
}

/** Until a reader is plugged in at this usb path. Error: reader-gone when the time runs out. */
export function waitForReader(
  bus: PasoriBus,
  usbPath: UsbPath,
  options: WaitOptions,
): Promise<PasoriDevice> {
  return withDeadline(options, 'reader-gone', async (signal) => {
    for (;;) {
      const found = (await bus.list()).find((device) => device.usbPath === usbPath);
      if (found) return found;
      await sleep(LOOK_AGAIN_MS, signal);
    }
  });
}
