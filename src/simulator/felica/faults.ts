/**
 * What happens to one exchange on the air. `lost`: no answer arrives. `crc`: it arrives damaged. `collision`: two at
 * once. `field-drop`: the field goes away while the command is sent. `truncated`: the reader hands on a frame that lacks
 * its last byte as if it were whole.
 */
export type AirFault = 'lost' | 'crc' | 'collision' | 'field-drop' | 'truncated';

/**
 * Misbehaviour of one reader and its air. A plain object that may be changed while the reader runs; each is off by
 * default. A count says how many of the next ones go wrong, and runs down.
 */
export interface FelicaFaults {
  /** Asked before each exchange with a card, counted from 1 since the reader was made. May move things about, too. */
  onAir: (exchange: number) => AirFault | null;
  /** Answers of the reader with a wrong checksum; only the RC-S380 has one. */
  wrongChecksums: number;
  /** Answers of the reader that lack their last three bytes. */
  truncatedReplies: number;
  /** Answers that come only when the next command is sent, before its own. */
  lateReplies: number;
  /** Commands that are carried out, and never answered. */
  lostReplies: number;
  /** Commands that the reader refuses. */
  refusals: number;
  /** RC-S380: commands answered by an error frame. */
  errorFrames: number;
  /** RC-S380: commands that are not acknowledged. */
  missingAcks: number;
  /** RC-S380: the answer of a command that the host cancelled comes before that of the next one. */
  staleAfterCancel: boolean;
  /** RC-S300: commands that find its slot busy. */
  slotBusy: number;
  /** RC-S300: time extensions before the next answer. */
  timeExtensions: number;
  /** RC-S300: an element with a tag that nobody knows stands before the status of each answer. */
  unknownElements: boolean;
  /** RC-S300: milliseconds without a command after which the transparent session is gone. */
  sessionIdleMs: number | null;
  /** No card is found any more until the reader is reset or opened again. */
  stopsDetecting: boolean;
  /** How bulk IN cuts: as sent, an acknowledgement together with its answer, or pieces of this many bytes. */
  pieces: 'as-sent' | 'glued' | number;
  /** A kernel driver or another program holds the interface. */
  heldByOther: boolean;
}

/** The counts among the faults. */
export type CountedFault = {
  [Name in keyof FelicaFaults]: FelicaFaults[Name] extends number ? Name : never;
}[keyof FelicaFaults];

export function noFelicaFaults(): FelicaFaults {
  return {
    onAir: () => null,
    wrongChecksums: 0,
    truncatedReplies: 0,
    lateReplies: 0,
    lostReplies: 0,
    refusals: 0,
    errorFrames: 0,
    missingAcks: 0,
    staleAfterCancel: false,
    slotBusy: 0,
    timeExtensions: 0,
    unknownElements: false,
    sessionIdleMs: null,
    stopsDetecting: false,
    pieces: 'as-sent',
    heldByOther: false,
  };
}

/** Whether this one goes wrong: takes one off the count. */
export function happens(faults: FelicaFaults, name: CountedFault): boolean {
  if (faults[name] <= 0) return false;
  faults[name] -= 1;
  return true;
}

const AIR_FAULTS: readonly AirFault[] = ['lost', 'crc', 'collision', 'field-drop', 'truncated'];

/** Faults of the air drawn for each exchange: `share` of them go wrong, from 0 to 1, all kinds alike. */
export function randomAirFaults(random: () => number, share: number): () => AirFault | null {
  return () => {
    if (random() >= share) return null;
    return AIR_FAULTS[Math.floor(random() * AIR_FAULTS.length)] ?? null;
  };
}

/** The same numbers from 0 up to 1 for the same seed, for tests that must be repeatable (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
