import { airTimeMs, type Kbps } from './chip/air-time.js';
import type { AirAnswer } from './chip/felica-chip.js';
import type { RfTarget } from './target.js';

/** What came of one frame on the air, and the milliseconds that it took. */
export type AirOutcome =
  | { readonly kind: 'answer'; readonly frame: Uint8Array; readonly ms: number }
  | { readonly kind: 'silence' | 'crc' | 'collision' | 'field-lost'; readonly ms: number };

/** One frame with its length byte. `timeoutMs` is how long the reader listens; it may be infinite. */
export interface AirCommand {
  readonly frame: Uint8Array;
  readonly kbps: Kbps;
  readonly timeoutMs: number;
}

/** Two answers at once cannot be told apart. */
function isCovered(first: AirAnswer, second: AirAnswer | undefined, kbps: Kbps): boolean {
  return (
    second !== undefined && second.afterMs < first.afterMs + airTimeMs(first.frame.length, kbps)
  );
}

/** The field of one reader, and what lies in it. */
export class RfField {
  readonly #targets = new Set<RfTarget>();
  #isOn = false;

  get isOn(): boolean {
    return this.#isOn;
  }

  get targets(): readonly RfTarget[] {
    return [...this.#targets];
  }

  put(target: RfTarget): void {
    this.#targets.add(target);
  }

  take(target: RfTarget): void {
    if (this.#targets.delete(target)) target.fieldLost();
  }

  switchOn(): void {
    this.#isOn = true;
  }

  switchOff(): void {
    this.#isOn = false;
    for (const target of this.#targets) target.fieldLost();
  }

  /** Sends a frame to everything in the field. Takes no time: who asked waits for `ms`. */
  exchange({ frame, kbps, timeoutMs }: AirCommand): AirOutcome {
    if (!this.#isOn) return { kind: 'field-lost', ms: 0 };
    const sentMs = airTimeMs(frame.length, kbps);
    const [first, second] = this.targets
      .flatMap((target) => target.answer(frame) ?? [])
      .toSorted((one, other) => one.afterMs - other.afterMs);
    if (!first || first.afterMs > timeoutMs) return { kind: 'silence', ms: sentMs + timeoutMs };
    const ms = sentMs + first.afterMs + airTimeMs(first.frame.length, kbps);
    if (isCovered(first, second, kbps)) return { kind: 'collision', ms };
    return { kind: 'answer', frame: first.frame, ms };
  }
}
