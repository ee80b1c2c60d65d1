import {
  type FoundNode,
  type FoundSystem,
  inventoryOf,
} from '../erasure-engines/felica/findings.js';
import type { FelicaVerdict, FelicaVerdictName } from '../erasure-engines/felica/judge-felica.js';
import { hex16 } from '../erasure-engines/felica/labels.js';
import { FELICA_NOTES, FELICA_REASONS } from '../erasure-engines/felica/reasons.js';
import type { SurveyReport } from '../erasure-engines/felica/survey-report.js';

interface Words {
  readonly ja: string;
  readonly en: string;
}

const VERDICTS: Readonly<Record<FelicaVerdictName, Words>> = {
  CLEAR: { ja: '残存なし', en: 'nothing is left' },
  CLEAR_RF: { ja: '無線で見える範囲で残存なし', en: 'nothing is left that the air can show' },
  CLEAR_INITIAL: { ja: '初期状態', en: 'the chip is in its initial state' },
  RESIDUAL: { ja: '残存あり', en: 'something is left' },
  INCONCLUSIVE: { ja: '判定できない', en: 'not decided' },
  NO_CHIP_RESPONSE: { ja: 'チップの応答なし', en: 'no chip answers' },
  WRONG_TARGET: { ja: '端末ではない', en: 'this is no handset' },
  'covered-by-reset': { ja: '端末の消去に含まれる', en: 'covered by the erase of the handset' },
};

/** What a survey found and what that is worth, for whoever stands at the desk, in Japanese and English. */
export function surveyText(report: SurveyReport, verdict: FelicaVerdict): string {
  const lines = [
    `リーダー / Reader   ${report.reader.name}${report.reader.serial ? ` (${report.reader.serial})` : ''}`,
    ...chipLines(report),
    ...inventoryOf(report).flatMap(systemLines),
    '',
    `判定 / Verdict   ${verdict.verdict}   ${VERDICTS[verdict.verdict].ja} / ${VERDICTS[verdict.verdict].en}`,
    ...verdict.reasons.flatMap((reason) => pair('-', FELICA_REASONS[reason])),
    ...verdict.notes.flatMap((note) => pair('*', FELICA_NOTES[note])),
    '',
    verdict.limits.ja,
    verdict.limits.en,
  ];
  return `${lines.join('\n')}\n`;
}

function pair(mark: string, { ja, en }: Words): readonly string[] {
  return [`  ${mark} ${ja}`, `    ${en}`];
}

function chipLines({ runs }: SurveyReport): readonly string[] {
  const run = runs.find(({ chip }) => chip !== null);
  if (!run?.chip) return ['チップ / Chip       応答なし / no answer'];
  const { ic, name } = run.chip;
  const model = run.identity.model === null ? '' : `, ${run.identity.model}`;
  const code = ic.toString(16).toUpperCase().padStart(2, '0');
  return [
    `チップ / Chip       ${name ?? '?'} (IC ${code})${model}`,
    `状態 / State        ${runs.map(({ state }) => state).join(', ')}`,
    `検査 / Runs         ${runs.map(({ exchanges, faults }) => `${exchanges} (${faults} faults)`).join(', ')}`,
  ];
}

function systemLines(system: FoundSystem): readonly string[] {
  const { code, label, areas, services, usedBlocks, nodes, isResidue } = system;
  const used = usedBlocks === null ? '' : `, ${usedBlocks} ブロック使用 / blocks used`;
  const counts = `エリア / areas ${areas}, サービス / services ${services}${used}`;
  const head = `${isResidue ? '!' : ' '} ${hex16(code)} ${label ?? 'システム / system'}: ${counts}`;
  return isResidue ? [head, ...nodes.map(nodeLine)] : [head];
}

function nodeLine({ code, endCode, label, seenBy }: FoundNode): string {
  const range = endCode === null ? hex16(code) : `${hex16(code)}-${hex16(endCode)}`;
  return `      ${range.padEnd(10)} ${(label ?? '').padEnd(12)} ${seenBy.join(', ')}`;
}
