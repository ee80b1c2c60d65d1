import { CARRIERS, type Carrier, PRINTED_MARKS, type PrintedMark } from '../marks.js';

export const COLUMNS = ['imei', 'carrier', 'mark', 'checkedAt', 'by'] as const;
export type Column = (typeof COLUMNS)[number];

const HEADERS: Readonly<Record<Column, readonly string[]>> = {
  imei: ['imei', '製造番号', '端末製造番号', 'imei(製造番号)'],
  carrier: ['carrier', 'キャリア', '通信事業者', '携帯会社', '事業者'],
  mark: ['mark', '判定', '判定結果', '結果', '利用制限', 'ネットワーク利用制限'],
  checkedAt: ['checkedat', '確認日時', '確認日', '照会日時', '照会日'],
  by: ['by', '確認者', '照会者', '担当者', '担当'],
};

const CARRIER_NAMES: Readonly<Record<Carrier, readonly string[]>> = {
  docomo: ['docomo', 'ドコモ', 'nttドコモ', 'nttdocomo', 'ahamo'],
  kddi: ['kddi', 'au', 'uq', 'uqmobile'],
  softbank: ['softbank', 'ソフトバンク', 'ymobile', 'y!mobile', 'ワイモバイル', 'linemo'],
  rakuten: ['rakuten', '楽天', '楽天モバイル', 'rakutenmobile'],
  mineo: ['mineo', 'マイネオ'],
};

/** How people write the marks; a cell holds nothing else. */
const WRITTEN_MARKS: Readonly<Record<PrintedMark, string>> = {
  circle: '○◯〇⚪',
  triangle: '△▲',
  cross: '×✕✖x',
  dash: '-－−ー―‐',
};

const JAPAN_MS = 9 * 60 * 60 * 1000;
const LOCAL_TIME =
  /^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[ T]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?$/;
const ZONED_TIME =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,3})?)?(Z|[+-][0-9]{2}:[0-9]{2})$/;

/** Which column a heading names, in English or Japanese. */
export function columnOf(heading: string): Column | null {
  const name = plain(heading);
  return COLUMNS.find((column) => HEADERS[column].includes(name)) ?? null;
}

/** The carrier that a cell names: ours, or a brand whose handsets stand in the same books. */
export function carrierOf(cell: string): Carrier | null {
  const name = plain(cell);
  return CARRIERS.find((carrier) => CARRIER_NAMES[carrier].includes(name)) ?? null;
}

/** The mark that a cell is, as a glyph or by its English name. */
export function writtenMark(cell: string): PrintedMark | null {
  const bare = cell.replace(/[\uFE0E\uFE0F]/g, '').trim();
  const glyph = bare === 'X' || bare === 'Ｘ' || bare === 'ｘ' ? 'x' : bare;
  const word = PRINTED_MARKS.find((mark) => mark === bare.toLowerCase());
  if (word) return word;
  if ([...glyph].length !== 1) return null;
  return PRINTED_MARKS.find((mark) => WRITTEN_MARKS[mark].includes(glyph)) ?? null;
}

/** Ms since the epoch of a written time; one without a zone is of Japan, one without a clock is the day's beginning. */
export function writtenTime(cell: string): number | null {
  const text = cell.normalize('NFKC').trim();
  if (ZONED_TIME.test(text)) {
    const time = Date.parse(text);
    return Number.isNaN(time) ? null : time;
  }
  const found = LOCAL_TIME.exec(text);
  if (!found) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1)
    .map((part) => Number(part ?? 0));
  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  // A day that the month has not, or an hour that the day has not, would have moved on to the next.
  const fits =
    local.getUTCMonth() === month - 1 &&
    local.getUTCDate() === day &&
    local.getUTCHours() === hour &&
    local.getUTCMinutes() === minute &&
    local.getUTCSeconds() === second;
  return fits ? local.getTime() - JAPAN_MS : null;
}

function plain(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/[\s_・]/g, '')
    .toLowerCase();
}
