import { shortBytes } from './byte-count.js';
import { holds, placesOf } from './certificate-evidence.js';
import { placesOfSignals, resetSignals, type Seen } from './certificate-reset.js';
import type { Both, Overwrite } from './certificate-schema.js';

/**
 * What was overwritten besides an erase that destroys keys, how much of it was read back, and on which side of the
 * erase. A function of evidence alone, so that a verifier can work it out again.
 */
export function overwriteOf(evidence: readonly Seen[]): Overwrite {
  const done = holds(evidence, 'overwrite-written') && holds(evidence, 'overwrite-read-back');
  const skipped = !done && holds(evidence, 'overwrite-skipped');
  const written = last(evidence, 'overwrite-written');
  const percent = count(written?.value['coveragePercent']);
  return {
    result: done ? 'done' : skipped ? 'skipped' : 'not-established',
    when: done ? sideOf(evidence) : null,
    bytesWritten: done ? count(written?.value['bytes']) : null,
    percentOfFree: done && percent !== null && percent <= 100 ? percent : null,
    bytesReadBack: done ? count(last(evidence, 'overwrite-read-back')?.value['bytes']) : null,
    why: skipped ? word(last(evidence, 'overwrite-skipped')?.value['why']) : null,
    evidence: done
      ? placesOf(
          evidence,
          ...(['overwrite-planned', 'overwrite-written'] as const),
          ...(['overwrite-read-back', 'overwrite-removed'] as const),
        )
      : placesOf(evidence, 'overwrite-skipped'),
  };
}

/** An overwrite that was done, with its figures. */
export function overwriteWords(overwrite: Overwrite): Both {
  const { when, bytesWritten, percentOfFree, bytesReadBack } = overwrite;
  const [ja, en] = when === null ? ['', ''] : SIDES[when];
  const size = bytesWritten === null ? null : shortBytes(bytesWritten);
  const read =
    bytesReadBack === null || bytesReadBack === bytesWritten ? null : shortBytes(bytesReadBack);
  const inside = size ? { ja: `(${size})`, en: ` (${size})` } : { ja: '', en: '' };
  const where =
    percentOfFree === null
      ? { ja: `空き容量${inside.ja}`, en: `free space${inside.en}` }
      : {
          ja: `空き容量の${percentOfFree}%${inside.ja}`,
          en: `${percentOfFree}%${inside.en} of it`,
        };
  return {
    ja: `空き領域の上書き(補助${ja}): ${where.ja}に疑似乱数を1回書き込み、${read ? `${read}を` : '全量を'}読み戻して照合`,
    en: `Supplementary overwrite of free space${en}: one pass over ${where.en}, ${read ?? 'all of it'} read back and matched`,
  };
}

const SIDES = {
  'before-erase': ['・消去の前に実施', ', before the erase'],
  'after-erase': ['・消去の後に実施', ', after the erase'],
} as const;

const SKIPPED_BECAUSE = new Map<string, Both>([
  ['policy', { ja: '運用方針による', en: 'the policy says so' }],
  [
    'files-not-served',
    {
      ja: '端末がファイルの書き込みを受け付けず、運用方針が省略を認めている',
      en: 'the handset does not take files, and the policy allows to go on',
    },
  ],
]);

/** Why it was left out, for people; a word that is not known stands as it is. */
export function skippedBecause({ why }: Overwrite): Both {
  const unknown = { ja: why ?? '理由の記録なし', en: why ?? 'no reason on record' };
  return SKIPPED_BECAUSE.get(why ?? '') ?? unknown;
}

/** The side of the erase on which the last fill ended; null where no erase was seen. */
function sideOf(evidence: readonly Seen[]): Overwrite['when'] {
  const [erased] = placesOfSignals(evidence, resetSignals(evidence));
  const written = evidence.findLastIndex(({ kind }) => kind === 'overwrite-written');
  if (erased === undefined) return null;
  return written < erased ? 'before-erase' : 'after-erase';
}

function last(evidence: readonly Seen[], kind: string): Seen | undefined {
  return evidence.findLast((fact) => fact.kind === kind);
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

function word(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
