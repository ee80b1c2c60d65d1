import iconv from 'iconv-lite';
import type { Carrier, PrintedMark } from '../../../src/carrier-check/marks.js';
import type { CarrierPage } from '../../../src/carrier-check/parse/page.js';

export const IMEI = '350000000000014';

/** All marks with their meaning, as a carrier's guide prints them. */
export const LEGEND = `<table class="guide"><tr><td>○</td><td>制限なし</td></tr><tr><td>△</td><td>可能性あり</td></tr>
<tr><td>×</td><td>制限中</td></tr><tr><td>－</td><td>登録なし</td></tr></table><p>○△×－の意味</p>`;

const GLYPHS: Readonly<Record<Carrier, Readonly<Record<PrintedMark, string>>>> = {
  docomo: { circle: '○', triangle: '△', cross: '×', dash: '－' },
  kddi: { circle: '○', triangle: '▲', cross: '×', dash: '－' },
  softbank: { circle: '○', triangle: '▲', cross: '×', dash: '－' },
  rakuten: { circle: '\u26AA\uFE0E', triangle: '△', cross: '×', dash: '-' },
  mineo: { circle: '◯', triangle: '△', cross: '✕', dash: 'ー' },
};

const DOCOMO_WORDS: Readonly<Record<PrintedMark, string>> = {
  circle: 'ネットワーク利用制限の対象外です。',
  triangle: '利用できますが、代金債務の不履行等により利用制限となる可能性があります。',
  cross: '利用制限中です。',
  dash: 'IMEI（製造番号）が確認できません。',
};

const RESULTS: Readonly<Record<Carrier, (glyph: string, mark: PrintedMark) => string>> = {
  docomo: (glyph, mark) =>
    `<div class="result-panel">${IMEI}</div><div class="result-panel">${glyph}<br>${DOCOMO_WORDS[mark]}</div>`,
  kddi: (glyph) =>
    `<ul><li class="list_item"><p class="list_heading">IMEI</p><p class="list_details">${IMEI}</p></li>
<li class="list_item"><p class="list_heading">ネットワーク利用制限の状態</p><p class="list_details">${glyph} データの説明</p></li></ul>`,
  softbank: (glyph) => `<p><font size="8" color="#666666">${glyph}</font></p>`,
  rakuten: (glyph) => `<div id="search-result">${glyph}</div>`,
  mineo: (glyph) =>
    `<table class="table_basic01"><tr><th>端末</th><td>${IMEI}</td></tr><tr><th>状態</th><td>${glyph}<br>ネットワーク</td></tr></table>`,
};

/** The charset that each fixture is written in. */
export const CHARSETS: Readonly<Record<Carrier, string>> = {
  docomo: 'Shift_JIS',
  kddi: 'UTF-8',
  softbank: 'Shift_JIS',
  rakuten: 'UTF-8',
  mineo: 'UTF-8',
};

/** The HTML of a result page; the glyph may be told, and so may what stands before the result. */
export function resultHtml(
  carrier: Carrier,
  mark: PrintedMark,
  { glyph = GLYPHS[carrier][mark], before = '' } = {},
): string {
  return `<!DOCTYPE html><html><head><meta charset="${CHARSETS[carrier]}"><title>ネットワーク利用制限</title></head>
<body><h1>ネットワーク利用制限の確認</h1>${before}<div id="main">${RESULTS[carrier](glyph, mark)}</div></body></html>`;
}

/** The page in the bytes of its charset; the reply says nothing about it, as old sites do. */
export function asPage(
  html: string,
  charset: string,
  changes: Partial<CarrierPage> = {},
): CarrierPage {
  return {
    status: 200,
    contentType: 'text/html',
    body: iconv.encode(html, charset),
    url: 'http://carrier.invalid/result',
    ...changes,
  };
}

/** A JSON reply. */
export function jsonPage(document: unknown, changes: Partial<CarrierPage> = {}): CarrierPage {
  return {
    status: 200,
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify(document)),
    url: 'https://carrier.invalid/imei',
    ...changes,
  };
}
