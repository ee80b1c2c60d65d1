import { createRequire } from 'node:module';
import PdfDocument from 'pdfkit';

type Doc = InstanceType<typeof PdfDocument>;

export const MARGIN = 42;
export const PAGE = { width: 595.28, height: 841.89 } as const;
export const INNER = PAGE.width - 2 * MARGIN;
const BOTTOM = PAGE.height - 52;

export const INK = '#16202A';
export const GREY = '#5C6873';
export const LINE = '#CBD3DA';
export const PALE = '#F2F5F7';

/** How one piece of text is set: sizes and widths in points. */
export interface Setting {
  readonly size: number;
  readonly width: number;
  readonly bold?: boolean;
  readonly colour?: string;
  readonly align?: 'left' | 'right' | 'center';
  /** At most this many lines; the rest is cut with an ellipsis. */
  readonly lines?: number;
}

export interface PaperInfo {
  readonly title: string;
  readonly author: string;
  readonly created: Date;
}

/** One A4 document with a hand that moves down the page. Coordinates in points from the top left. */
export class Paper {
  readonly doc: Doc;
  y = MARGIN;
  readonly #finished: Promise<Uint8Array>;

  constructor(info: PaperInfo) {
    this.doc = new PdfDocument({
      size: 'A4',
      // pdfkit would break pages by itself inside its margins; `room` does it where a row may be broken.
      margin: 0,
      bufferPages: true,
      lang: 'ja-JP',
      info: {
        Title: info.title,
        Author: info.author,
        CreationDate: info.created,
        ModDate: info.created,
      },
    });
    const require = createRequire(import.meta.url);
    const font = (name: string) => require.resolve(`@expo-google-fonts/biz-udpgothic/${name}`);
    this.doc.registerFont('regular', font('400Regular/BIZUDPGothic_400Regular.ttf'));
    this.doc.registerFont('bold', font('700Bold/BIZUDPGothic_700Bold.ttf'));
    this.#finished = collect(this.doc);
  }

  /** Draws text and returns its height. */
  text(raw: string, x: number, y: number, setting: Setting): number {
    const { size, width, align = 'left', colour = INK } = setting;
    this.doc
      .font(setting.bold ? 'bold' : 'regular')
      .fontSize(size)
      .fillColor(colour);
    const said = printable(raw);
    const whole = this.#measure(said, setting);
    const height = setting.lines ? Math.min(whole, setting.lines * this.#lineHeight(size)) : whole;
    const cut = height < whole ? { height: height - 0.1, ellipsis: '…' } : {};
    this.doc.text(said, x, y, { width, align, lineGap: gap(size), ...cut });
    return height;
  }

  height(raw: string, setting: Setting): number {
    this.doc.font(setting.bold ? 'bold' : 'regular').fontSize(setting.size);
    const whole = this.#measure(printable(raw), setting);
    return setting.lines ? Math.min(whole, setting.lines * this.#lineHeight(setting.size)) : whole;
  }

  rule(y: number, colour = LINE, weight = 0.5): void {
    this.doc
      .moveTo(MARGIN, y)
      .lineTo(PAGE.width - MARGIN, y)
      .lineWidth(weight)
      .stroke(colour);
  }

  /** Goes to a new page where fewer than `height` points are left. True when it did. */
  room(height: number): boolean {
    if (this.y + height <= BOTTOM) return false;
    this.doc.addPage();
    this.y = MARGIN;
    return true;
  }

  /** A section heading in both languages. */
  heading(ja: string, en: string, needs: number): void {
    this.room(needs + 28);
    this.y += 12;
    this.text(ja, MARGIN, this.y, { size: 11, width: INNER, bold: true });
    const offset = this.doc.font('bold').fontSize(11).widthOfString(ja);
    this.text(en, MARGIN + offset + 8, this.y + 3, { size: 7.5, width: 300, colour: GREY });
    this.y += 17;
    this.rule(this.y, INK, 0.8);
    this.y += 5;
  }

  /** Calls `draw` for each page, then ends the document. */
  finish(draw: (page: number, pages: number) => void): Promise<Uint8Array> {
    const { count } = this.doc.bufferedPageRange();
    for (let page = 0; page < count; page += 1) {
      this.doc.switchToPage(page);
      draw(page + 1, count);
    }
    this.doc.end();
    return this.#finished;
  }

  #measure(said: string, { size, width }: Setting): number {
    return this.doc.heightOfString(said, { width, lineGap: gap(size) });
  }

  #lineHeight(size: number): number {
    return this.doc.currentLineHeight(true) + gap(size);
  }
}

// The font's own line spacing is tight.
function gap(size: number): number {
  return size * 0.28;
}

// What the font can set, left to right. The rest would be measured wrongly and run out of its column.
const FOREIGN =
  /[^\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Common}]/gu;

/** Text from a handset or a person as it may be drawn: one line, nothing that reorders or hides, at most 400 units. */
export function printable(raw: string): string {
  return raw
    .slice(0, 400)
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(FOREIGN, '〓')
    .trim();
}

function collect(doc: Doc): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  return new Promise((resolve, reject) => {
    doc.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    doc.on('end', () => resolve(Buffer.concat(chunks)));
    doc.on('error', reject);
  });
}
