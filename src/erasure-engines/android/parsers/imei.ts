import { isImei } from '../../../imei.js';

const WORD = /^[0-9a-f]{8}$/i;
/** No IMEI answer is longer: an int32, a length and at most a message of a few hundred characters. */
const MAX_WORDS = 1024;

/**
 * The string in the answer of `service call`, or null for an exception, a null string or anything unreadable. Reads
 * the hex words, not the text column, which shows a dot for each NUL: int32 exception, int32 length, UTF-16LE
 * (AOSP android.os.Parcel; frameworks/native cmds/service).
 */
export function parcelString(answer: string): string | null {
  const opening = answer.indexOf('Parcel(');
  if (opening < 0) return null;
  const words = parcelWords(answer.slice(opening + 7, opening + 7 + 64 * 1024));
  const [exception, length] = words;
  if (exception !== 0 || length === undefined || length === 0 || length > 256) return null;
  const units = words.slice(2).flatMap((word) => [word & 0xffff, word >>> 16]);
  return units.length < length ? null : String.fromCharCode(...units.slice(0, length));
}

function parcelWords(body: string): number[] {
  const words: number[] = [];
  for (const line of body.split('\n')) {
    // The text column starts at the first quote and may itself look like hex.
    const hex = (line.split("'", 1)[0] ?? '').replace(/^[ \t]*0x[0-9a-f]{8}:/i, '');
    for (const token of hex.split(/\s+/)) {
      if (WORD.test(token) && words.length < MAX_WORDS) words.push(Number.parseInt(token, 16));
    }
  }
  return words;
}

/** One transaction of `iphonesubinfo` that may name an IMEI: `code` or `code:slot`. */
export type ImeiCall = `${number}` | `${number}:${number}`;

const ALL_CALLS: readonly ImeiCall[] = ['1', '3:0', '3:1', '4:0', '4:1', '5:0', '5:1'];

/**
 * The calls for an Android version, best first. AOSP IPhoneSubInfo.aidl: getDeviceIdForPhone was the third method
 * from API 22 to 29 and is the fourth since 30; makers insert methods of their own, so the others follow as drift.
 */
export function imeiCalls(sdk: number | null): {
  own: readonly ImeiCall[];
  drift: readonly ImeiCall[];
} {
  const own: readonly ImeiCall[] = (sdk ?? 0) >= 30 ? ['4:0', '4:1', '1'] : ['3:0', '3:1', '1'];
  return { own, drift: ALL_CALLS.filter((call) => !own.includes(call)) };
}

export interface ImeiFinding {
  readonly imeis: readonly string[];
  /** Which calls answered, such as `iphonesubinfo 4:0+4:1`; null when none did. */
  readonly source: string | null;
}

/**
 * Picks the IMEIs out of the answers by call. The drifted codes are looked at only when those of the version gave
 * nothing, since there another method may answer with an IMSI, which has 15 digits too: `notThese` are prefixes
 * (the SIM's operator code) and whole numbers that are certainly no IMEI.
 */
export function pickImeis(
  answers: ReadonlyMap<string, string>,
  sdk: number | null,
  notThese: readonly string[],
): ImeiFinding {
  const { own, drift } = imeiCalls(sdk);
  for (const calls of [own, drift]) {
    const found = new Map<string, string>();
    for (const call of calls) {
      const imei = parcelString(answers.get(call) ?? '');
      const foreign =
        calls === drift && notThese.some((prefix) => prefix !== '' && imei?.startsWith(prefix));
      if (imei !== null && isImei(imei) && !foreign && !found.has(imei)) found.set(imei, call);
    }
    if (found.size > 0) {
      return { imeis: [...found.keys()], source: `iphonesubinfo ${[...found.values()].join('+')}` };
    }
  }
  return { imeis: [], source: null };
}
