import type { UsbFace } from './android/usb-face.js';
import type { Face } from './pluggable.js';

/** What carries a plugged handset's bytes to the host. Belongs to one handset in one opening, from plug to unplug. */
export interface Cable<F extends Face = UsbFace> {
  /**
   * Brings the host up to date with what the handset's descriptors say now; null: it is not there. Resolves when the
   * host was told. Calls are made one after the other, and a handset leaves (null) before it is shown with another
   * face. Never rejects: tells its trouble itself.
   */
  show(face: F | null): Promise<void>;
}
