import { byteCount } from '../byte-count.js';
import type { Certificate } from '../certificate-schema.js';
import { GREY, INNER, LINE, MARGIN, PAGE, type Paper } from './paper.js';
import { drawQr } from './qr.js';
import { CARRIER_STATUS, japanTime, shippingLook, VERDICT_LOOK } from './wording.js';

const QR_SIZE = 74;

/** Title, run, issuer, and the QR code that ties the page to its JSON file. */
export function drawHead(paper: Paper, certificate: Certificate, sha256: string): void {
  const { title, run, japan, verdict, lane } = certificate;
  paper.doc.rect(0, 0, PAGE.width / 2, 7).fill(VERDICT_LOOK[verdict].colour);
  paper.doc.rect(PAGE.width / 2, 0, PAGE.width / 2, 7).fill(shippingLook(verdict, lane).colour);
  const width = INNER - QR_SIZE - 40;
  const top = MARGIN - 6;
  paper.text(title.ja, MARGIN, top, { size: 25, width, bold: true });
  paper.text(title.en, MARGIN, top + 35, { size: 11, width, colour: GREY });
  const rows = [
    [verdict === 'passed' ? '証明書番号 No.' : '記録番号 No.', run.id],
    ['判定日時 Settled', `${japanTime(run.settledAt)}  (${run.settledAt.slice(0, 19)}Z)`],
    [
      '発行者 Issuer',
      [japan.issuer, japan.workplace].filter(Boolean).join(' / ') || '＿＿＿＿＿＿＿＿',
    ],
  ];
  for (const [at, [name = '', value = '']] of rows.entries()) {
    const y = top + 57 + at * 12.5;
    paper.text(name, MARGIN, y, { size: 7, width: 82, colour: GREY, lines: 1 });
    paper.text(value, MARGIN + 84, y - 0.8, { size: 8, width: width - 84, lines: 1 });
  }
  const x = PAGE.width - MARGIN - QR_SIZE;
  drawQr(paper, `SARACHI1 ${run.id} ${sha256}`, { x, y: top + 2, size: QR_SIZE });
  const caption = { size: 5.2, width: QR_SIZE + 20, colour: GREY, align: 'right' } as const;
  paper.text(`SHA-256 ${sha256.slice(0, 16)}…`, x - 20, top + QR_SIZE + 6, caption);
  paper.y = top + 102;
}

/** Which handset, by everything that names it. */
export function drawDevice(paper: Paper, certificate: Certificate): void {
  const { device, carrierChecks, run } = certificate;
  paper.heading('端末', 'Handset', 90);
  const unknown = '不明 not known';
  const large = [
    ['機種 Model', [device.manufacturer, device.model].filter(Boolean).join(' ') || unknown],
    ['製造番号 Serial', device.serial ?? unknown],
    ['IMEI 1', device.imei1 ?? unknown],
    ['IMEI 2', device.imei2 ?? '－'],
  ];
  const column = INNER / 4;
  for (const [at, [name = '', value = '']] of large.entries()) {
    const x = MARGIN + at * column;
    paper.text(name, x, paper.y, { size: 6.5, width: column - 8, colour: GREY, lines: 1 });
    paper.text(value, x, paper.y + 10, { size: 10, width: column - 8, bold: true, lines: 1 });
  }
  paper.y += 28;
  const iphone = device.platform === 'apple';
  const small = [
    [
      'OS / Build',
      `${iphone ? 'iOS' : device.platform} ${device.osVersion ?? '?'} / ${device.build ?? '?'}`,
    ],
    ['容量 Storage', device.storageBytes === null ? unknown : byteCount(device.storageBytes)],
    ...(iphone
      ? [
          ['UDID', device.udid ?? unknown],
          ['ECID', device.ecid ?? unknown],
        ]
      : [['パッチ Patch', device.securityPatch ?? unknown]]),
    ['暗号化 Encryption', `${device.encryption} / ${device.mediaType}`],
    ['装置・ポート Rack, port', `${run.rack} / ${run.port} / USB ${run.usbPath}`],
  ];
  for (const [at, [name = '', value = '']] of small.entries()) {
    const x = MARGIN + (at % 2) * (INNER / 2);
    const y = paper.y + Math.floor(at / 2) * 13;
    paper.text(name, x, y, { size: 6.5, width: 82, colour: GREY, lines: 1 });
    paper.text(value, x + 84, y - 0.5, { size: 7.5, width: INNER / 2 - 92, lines: 1 });
  }
  paper.y += Math.ceil(small.length / 2) * 13;
  drawCarriers(paper, carrierChecks);
}

