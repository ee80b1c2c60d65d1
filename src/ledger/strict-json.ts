/** Where a value stands in the text, in bytes of UTF-8: from the first to after the last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface StrictJson {
  readonly value: unknown;
  /** The place of every value, by JSON Pointer (RFC 6901); the whole document is `''`. */
  readonly spans: ReadonlyMap<string, Span>;
}

/** Why a text is not JSON, or not JSON with one meaning, with its place. Lines and columns from 1, columns in bytes. */
export class JsonFault extends Error {
  override readonly name = 'JsonFault';
  readonly line: number;
  readonly column: number;
  constructor(what: string, before: string) {
    const lines = before.split('\n');
    super(what);
    this.line = lines.length;
    this.column = Buffer.byteLength(lines.at(-1) ?? '') + 1;
  }
}

const MAX_DEPTH = 64;
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORDS = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/**
 * Reads JSON by RFC 8259 and remembers where each value stands. Refuses what readers are known to differ on: a member
 * name used twice, lone surrogates, numbers beyond a double. Throws JsonFault.
 */
export function parseStrictJson(text: string): StrictJson {
  return new Reader(text).read();
}

class Reader {
  readonly #text: string;
  readonly #spans = new Map<string, Span>();
  #at = 0;
  // Byte offsets grow with the reading, so that each stretch of text is measured once.
  #measuredTo = 0;
  #measuredBytes = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): StrictJson {
    const value = this.#value('', 0);
    this.#match(SPACE);
    if (this.#at < this.#text.length) throw this.#fault('something follows the end');
    return { value, spans: this.#spans };
  }

  #value(pointer: string, depth: number): unknown {
    if (depth > MAX_DEPTH) throw this.#fault('is nested too deeply');
    this.#match(SPACE);
    const start = this.#byteOffset();
    const value = this.#bare(pointer, depth);
    this.#spans.set(pointer, { start, end: this.#byteOffset() });
    return value;
  }

  #bare(pointer: string, depth: number): unknown {
    const next = this.#text[this.#at];
    if (next === '{') return this.#object(pointer, depth);
    if (next === '[') return this.#array(pointer, depth);
    if (next === '"') return this.#string();
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    const number = this.#match(NUMBER);
    if (!number) {
      throw this.#fault(next === undefined ? 'ends too early' : 'a value was expected');
    }
    if (!Number.isFinite(Number(number))) throw this.#fault('the number is too large');
    return Number(number);
  }

  #object(pointer: string, depth: number): Record<string, unknown> {
    const members = new Map<string, unknown>();
    this.#at += 1;
    this.#match(SPACE);
    if (this.#take('}')) return {};
    do {
      this.#match(SPACE);
      const place = this.#at;
      const name = this.#string();
      if (members.has(name)) {
        this.#at = place;
        throw this.#fault(`the member ${JSON.stringify(name.slice(0, 60))} stands here twice`);
      }
      this.#match(SPACE);
      if (!this.#take(':')) throw this.#fault('":" was expected');
      const step = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      members.set(name, this.#value(pointer + step, depth + 1));
      this.#match(SPACE);
    } while (this.#take(','));
    if (!this.#take('}')) throw this.#fault('"," or "}" was expected');
    return Object.fromEntries(members);
  }

  #array(pointer: string, depth: number): unknown[] {
    const items: unknown[] = [];
    this.#at += 1;
    this.#match(SPACE);
    if (this.#take(']')) return items;
    do {
      items.push(this.#value(`${pointer}/${items.length}`, depth + 1));
      this.#match(SPACE);
    } while (this.#take(','));
    if (!this.#take(']')) throw this.#fault('"," or "]" was expected');
    return items;
  }

  #string(): string {
    const start = this.#at;
    if (this.#text[start] !== '"') throw this.#fault('a string was expected');
    for (this.#at += 1; this.#text[this.#at] !== '"'; this.#at += 1) {
      if (this.#text[this.#at] === '\\') this.#at += 1;
      if (this.#at >= this.#text.length) throw this.#fault('ends inside a string');
    }
    this.#at += 1;
    const raw = this.#text.slice(start, this.#at);
    try {
      const text: unknown = JSON.parse(raw);
      if (typeof text === 'string' && !/[\uD800-\uDFFF]/u.test(text)) return text;
    } catch {
      // An escape or a control character that JSON does not allow; told below with its place.
    }
    this.#at = start;
    throw this.#fault('the string holds what is no character');
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #byteOffset(): number {
    this.#measuredBytes += Buffer.byteLength(this.#text.slice(this.#measuredTo, this.#at));
    this.#measuredTo = this.#at;
    return this.#measuredBytes;
  }

  #fault(what: string): JsonFault {
    return new JsonFault(what, this.#text.slice(0, this.#at));
  }
}
