import type { WaitOptions } from '../../wait.js';

export const LIGHT_COLOURS = [
  'off',
  'white',
  'yellow',
  'blue',
  'green',
  'red',
  'red-yellow',
] as const;
export const LIGHT_PATTERNS = [
  'off',
  'solid',
  'slow',
  'fast',
  'double',
  'alternate',
  'triple',
] as const;

/** A light as a hub can show it; which state has which light is decided elsewhere. */
export interface ShownLight {
  readonly colour: (typeof LIGHT_COLOURS)[number];
  readonly pattern: (typeof LIGHT_PATTERNS)[number];
}

/** What every opening shows while nobody vouches for what is known of it. */
export const STALE_LIGHT: ShownLight = { colour: 'yellow', pattern: 'triple' };

/** The lights of the rack's openings, by port name. */
export interface RackLights {
  /**
   * Shows these lights; openings left out stay as they are, and those without a light are passed over. A hub that fails
   * keeps no other hub from being written. Errors: hub-gone, hub-protocol, hub-refused, hub-not-obeyed.
   */
  show(lights: ReadonlyMap<string, ShownLight>, wait: WaitOptions): Promise<void>;
  /** Ends the connection once what was asked for is answered. */
  close(): Promise<void>;
}

/** The power of the rack's openings, by port name. */
export interface PortPower {
  /** Whether this opening has a switch that the driver knows. */
  can(port: string): boolean;
  /**
   * Takes the power away for `offMs` milliseconds and gives it back; resolves when both were read back from the hub. It is given
   * back also when the wait is aborted. Errors: hub-gone, hub-protocol, hub-refused, hub-not-obeyed, not-possible-now.
   */
  cycle(port: string, offMs: number, wait: WaitOptions): Promise<void>;
  /** Whether the hubs answer, in a few words. Errors: as above. */
  look(wait: WaitOptions): Promise<string>;
  close(): Promise<void>;
}
