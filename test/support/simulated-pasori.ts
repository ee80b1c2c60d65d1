import { startReader } from '../../src/devices/pasori/open-reader.js';
import type { PasoriReader } from '../../src/devices/pasori/pasori-reader.js';
import type { ReaderModelName } from '../../src/simulator/felica/reader/models.js';
import { SimulatedReader } from '../../src/simulator/felica/reader/simulated-reader.js';
import type { SimulatedTime } from '../../src/simulator/felica/reader/simulated-time.js';
import { SimulatedPasoriBus } from '../../src/simulator/pasori-desk.js';

/** Both families of readers. */
export const MODELS = ['RC-S380/P', 'RC-S300/S'] as const satisfies readonly ReaderModelName[];

/**
 * A clock for an air that takes no time: whoever waits on it has waited long enough at the next turn of the event loop,
 * because nothing else is on its way then.
 */
export function noTime(): SimulatedTime {
  return {
    now: () => performance.now(),
    after: (_ms, then) => {
      const turn = setImmediate(then);
      return () => clearImmediate(turn);
    },
  };
}

/** A reader on whose air nothing takes time. */
export function quickReader(model: ReaderModelName, usbPath = '1-4.2'): SimulatedReader {
  return new SimulatedReader({ model, serialNumber: '0123456', usbPath, time: noTime() });
}

export const noPause = async (_ms: number, signal: AbortSignal) => signal.throwIfAborted();
export const wait = (timeoutMs = 10_000) => ({ signal: new AbortController().signal, timeoutMs });

/** The daemon's own reader on a simulated one. Its pauses take no time unless they are said to. */
export async function openSimulated(
  reader: SimulatedReader,
  pause = noPause,
): Promise<PasoriReader> {
  const bus = new SimulatedPasoriBus([reader]);
  const transfers = await bus.open(reader.description.usbPath);
  return startReader(transfers, { ...wait(), pause });
}
