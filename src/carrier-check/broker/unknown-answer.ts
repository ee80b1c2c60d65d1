import type { CarrierAnswer, CarrierSource, LookUpOutcome } from '../answer.js';

/** Every outcome that brings no mark. */
export type Trouble = Exclude<LookUpOutcome, 'ok'>;

/** An answer for a look-up that brought no mark. `now` is ms since the epoch. */
export function unknownAnswer(
  { carrier, source }: Pick<CarrierSource, 'carrier' | 'source'>,
  imei: string,
  outcome: Trouble,
  now: number,
): CarrierAnswer {
  return {
    carrier,
    imei,
    mark: 'unknown',
    outcome,
    rawGlyph: null,
    rawText: null,
    source,
    checkedAt: new Date(now).toISOString(),
    evidence: null,
    scope: 'unknown',
  };
}
