import type { Evidence, JsonObject } from '../evidence.js';
import { placesOf } from './certificate-evidence.js';
import type { CertificateFacts } from './certificate-facts.js';
import type { Both, Certificate } from './certificate-schema.js';

type CarrierChecks = Certificate['carrierChecks'];
type CarrierMark = CarrierChecks['marks'][number];

const MARKS = ['circle', 'triangle', 'cross', 'dash', 'unknown'] as const;
const GLYPHS: Readonly<Record<CarrierMark['mark'], string>> = {
  circle: '○',
  triangle: '△',
  cross: '×',
  dash: '－',
  unknown: '?',
};

/** What came in the way of a mark, for people. */
const TROUBLE = new Map<string, Both>([
  ['captcha', { ja: '画像認証が求められた', en: 'a captcha was asked for' }],
  ['parser-drift', { ja: '確認サイトの表示を読めなかった', en: 'the page could not be read' }],
  ['rate-limited', { ja: '照会が制限された', en: 'look-ups were limited' }],
  ['maintenance', { ja: '確認サイトが保守中', en: 'the site was under maintenance' }],
  ['http-error', { ja: '確認サイトが応答しなかった', en: 'the site did not answer' }],
  ['not-applicable', { ja: '照会の対象外', en: 'not applicable' }],
  [
    'skipped',
    { ja: '照会していないか、時間内に答えがなかった', en: 'not asked, or no answer in time' },
  ],
]);

/** The newest mark of each carrier and number with its source and time, the rules that were applied, and what it all says. */
export function carrierChecksOf({ evidence }: CertificateFacts): CarrierChecks {
  const marks = newestMarks(evidence);
  const decided = evidence.findLast(({ kind }) => kind === 'restriction-decided')?.value;
  const status = statusOf(evidence, marks);
  return {
    status,
    marks,
    aggregate: text(decided?.['aggregate']),
    policy: policyOf(decided),
    ...wordsOf(status, marks),
  };
}

/** Carriers that gave no mark, with the reason, as one line each language; null where all gave one. */
function unknownMarks(marks: readonly CarrierMark[]): Both | null {
  const unknown = marks.filter(({ mark }) => mark === 'unknown');
  if (unknown.length === 0) return null;
  const said = (language: keyof Both) =>
    unknown
      .map(({ carrier, outcome }) => `${carrier}: ${TROUBLE.get(outcome)?.[language] ?? outcome}`)
      .join(language === 'ja' ? '、' : ', ');
  return { ja: said('ja'), en: said('en') };
}

function newestMarks(evidence: readonly Evidence[]): CarrierMark[] {
  const newest = new Map<string, CarrierMark>();
  for (const place of placesOf(evidence, 'carrier-mark')) {
    const fact = evidence[place];
    const { carrier, imei, source, outcome, by } = fact?.value ?? {};
    if (!fact || typeof carrier !== 'string') continue;
    // A word that is no mark says nothing.
    const mark = MARKS.find((known) => known === fact.value['mark']) ?? 'unknown';
    newest.set(`${carrier} ${imei ?? ''}`, {
      ...{ carrier, mark, imei: text(imei) },
      glyph: GLYPHS[mark],
      outcome: text(outcome) ?? 'ok',
      source: text(source) ?? fact.method,
      by: text(by),
      checkedAt: text(fact.value['checkedAt']) ?? fact.at,
      scope: text(fact.value['scope']),
      parser: text(fact.value['parser']),
      sha256: text(fact.value['sha256']),
      evidence: place,
    });
  }
  return [...newest.values()];
}

function statusOf(
  evidence: readonly Evidence[],
  marks: readonly CarrierMark[],
): CarrierChecks['status'] {
  if (marks.some(({ mark }) => mark === 'unknown')) return 'incomplete';
  if (marks.length > 0) return 'checked';
  const skipped = evidence.findLast(({ kind }) => kind === 'carrier-check-skipped');
  return skipped?.holds && skipped.value['outcome'] === 'not-applicable'
    ? 'not-applicable'
    : 'not-checked';
}

function wordsOf(status: CarrierChecks['status'], marks: readonly CarrierMark[]): Both {
  if (status === 'not-checked')
    return {
      ja: 'ネットワーク利用制限は確認していない。',
      en: 'Network restriction was not checked.',
    };
  if (status === 'not-applicable')
    return {
      ja: '通信機能のない端末のため、ネットワーク利用制限の対象外。',
      en: 'The handset has no modem: network restriction does not apply.',
    };
  const parts: Both[] = [
    {
      ja: '判定は、それぞれの確認日時に示されたその時点のもので、将来を保証しない。',
      en: 'Each mark is what its source said at that moment; it may change at any time.',
    },
  ];
  const unknown = unknownMarks(marks);
  if (unknown)
    parts.push({
      ja: `判定が得られなかったもの(○ではない) ${unknown.ja}。`,
      en: `No mark, which is no ○: ${unknown.en}.`,
    });
  if (marks.every(({ mark }) => mark === 'dash'))
    parts.push({
      ja: 'どの会社にも登録がない(SIMフリーまたは未登録)。○ではない。',
      en: 'No carrier has it in its books (SIM-free or not registered); that is no ○.',
    });
  if (marks.some(({ source, outcome }) => source === 'manual' && outcome === 'ok'))
    parts.push({
      ja: '人が入力した判定は、その人の申告である。',
      en: 'A mark that a person entered is that person’s statement.',
    });
  return {
    ja: parts.map(({ ja }) => ja).join(''),
    en: parts.map(({ en }) => en).join(' '),
  };
}

function policyOf(decided: JsonObject | undefined): CarrierChecks['policy'] {
  const policy = decided?.['policy'] as JsonObject | undefined;
  const [version, sha256] = [text(policy?.['version']), text(policy?.['sha256'])];
  return version !== null && sha256 !== null ? { version, sha256 } : null;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
