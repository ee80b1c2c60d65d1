import { StringDecoder } from 'node:string_decoder';
import { SarachiError } from '../../../errors.js';

/** Longer than any answer that is asked for here, in UTF-16 units. */
const LONGEST = 1 << 20;

/**
 * Cuts a byte stream into the JSON objects that stand in it one after the other; the Hub API puts nothing between them over
 * plain TCP. `push` gives every object that is whole by now. Error: hub-protocol.
 */
export class JsonStream {
  readonly #decoder = new StringDecoder('utf8');
  #text = '';
  /** How far the text was looked at, and in what place of the grammar that is. */
  #at = 0;
  #depth = 0;
  #inString = false;

  push(bytes: Buffer): unknown[] {
    this.#text += this.#decoder.write(bytes);
    const found: unknown[] = [];
    for (; this.#at < this.#text.length; this.#at += 1) {
      if (!this.#ends(this.#text[this.#at] ?? '')) continue;
      found.push(parse(this.#text.slice(0, this.#at + 1)));
      this.#text = this.#text.slice(this.#at + 1);
      this.#at = -1;
    }
    if (this.#text.length > LONGEST)
      throw new SarachiError('hub-protocol', { what: 'message too long' });
    return found;
  }

  /** Whether an object ends with this character. */
  #ends(character: string): boolean {
    if (this.#inString) {
      if (character === '\\') this.#at += 1;
      else if (character === '"') this.#inString = false;
      return false;
    }
    if (character === '"') this.#inString = true;
    else if (character === '{') this.#depth += 1;
    else if (character === '}') {
      this.#depth -= 1;
      return this.#depth === 0;
    }
    if (this.#depth <= 0 && /[^\s{]/.test(character))
      throw new SarachiError('hub-protocol', { what: 'no JSON object' });
    return false;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw noJson(error);
  }
}

function noJson(cause: unknown): SarachiError {
  return new SarachiError('hub-protocol', { what: 'no JSON' }, { cause });
}
