import type { ShellResult } from '../../../src/devices/adb/android-link.js';
import type { Sighting, UsbDescription } from '../../../src/devices/sighting.js';
import type { UsbPath } from '../../../src/handset.js';
import type { PortView } from '../../../src/ports/view.js';

export type BusEvent =
  | { readonly type: 'attached'; readonly device: UsbDescription }
  | { readonly type: 'detached'; readonly usbPath: UsbPath };

/** What the host of the rig tells the test. */
export type HostTells =
  | { readonly type: 'up'; readonly publicKeyPath: string }
  | { readonly type: 'adb'; readonly pid: number | null }
  | { readonly type: 'bus'; readonly event: BusEvent }
  | { readonly type: 'ports'; readonly ports: readonly PortView[] }
  | { readonly type: 'sightings'; readonly sightings: readonly Sighting[] }
  | { readonly type: 'answer'; readonly id: number; readonly result: ShellResult }
  | { readonly type: 'answer'; readonly id: number; readonly code: string };

/** What the test asks of the host. */
export type HostAsks =
  | {
      readonly type: 'shell';
      readonly id: number;
      readonly usbPath: UsbPath;
      readonly command: string;
      readonly stdin: string;
      readonly timeoutMs: number;
    }
  | { readonly type: 'stop' };
