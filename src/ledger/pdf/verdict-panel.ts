import { skippedBecause } from '../certificate-overwrite.js';
import type { Certificate } from '../certificate-schema.js';
import { GREY, INNER, MARGIN, type Paper, type Setting } from './paper.js';
import { reasonWords } from './reason-words.js';
import { LANE_WORDS, shippingLook, VERDICT_LOOK, type VerdictLook } from './wording.js';

const BADGE = { height: 55, width: (INNER - 5) / 2 } as const;
const PADDING = 9;

/** A line of text; `gap`: how much is left free above it, in points. */
type Line = readonly [text: string, setting: Omit<Setting, 'width'>, gap?: number];

/** Whether it was erased and whether it may leave, side by side and as large as each other; under them, what that means. */
export function drawVerdict(paper: Paper, certificate: Certificate): void {
  const { verdict, lane } = certificate;
  const [look, shipping] = [VERDICT_LOOK[verdict], shippingLook(verdict, lane)];
  drawBadge(paper, MARGIN, look, '消去の判定 Erasure');
  drawBadge(paper, MARGIN + BADGE.width + 5, shipping, '出荷の判定 Shipping');
  paper.y += BADGE.height + 3;
  const width = INNER - 2 * PADDING;
  const lines = linesOf(certificate);
  const heights = lines.map(
    ([text, setting, gap = 0]) => paper.height(text, { ...setting, width }) + gap + 1,
  );
  const height = heights.reduce((sum, one) => sum + one, 0) + 2 * PADDING - 5;
  const pale = verdict === 'passed' ? shipping.pale : look.pale;
  paper.doc.roundedRect(MARGIN, paper.y, INNER, height, 4).fill(pale);
  let y = paper.y + PADDING - 2;
  for (const [at, [text, setting, gap = 0]] of lines.entries()) {
    paper.text(text, MARGIN + PADDING, y + gap, { ...setting, width });
    y += heights[at] ?? 0;
  }
  paper.y += height + 1;
}

function drawBadge(paper: Paper, x: number, look: VerdictLook, caption: string): void {
  const { y } = paper;
  paper.doc.roundedRect(x, y, BADGE.width, BADGE.height, 4).fill(look.colour);
  const white = { colour: '#FFFFFF', lines: 1 } as const;
  paper.text(caption, x + 7, y + 4, { size: 6.5, width: BADGE.width - 16, ...white });
  const centre = { width: BADGE.width, align: 'center', bold: true, ...white } as const;
  paper.text(look.ja, x, y + 14, { size: 22, ...centre });
  paper.text(look.en, x, y + 40, { size: 8.5, ...centre });
}

function linesOf(certificate: Certificate): Line[] {
  const { verdict, reasons } = certificate;
  const small = { size: 6, colour: GREY, lines: 2 } as const;
  const why = reasonWords(reasons);
  return [
    ...(verdict === 'passed' ? passedLines(certificate) : notPassedLines(certificate)),
    ...(reasons.length === 0
      ? []
      : [
          [`理由・注記: ${why.ja}`, { size: 7.5, lines: 2 }, 3] as const,
          [`Reasons: ${why.en}`, small] as const,
          [reasons.join('  '), { ...small, size: 5.4 }] as const,
        ]),
  ];
}

function passedLines({ verdict, lane, sanitization }: Certificate): Line[] {
  const { techniques, overwrite, standard, method } = sanitization;
  const shipping = shippingLook(verdict, lane);
  const way = LANE_WORDS[lane];
  const [big, small] = [
    { size: 7.5, lines: 2 },
    { size: 6, colour: GREY, lines: 2 },
  ] as const;
  const head: Line[] =
    lane === 'release'
      ? []
      : [
          [
            lane === 'attention'
              ? '消去は合格ですが、確認が済むまで出荷できません。'
              : `消去は合格ですが、この端末は出荷できません(行き先: ${way.ja})。`,
            { size: 11, bold: true, colour: shipping.colour, lines: 1 },
          ],
          [
            lane === 'attention'
              ? 'It was erased, but must not be shipped before a person has looked into it.'
              : `It was erased, but this handset must not be shipped: ${way.en}.`,
            { ...small, colour: shipping.colour },
          ],
        ];
  const why = overwrite?.result === 'skipped' ? skippedBecause(overwrite) : null;
  return [
    ...head,
    [
      `消去の方式  ${standard}  ${method}`,
      { size: 10, bold: true, colour: VERDICT_LOOK.passed.colour, lines: 1 },
      lane === 'release' ? 0 : 4,
    ],
    ...techniques.flatMap((one): Line[] => [
      [`${one.method}: ${one.ja}`, big],
      [`${one.method}: ${one.en}`, small],
    ]),
    ...(why
      ? ([
          [`上書き: 行っていない(${why.ja})`, big],
          [`Overwrite: none was done (${why.en})`, small],
        ] satisfies Line[])
      : []),
  ];
}

function notPassedLines({ verdict }: Certificate): Line[] {
  const { colour } = VERDICT_LOOK[verdict];
  return [
    ['この文書は消去の証明ではありません', { size: 12, bold: true, colour, lines: 1 }],
    ['端末のデータが消去されたとは確認できていません。', { size: 7.5, lines: 1 }],
    [
      'This document does not prove that the handset was erased.',
      { size: 6, colour: GREY, lines: 1 },
    ],
  ];
}
