import { dictFrom, MAX_DEPTH, MAX_VALUES, type PlistValue, unreadable } from './plist-value.js';

interface OpenList {
  readonly name: 'plist' | 'array' | 'dict';
  readonly items: PlistValue[];
  readonly keys: string[];
}

const ENTITIES = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

/**
 * Reads an XML property list. Source: Apple's PropertyList-1.0.dtd and plist(5). No document type of the sender's own,
 * so that nothing can expand; no recursion, so that depth costs nothing. Pure. Error: handset-garbage.
 */
export function readXmlPlist(bytes: Uint8Array): PlistValue {
  return new XmlReader(decode(bytes)).read();
}

class XmlReader {
  readonly #text: string;
  readonly #open: OpenList[] = [];
  #at = 0;
  #values = 0;
  #done: { readonly value: PlistValue } | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  read(): PlistValue {
    for (;;) {
      this.#skipSpace();
      if (this.#at >= this.#text.length) break;
      if (this.#text[this.#at] !== '<') throw unreadable('text between elements');
      this.#markup();
    }
    if (this.#done === null) throw unreadable('no whole list');
    return this.#done.value;
  }

  #markup(): void {
    if (this.#skips('<?', '?>') || this.#skips('<!--', '-->')) return;
    const whole = this.#text.slice(this.#at, this.#upTo('>'));
    if (whole.startsWith('<!DOCTYPE ') && !whole.includes('[')) return;
    const tag = /^<(\/?)([a-z]+)(?:\s+version\s*=\s*"[^"<]*")?\s*(\/?)>$/.exec(whole);
    const [, closes, name = '', empty] = tag ?? [];
    if (!tag || (closes && empty)) throw unreadable('an element that cannot be');
    if (this.#done) throw unreadable('more than one list');
    if (closes) this.#close(name);
    else this.#element(name, empty === '/');
  }

  #element(name: string, empty: boolean): void {
    if (name === 'plist' || name === 'array' || name === 'dict') {
      if ((name === 'plist') !== (this.#open.length === 0)) throw unreadable('plist out of place');
      if (this.#open.length > MAX_DEPTH) throw unreadable('too deep');
      this.#open.push({ name, items: [], keys: [] });
      if (empty) this.#close(name);
      return;
    }
    const text = empty ? '' : this.#content(name);
    if (name === 'key') this.#key(text);
    else this.#put(leafOf(name, text));
  }

  #key(text: string): void {
    const top = this.#open.at(-1);
    if (top?.name !== 'dict' || top.keys.length !== top.items.length)
      throw unreadable('key out of place');
    top.keys.push(text);
  }

  #put(value: PlistValue): void {
    const top = this.#open.at(-1);
    this.#values += 1;
    if (this.#values > MAX_VALUES) throw unreadable('too many values');
    if (!top || (top.name === 'plist' && top.items.length > 0))
      throw unreadable('value out of place');
    if (top.name === 'dict' && top.keys.length !== top.items.length + 1)
      throw unreadable('value without a key');
    top.items.push(value);
  }

  #close(name: string): void {
    const top = this.#open.pop();
    if (top?.name !== name) throw unreadable('elements cross');
    if (top.name === 'array') this.#put(top.items);
    else if (top.name === 'dict') this.#put(entries(top));
    else this.#done = { value: root(top) };
  }

  /** The text of a leaf up to its own end; markup inside is only allowed as CDATA and comments. */
  #content(name: string): string {
    let content = '';
    for (;;) {
      const next = this.#text.indexOf('<', this.#at);
      if (next < 0) throw unreadable('a leaf without an end');
      content += unescapeXml(this.#text.slice(this.#at, next));
      this.#at = next;
      const from = next + '<![CDATA['.length;
      if (this.#skips('<![CDATA[', ']]>')) content += this.#text.slice(from, this.#at - 3);
      else if (!this.#skips('<!--', '-->')) break;
    }
    const end = this.#text.slice(this.#at, this.#upTo('>'));
    if (end.replace(/\s+>$/, '>') !== `</${name}>`) throw unreadable('markup in a leaf');
    return content;
  }

  #skipSpace(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at += 1;
  }

  /** Moves past markup that begins here with `start`, to the end of its `end`. */
  #skips(start: string, end: string): boolean {
    if (!this.#text.startsWith(start, this.#at)) return false;
    this.#at += start.length;
    this.#upTo(end);
    return true;
  }

  #upTo(end: string): number {
    const found = this.#text.indexOf(end, this.#at);
    if (found < 0) throw unreadable('cut short');
    this.#at = found + end.length;
    return this.#at;
  }
}

function decode(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end));
  } catch (cause) {
    throw unreadable('not UTF-8', cause);
  }
}

function root({ items: [value] }: OpenList): PlistValue {
  if (value === undefined) throw unreadable('empty');
  return value;
}

function entries({ keys, items }: OpenList): PlistValue {
  if (keys.length !== items.length) throw unreadable('a key without a value');
  return dictFrom(items.map((value, index) => [keys[index] ?? '', value] as const));
}

function leafOf(name: string, text: string): PlistValue {
  switch (name) {
    case 'string':
      return text;
    case 'true':
    case 'false':
      if (text.trim() !== '') throw unreadable('a truth with text');
      return name === 'true';
    case 'integer':
      return integerFrom(text.trim());
    case 'real':
      return realFrom(text.trim());
    case 'data':
      return dataFrom(text.replace(/\s+/g, ''));
    case 'date':
      return dateFrom(text.trim());
    default:
      throw unreadable('an unknown element');
  }
}

function integerFrom(text: string): number | bigint {
  if (!/^[+-]?[0-9]{1,20}$/.test(text)) throw unreadable('a number that is none');
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text.replace('+', ''));
}

function realFrom(text: string): number {
  if (!/^[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?$/.test(text) || text.length > 400)
    throw unreadable('a number that is none');
  return Number(text);
}

function dataFrom(text: string): Uint8Array {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text))
    throw unreadable('data that is not base64');
  return Buffer.from(text, 'base64');
}

function dateFrom(text: string): Date {
  const date = new Date(text);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) || Number.isNaN(date.getTime()))
    throw unreadable('a date that is none');
  return date;
}

function unescapeXml(text: string): string {
  return text.includes('&') ? text.replace(/&([^;&]{0,10});?/g, entityOf) : text;
}

function entityOf(whole: string, name: string): string {
  const known = ENTITIES.get(name);
  if (known !== undefined && whole.endsWith(';')) return known;
  const [, hex, decimal] = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name) ?? [];
  const point = hex ? Number.parseInt(hex, 16) : Number(decimal ?? 'none');
  const surrogate = point >= 0xd800 && point <= 0xdfff;
  if (!whole.endsWith(';') || !(point <= 0x10ffff) || surrogate)
    throw unreadable('an unknown entity');
  return String.fromCodePoint(point);
}