/** What each carrier said, when, by which source, and by which rules that was taken. */
function drawCarriers(
  paper: Paper,
  { marks, policy, ja, en, status }: Certificate['carrierChecks'],
): void {
  const said = marks.map(({ carrier, glyph, mark, source, checkedAt }) => {
    const word = mark === 'unknown' ? '不明' : glyph;
    // What one carrier said stays on one line.
    return `${carrier} ${word} ${source} ${checkedAt.slice(0, 10)}`.replaceAll(' ', '\u00a0');
  });
  const [x, width] = [MARGIN + 84, INNER - 90];
  paper.text('利用制限 Network', MARGIN, paper.y, { size: 6.5, width: 82, colour: GREY, lines: 1 });
  const line = said.join('   ') || CARRIER_STATUS[status];
  const style = { size: said.length > 4 ? 6.4 : 7.5, width, lines: 2 };
  paper.y += paper.text(line, x, paper.y - 0.5, style) + 0.5;
  const rules = policy ? `規則 Rules ${policy.version} ${policy.sha256.slice(0, 12)}…  ` : '';
  const small = { size: 5.4, width, colour: GREY, lines: 2 };
  paper.y += paper.text(`${rules}${ja}`, x, paper.y, small);
  paper.y += paper.text(en, x, paper.y, small);
}

/** Every statement that evidence supports, with how and when. */
export function drawProved(paper: Paper, { proved, verdict }: Certificate): void {
  const [ja, en] =
    verdict === 'passed'
      ? ['証明したこと', 'Proved, each by its own evidence']
      : ['確認できたこと', 'Observed before the end; together not enough for a pass'];
  paper.heading(`${ja} (${proved.length})`, en, 40);
  const [textWidth, methodX] = [INNER * 0.6, MARGIN + INNER * 0.66];
  const methodWidth = INNER * 0.34;
  for (const item of proved) {
    const methods = [...new Set(item.evidence.map(({ method }) => method))].join('; ');
    const times = item.evidence.at(-1)?.at ?? '';
    const places = item.evidence.map(({ index }) => `#${index}`).join(' ');
    const [big, small] = [
      { size: 8.2, width: textWidth },
      { size: 6.3, width: textWidth, colour: GREY },
    ];
    const height = paper.height(item.ja, big) + paper.height(item.en, small) + 6;
    paper.room(height);
    tick(
      paper,
      MARGIN + 1,
      paper.y + 1.5,
      verdict === 'passed' ? VERDICT_LOOK.passed.colour : GREY,
    );
    const used = paper.text(item.ja, MARGIN + 15, paper.y, big);
    paper.text(item.en, MARGIN + 15, paper.y + used, small);
    paper.text(methods, methodX, paper.y + 0.5, { size: 6.3, width: methodWidth, lines: 1 });
    const when = `${places}   ${japanTime(times)}`;
    paper.text(when, methodX, paper.y + used, {
      size: 6.3,
      width: methodWidth,
      colour: GREY,
      lines: 1,
    });
    paper.y += height;
    paper.rule(paper.y - 3, LINE, 0.3);
  }
}

function tick(paper: Paper, x: number, y: number, colour: string): void {
  paper.doc
    .lineWidth(1.4)
    .moveTo(x, y + 4)
    .lineTo(x + 3, y + 7.2)
    .lineTo(x + 8.5, y + 0.8)
    .stroke(colour);
}
