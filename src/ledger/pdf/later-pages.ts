import { byteCount } from '../byte-count.js';
import type { Certificate, SignedCertificate } from '../certificate-schema.js';
import { GREY, INK, INNER, LINE, MARGIN, PAGE, PALE, type Paper } from './paper.js';
import { japanTime } from './wording.js';

/** What must not be taken for proved, with the bytes that evidence names. */
export function drawNotProved(paper: Paper, { notProved, evidence }: Certificate): void {
  paper.heading(
    `証明していないこと (${notProved.length})`,
    'Not proved: do not take these for erased',
    60,
  );
  const [leftWidth, x] = [INNER * 0.6, MARGIN + INNER * 0.66];
  const width = INNER * 0.34;
  for (const { ja, en, ranges, evidence: places } of notProved) {
    const [big, small] = [
      { size: 8.2, width: leftWidth },
      { size: 6.3, width: leftWidth, colour: GREY },
    ];
    const noted = ranges.map(({ what, start, bytes, evidence: place }) => {
      const from = start === null ? '' : ` @ ${start.toLocaleString('en-US')}`;
      return `#${place} ${what}${from}: ${byteCount(bytes)}`;
    });
    const methods = places.map((place) => `#${place} ${evidence[place]?.method ?? ''}`);
    const notes = (noted.length > 0 ? noted : methods).slice(0, 4);
    const left = paper.height(ja, big) + paper.height(en, small) + 6;
    const height = Math.max(left, notes.length * 9.2 + 5);
    paper.room(height);
    dash(paper, MARGIN + 1, paper.y + 4);
    const used = paper.text(ja, MARGIN + 15, paper.y, big);
    paper.text(en, MARGIN + 15, paper.y + used, small);
    for (const [at, note] of notes.entries()) {
      paper.text(note, x, paper.y + 0.5 + at * 9.2, { size: 6.3, width, lines: 1 });
    }
    paper.y += height;
    paper.rule(paper.y - 3, LINE, 0.3);
  }
}

function dash(paper: Paper, x: number, y: number): void {
  paper.doc
    .lineWidth(1.4)
    .moveTo(x + 0.5, y)
    .lineTo(x + 8, y)
    .stroke(GREY);
}

/** Who worked, and the slots that people fill in by hand. */
export function drawPeople(paper: Paper, { japan, verification, validation }: Certificate): void {
  const height = 84;
  paper.heading('担当', 'People', height);
  const slots = [
    ['作業者 Erased by', japan.worker, japan.workplace],
    ['確認者 Verified by (別の人 another person)', japan.confirmer, verification.rule.ja],
    [
      '受入判定 Validated by',
      validation.performedBy.name,
      '可 / 再作業 / 上申 / 破壊  accept / repeat / escalate / destroy',
    ],
    [
      '依頼者 Client',
      japan.client,
      `古物台帳番号 Ledger no.  ${japan.kobutsuLedgerNumber ?? '＿＿＿＿＿＿'}`,
    ],
  ] as const;
  const [column, row] = [INNER / 2, 40];
  for (const [at, [name, value, note]] of slots.entries()) {
    const x = MARGIN + (at % 2) * column;
    const y = paper.y + Math.floor(at / 2) * (row + 2);
    const width = column - 18;
    paper.doc.rect(x, y, column - 6, row - 2).fill(PALE);
    paper.text(name, x + 6, y + 4, { size: 6.3, width, colour: GREY, lines: 1 });
    paper.text(value ?? '', x + 6, y + 13, { size: 9, width: width * 0.55, bold: true, lines: 1 });
    paper.text('署名・日付 Signature, date', x + 6 + width * 0.58, y + 14, {
      size: 5.5,
      width: width * 0.42,
      colour: GREY,
      lines: 1,
    });
    paper.doc
      .moveTo(x + 6, y + 26)
      .lineTo(x + column - 12, y + 26)
      .lineWidth(0.4)
      .stroke(GREY);
    paper.text(note ?? '', x + 6, y + 28.5, { size: 5.6, width, colour: GREY, lines: 1 });
  }
  paper.y += height;
}

const COLUMNS = [18, 100, 72, 30, 192, 0] as const;

/** Every observed fact in one line each; the JSON file has their values. */
export function drawEvidence(paper: Paper, { evidence }: Certificate): void {
  paper.heading(
    `証拠の一覧 (${evidence.length})`,
    'All evidence; the values are in the JSON file',
    40,
  );
  drawRow(paper, ['#', '種類 kind', '工程 stage', '成立', '方法 method', '日時 time'], GREY);
  for (const [at, fact] of evidence.entries()) {
    if (paper.room(9.4)) {
      drawRow(paper, ['#', '種類 kind', '工程 stage', '成立', '方法 method', '日時 time'], GREY);
    }
    if (at % 2 === 0) paper.doc.rect(MARGIN, paper.y - 1.4, INNER, 9.4).fill(PALE);
    const holds = fact.holds ? 'yes' : 'NO';
    const cells = [String(at), fact.kind, fact.stage, holds, fact.method, japanTime(fact.at)];
    drawRow(paper, cells, fact.holds ? INK : '#A3161F');
  }
}

function drawRow(paper: Paper, cells: readonly string[], colour: string): void {
  let x = MARGIN + 3;
  for (const [at, cell] of cells.entries()) {
    const width = COLUMNS[at] || PAGE.width - MARGIN - x;
    paper.text(cell, x, paper.y, { size: 6, width: width - 4, colour, lines: 1 });
    x += width;
  }
  paper.y += 9.4;
}

/** On every page: what it was made by, what it hangs on, and that the JSON file is what counts. */
export function drawFoot(
  paper: Paper,
  signed: SignedCertificate,
  of: { page: number; pages: number },
): void {
  const { tool, ledger, run, sanitization, r2v3 } = signed.certificate;
  const y = PAGE.height - 46;
  paper.rule(y, LINE, 0.5);
  const made = `${tool.name} ${tool.version} · policy ${tool.policyVersion} · Ed25519 key ${signed.signature.keyId} · ledger ${ledger.seq} ${ledger.hash.slice(0, 16)}… · ${run.id}`;
  const counts = [
    '正本は署名付きJSONファイルで、この紙面はその写しです。QRコードのSHA-256と照合してください。',
    'The signed JSON file is what counts; check it against the SHA-256 in the QR code.',
  ];
  const width = INNER - 40;
  paper.text(made, MARGIN, y + 5, { size: 5.8, width, colour: GREY, lines: 1 });
  paper.text(counts.join('  '), MARGIN, y + 14, { size: 5, width, colour: GREY, lines: 1 });
  const caveat = of.page === 1 ? sanitization.caveat.ja : `${r2v3.sampling.ja} ${r2v3.sampling.en}`;
  paper.text(caveat, MARGIN, y + 23, { size: 5, width, colour: GREY, lines: 2 });
  const number = `${of.page} / ${of.pages}`;
  paper.text(number, PAGE.width - MARGIN - 36, y + 5, {
    size: 8,
    width: 36,
    align: 'right',
    bold: true,
  });
}
