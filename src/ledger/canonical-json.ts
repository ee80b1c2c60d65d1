import { SarachiError } from '../errors.js';

const MAX_DEPTH = 100;
// With the u flag a surrogate pair is one code point, so this finds only lone halves.
const LONE_SURROGATE = /[\uD800-\uDFFF]/u;

/**
 * The one text form of a JSON value by RFC 8785 (JSON Canonicalization Scheme): no white space, members sorted by
 * UTF-16 code units, numbers as ECMAScript prints them. Throws `internal` for what has no such form: NaN, Infinity,
 * undefined, lone surrogates, anything that is not plain data, more than 100 levels.
 */
export function canonicalJson(value: unknown): string {
  return write(value, '', 0);
}

function write(value: unknown, path: string, depth: number): string {
  if (depth > MAX_DEPTH) throw refused(path, 'is nested too deeply');
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw refused(path, 'is not a finite number');
    return JSON.stringify(value);
  }
  if (typeof value === 'string') return writeString(value, path);
  if (Array.isArray(value)) {
    // Array.from visits holes, which would otherwise vanish.
    return `[${Array.from(value, (item, at) => write(item, `${path}/${at}`, depth + 1)).join(',')}]`;
  }
  if (!isPlainObject(value)) throw refused(path, `is ${typeof value}, not JSON`);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${writeString(key, path)}:${write(value[key], `${path}/${key}`, depth + 1)}`);
  return `{${members.join(',')}}`;
}

function writeString(text: string, path: string): string {
  if (LONE_SURROGATE.test(text)) throw refused(path, 'holds half a surrogate pair');
  return JSON.stringify(text);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function refused(path: string, what: string): SarachiError {
  return new SarachiError('internal', {
    reason: `no canonical JSON: ${path.slice(0, 200) || '(top)'} ${what}`,
  });
}
