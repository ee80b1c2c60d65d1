import { SarachiError } from '../../../errors.js';

/** What a property list can hold. Whole numbers beyond 2^53 are bigint, never rounded. */
export type PlistValue =
  | string
  | number
  | bigint
  | boolean
  | Date
  | Uint8Array
  | readonly PlistValue[]
  | PlistDict;

export interface PlistDict {
  readonly [key: string]: PlistValue;
}

/** Deepest nesting that is read. */
export const MAX_DEPTH = 64;
/** Most values that are read from one list, counting a shared one each time it is used. */
export const MAX_VALUES = 100_000;

export function isDict(value: PlistValue | undefined): value is PlistDict {
  return (
    typeof value === 'object' &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Date)
  );
}

export function isData(value: PlistValue | undefined): value is Uint8Array {
  return value instanceof Uint8Array;
}

/** The list's own entry of that name; what every object inherits does not count. */
export function entryOf(dict: PlistDict, key: string): PlistValue | undefined {
  return Object.hasOwn(dict, key) ? dict[key] : undefined;
}

/** A text entry; null where it is absent or of another type. */
export function textOf(dict: PlistDict, key: string): string | null {
  const value = entryOf(dict, key);
  return typeof value === 'string' ? value : null;
}

/** A whole number entry within 2^53; null where it is absent or of another type. */
export function integerOf(dict: PlistDict, key: string): number | null {
  const value = entryOf(dict, key);
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

/** A dictionary entry; null where it is absent or of another type. */
export function dictOf(dict: PlistDict, key: string): PlistDict | null {
  const value = entryOf(dict, key);
  return isDict(value) ? value : null;
}

export function unreadable(reason: string, cause?: unknown): SarachiError {
  return new SarachiError(
    'handset-garbage',
    { what: 'property list', reason },
    cause === undefined ? undefined : { cause },
  );
}

/** Builds a dictionary from what was read; a name that stands twice has no right value. */
export function dictFrom(entries: readonly (readonly [string, PlistValue])[]): PlistDict {
  // fromEntries defines its entries, so that a name such as __proto__ stays a name.
  const dict = Object.fromEntries(entries);
  if (Object.keys(dict).length !== entries.length) throw unreadable('a key stands twice');
  return dict;
}
