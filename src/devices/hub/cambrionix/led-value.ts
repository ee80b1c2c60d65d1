import type { ShownLight } from '../rack-hub.js';

/**
 * What the three LEDs of an opening are. A ThunderSync3 has green, red and yellow; a ModIT has blue in place of yellow.
 * Source: Cambrionix Hub API manual 3.9, Port.N.leds.
 */
export type LedSet = 'green-red-yellow' | 'green-red-blue';

/** One bit for each eighth of the cycle, 1 is lit. Source: the manual's section on controlling the LEDs. */
const BITS: Record<ShownLight['pattern'], number> = {
  off: 0,
  solid: 0b1111_1111,
  slow: 0b1111_0000,
  fast: 0b1010_1010,
  double: 0b1001_0000,
  triple: 0b1010_1000,
  // Of the first colour; the second has what is left of the cycle.
  alternate: 0b1111_0000,
};

type Leds = readonly [first: number, second: number, third: number];

/** Which of the three LEDs make a colour. White and blue have no LED of their own on the one set, white and yellow on the other. */
const MIX: Record<LedSet, Record<Exclude<ShownLight['colour'], 'red-yellow'>, Leds>> = {
  'green-red-yellow': {
    off: [0, 0, 0],
    white: [0, 0, 1],
    yellow: [0, 0, 1],
    blue: [1, 0, 1],
    green: [1, 0, 0],
    red: [0, 1, 0],
  },
  'green-red-blue': {
    off: [0, 0, 0],
    white: [1, 1, 1],
    yellow: [1, 1, 0],
    blue: [0, 0, 1],
    green: [1, 0, 0],
    red: [0, 1, 0],
  },
};

/** The value of `Port.N.leds` for a light: led1 | led2 << 8 | led3 << 16, from 0 to 0xffffff. Pure. */
export function ledValue({ colour, pattern }: ShownLight, set: LedSet): number {
  const bits = BITS[pattern];
  if (colour !== 'red-yellow') return packed(MIX[set][colour], bits);
  const rest = pattern === 'alternate' ? ~bits & 0xff : bits;
  return (packed(MIX[set].red, bits) | packed(MIX[set].yellow, rest)) >>> 0;
}

function packed([first, second, third]: Leds, bits: number): number {
  return first * bits + second * bits * 0x100 + third * bits * 0x10000;
}
