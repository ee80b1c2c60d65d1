/**
 * Handset strings are hostile: a model name, serial or reply can hold anything. They pass through here where they
 * enter, so that the inside only ever sees short, printable text.
 */

/** The longest text that a handset may give for one field, in UTF-16 units. */
export const MAX_FIELD_LENGTH = 128;

// C0/C1 controls, DEL, bidirectional marks and overrides, zero-width characters, line separators, BOM,
// unassigned and private-use code points, lone surrogates, and letters that are drawn as nothing (Hangul fillers, blank Braille).
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\u2028\u2029\u115f\u1160\u2800\u3164\uffa0]/gu;
// Marks that hang on a letter: real scripts need a few, a tower of them is drawn over the neighbours' lines.
const TOWER = /(\p{M}{3})\p{M}+/gu;
const LOOSE_MARKS = /^\p{M}+/u;

/** One printable line of at most `limit` UTF-16 units; `null` when nothing printable is left. */
export function cleanField(raw: string, limit = MAX_FIELD_LENGTH): string | null {
  const printable = raw
    .slice(0, limit * 4)
    .replace(UNPRINTABLE, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(LOOSE_MARKS, '')
    .replace(TOWER, '$1')
    .trim();
  const capped = printable
    .slice(0, limit)
    .replace(/[\uD800-\uDBFF]$/u, '')
    .trim();
  return capped === '' ? null : capped;
}

/** A serial or UDID that is safe in a key, a file name and a log: letters, digits, `.`, `_`, `-`, 1 to 64 of them. */
export function cleanSerial(raw: string): string | null {
  const trimmed = raw.trim();
  return /^[A-Za-z0-9._-]{1,64}$/.test(trimmed) && !/^\.+$/.test(trimmed) ? trimmed : null;
}

/** Quotes one argument for a POSIX shell; NUL cannot be quoted and is refused. */
export function shellQuote(argument: string): string {
  if (argument.includes('\0')) throw new RangeError('a shell argument cannot hold NUL');
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}

/** Masks all but the last four characters, for logs. */
export function mask(identifier: string): string {
  return identifier.length <= 4
    ? '****'
    : `${'*'.repeat(identifier.length - 4)}${identifier.slice(-4)}`;
}
