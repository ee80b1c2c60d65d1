import type { SarachiError } from '../errors.js';
import type { UsbPath } from '../handset.js';
import type { WaitOptions } from '../wait.js';
import type { Sighting, SightingBoard, SightingChange } from './sighting.js';
import { onChangeAt, waitForSighting } from './wait-for-sighting.js';

export interface BoardLinkOptions {
  readonly usbPath: UsbPath;
  readonly board: SightingBoard;
}

/** What the links of every platform have in common: the handset at one usb path, found anew on the board each time. */
export class BoardLink {
  readonly usbPath: UsbPath;
  readonly #board: SightingBoard;
  #moved = 0;
  protected readonly onBytes = (count: number): void => {
    this.#moved += count;
  };

  constructor({ usbPath, board }: BoardLinkOptions) {
    this.usbPath = usbPath;
    this.#board = board;
  }

  sighting(): Sighting | null {
    return this.#board.at(this.usbPath);
  }

  bytesMoved(): number {
    return this.#moved;
  }

  waitFor(
    test: (sighting: Sighting | null) => boolean,
    options: WaitOptions,
  ): Promise<Sighting | null> {
    return waitForSighting(this.#board, this.usbPath, test, options);
  }

  /** Runs the work with a signal that fires at once, with the error of `leftBy`, when it names one for a change here. */
  protected async whileThere<T>(
    outer: AbortSignal,
    leftBy: (change: SightingChange) => SarachiError | null,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const left = new AbortController();
    const unsubscribe = onChangeAt(this.#board, this.usbPath, (change) => {
      const error = leftBy(change);
      if (error) left.abort(error);
    });
    try {
      return await work(AbortSignal.any([outer, left.signal]));
    } finally {
      unsubscribe();
    }
  }
}
