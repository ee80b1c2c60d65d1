import type { UsbInterface } from '../devices/sighting.js';

/** What the descriptors of a plugged handset say, without the place where it is plugged. */
export interface Face {
  readonly vendorId: number;
  readonly productId: number;
  readonly serial: string | null;
  readonly interfaces: readonly UsbInterface[];
}

/** What the place where a handset is plugged is told. */
export interface HandsetWatcher {
  /** What `face()` tells has changed. */
  faceChanged(): void;
  /** The cable came off, and on again after `forMs`; null: it stays off. */
  cableDropped(forMs: number | null): void;
}

/** A handset of any platform, as far as an opening of the rack is concerned. */
export interface Pluggable<F extends Face> {
  /** What the bus sees of it now; null while it is down. */
  face(): F | null;
  /** Returns the function that ends the watching. */
  watch(watcher: HandsetWatcher): () => void;
}
