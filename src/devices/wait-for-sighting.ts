import type { UsbPath } from '../handset.js';
import { raceAbort, type WaitOptions, withDeadline } from '../wait.js';
import type { Sighting, SightingBoard, SightingChange } from './sighting.js';

/** Tells of every later change at one usb path. Returns the function that ends the subscription. */
export function onChangeAt(
  board: SightingBoard,
  usbPath: UsbPath,
  listener: (change: SightingChange) => void,
): () => void {
  return board.subscribe((change) => {
    const path = change.type === 'gone' ? change.usbPath : change.sighting.usbPath;
    if (path === usbPath) listener(change);
  });
}

/**
 * Resolves with the first state of this usb path (null: nothing there) for which `test` holds, the present one
 * included. Errors: handset-timeout, aborted, and what `test` throws.
 */
export function waitForSighting(
  board: SightingBoard,
  usbPath: UsbPath,
  test: (sighting: Sighting | null) => boolean,
  options: WaitOptions,
): Promise<Sighting | null> {
  return withDeadline(options, 'handset-timeout', async (signal) => {
    let unsubscribe = (): void => undefined;
    const found = new Promise<Sighting | null>((resolve, reject) => {
      const look = (sighting: Sighting | null) => {
        try {
          if (test(sighting)) resolve(sighting);
        } catch (error) {
          reject(error);
        }
      };
      unsubscribe = onChangeAt(board, usbPath, (change) =>
        look(change.type === 'gone' ? null : change.sighting),
      );
      look(board.at(usbPath));
    });
    try {
      return await raceAbort(found, signal);
    } finally {
      unsubscribe();
    }
  });
}
