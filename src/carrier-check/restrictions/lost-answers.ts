import type { Carrier } from '../marks.js';
import type { RestrictionPages } from './restriction-book.js';

/** An answer that lost its trust at a time, in ms since the epoch. */
export interface Revocation {
  readonly at: number;
  readonly imei: string;
}

/** What one loss of trust takes from the ledger: the IMEIs concerned and the `seq` of the entries. */
export interface LostAnswers {
  readonly at: number;
  readonly imeis: readonly string[];
  readonly answers: readonly number[];
}

/**
 * Which entries lost their trust, by time; what was written down as lost is not in it. An IMEI that is named twice was
 * looked up twice since the canaries were read right, so its two latest look-ups are lost.
 */
export function lostAnswers(
  pages: Pick<RestrictionPages, 'isWithdrawn' | 'askedUntil'>,
  carrier: Carrier,
  revocations: readonly Revocation[],
): readonly LostAnswers[] {
  const times = [...new Set(revocations.map(({ at }) => at))].sort((a, b) => a - b);
  const lost: LostAnswers[] = [];
  for (const at of times) {
    const time = new Date(at).toISOString();
    const named = revocations.filter((one) => one.at === at).map(({ imei }) => imei);
    const entries = [...new Set(named)]
      .filter((imei) => !pages.isWithdrawn({ imei, carrier }, time))
      .flatMap((imei) => {
        const known = pages.askedUntil({ imei, carrier }, time);
        const looks = named.filter((one) => one === imei).length;
        // One look-up can stand here more than once: every run that used its answer has written it down.
        const checks = [...new Set(known.map(({ checkedAt }) => checkedAt))].slice(0, looks);
        return known
          .filter(({ checkedAt }) => checks.includes(checkedAt))
          .map(({ seq }) => ({ imei, seq }));
      });
    if (entries.length === 0) continue;
    const imeis = [...new Set(entries.map(({ imei }) => imei))];
    lost.push({ at, imeis, answers: entries.map(({ seq }) => seq) });
  }
  return lost;
}
