import { demoConfig } from '../../src/cli/demo/demo-config.js';
import type { UsbPath } from '../../src/handset.js';
import type { SimulatedHandset } from '../../src/simulator/android/handset.js';
import type { SimulatedRack } from '../../src/simulator/rack.js';

export interface Waiting {
  readonly port: string;
  readonly usbPath: UsbPath;
  readonly handset: SimulatedHandset;
}

/** The ports of the demo's rack with their usb paths. */
export function openings(state: string): readonly (readonly [port: string, usbPath: UsbPath])[] {
  const { ports } = demoConfig({ state, httpPort: 0 }).rack;
  return Object.entries(ports).map(([port, { usb }]) => [port, usb[0] ?? ''] as const);
}

/**
 * One handset for each opening, switched on, its cable still out. The seller's account is on it, so that a run ends
 * after it was identified.
 */
export async function fortyHandsets(
  rack: SimulatedRack,
  state: string,
  key: string,
): Promise<readonly Waiting[]> {
  return await Promise.all(
    openings(state).map(async ([port, usbPath]) => {
      const handset = await rack.handset({
        profile: 'google-pixel-7',
        serial: `BENCH${port}`,
        authorisedKeys: [key],
        accounts: [{ name: 'hanako@example.com', type: 'com.google' }],
        storageBytes: 32 * 1024 * 1024,
        plantedShare: 0.1,
      });
      return { port, usbPath, handset };
    }),
  );
}

export interface Identified {
  /** Milliseconds from the plug to the handset's being identified, of those that were. */
  readonly latenciesMs: readonly number[];
  /** Ports whose handset was plugged in and never identified. */
  readonly lost: readonly string[];
}
