import type { PlistDict, PlistValue } from './plist.js';

// Own reader and writer: a real phone sends whatever its owner typed, control characters included, and a peer that
// sends rubbish must cost neither memory nor lines on stderr (xmldom, under the published one, prints them).

const TOKEN =
  /\s*(?:<\?[^>]*\?>|<!--[\s\S]*?-->|<!DOCTYPE[^>]*>|<(\/?)([a-z]+)(?:\s[^>]*?)?(\/?)>)/y;
const TEXT = /[^<]*/y;
const DEEPEST = 64;

const HEAD =
  '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" ' +
  '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0">\n';

/** An XML property list as an iPhone and usbmuxd write it. */
export function writeXmlPlist(value: PlistValue): Buffer {
  return Buffer.from(`${HEAD}${element(value)}\n</plist>\n`);
}

function element(value: PlistValue): string {
  if (typeof value === 'string') return `<string>${escaped(value)}</string>`;
  if (typeof value === 'boolean') return value ? '<true/>' : '<false/>';
  if (typeof value === 'number')
    return Number.isInteger(value) ? `<integer>${value}</integer>` : `<real>${value}</real>`;
  if (value instanceof Date) return `<date>${value.toISOString().slice(0, 19)}Z</date>`;
  if (value instanceof Uint8Array)
    return `<data>\n${Buffer.from(value).toString('base64')}\n</data>`;
  if (isList(value)) return `<array>\n${value.map((one) => `${element(one)}\n`).join('')}</array>`;
  const rows = Object.entries(value).map(
    ([key, one]) => `<key>${escaped(key)}</key>\n${element(one)}\n`,
  );
  return `<dict>\n${rows.join('')}</dict>`;
}

function isList(value: PlistValue): value is readonly PlistValue[] {
  return Array.isArray(value);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Reads an XML property list; null where it is none. NULs after its end are allowed, as some clients send them. */
export function readXmlPlist(text: string): PlistValue | null {
  try {
    const reader = new Reader(text);
    reader.expect('plist');
    const value = reader.value(0);
    reader.expectEnd('plist');
    return value;
  } catch (error) {
    if (error instanceof NotAPlist) return null;
    throw error;
  }
}

class NotAPlist extends Error {}

interface Tag {
  readonly name: string;
  readonly closing: boolean;
  readonly empty: boolean;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  expect(name: string): Tag {
    const tag = this.#tag();
    if (tag.name !== name || tag.closing) throw new NotAPlist();
    return tag;
  }

  expectEnd(name: string): void {
    const tag = this.#tag();
    if (tag.name !== name || !tag.closing) throw new NotAPlist();
  }

  value(depth: number): PlistValue {
    return this.#valueOf(this.#tag(), depth);
  }

  #valueOf(tag: Tag, depth: number): PlistValue {
    if (tag.closing || depth > DEEPEST) throw new NotAPlist();
    if (tag.name === 'dict') return tag.empty ? {} : this.#dict(depth + 1);
    if (tag.name === 'array') return tag.empty ? [] : this.#array(depth + 1);
    const text = tag.empty ? '' : this.#textUntil(tag.name);
    return scalar(tag.name, text);
  }

  #dict(depth: number): PlistDict {
    const rows: [string, PlistValue][] = [];
    for (;;) {
      const tag = this.#tag();
      if (tag.name === 'dict' && tag.closing) return Object.fromEntries(rows);
      if (tag.name !== 'key' || tag.closing) throw new NotAPlist();
      const key = tag.empty ? '' : this.#textUntil('key');
      rows.push([key, this.value(depth)]);
    }
  }

  #array(depth: number): readonly PlistValue[] {
    const list: PlistValue[] = [];
    for (;;) {
      const tag = this.#tag();
      if (tag.name === 'array' && tag.closing) return list;
      list.push(this.#valueOf(tag, depth));
    }
  }

  #tag(): Tag {
    for (;;) {
      TOKEN.lastIndex = this.#at;
      const found = TOKEN.exec(this.#text);
      if (!found) throw new NotAPlist();
      this.#at = TOKEN.lastIndex;
      const [, closing, name, empty] = found;
      if (name !== undefined) return { name, closing: closing === '/', empty: empty === '/' };
    }
  }

  #textUntil(name: string): string {
    TEXT.lastIndex = this.#at;
    const text = TEXT.exec(this.#text)?.[0] ?? '';
    this.#at += text.length;
    this.expectEnd(name);
    return text.replace(/&(lt|gt|amp|quot|apos|#x?[0-9a-fA-F]{1,6});/g, (_all, entity: string) =>
      unescaped(entity),
    );
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

function unescaped(entity: string): string {
  const named = ENTITIES[entity];
  if (named !== undefined) return named;
  const hex = entity[1] === 'x';
  const code = Number.parseInt(entity.slice(hex ? 2 : 1), hex ? 16 : 10);
  if (!(code <= 0x10ffff)) throw new NotAPlist();
  return String.fromCodePoint(code);
}

function scalar(name: string, text: string): PlistValue {
  if (name === 'string') return text;
  if (name === 'true' || name === 'false') return name === 'true';
  if (name === 'data') return Buffer.from(text, 'base64');
  if (name === 'integer' || name === 'real') {
    const number = Number(text.trim());
    if (text.trim() === '' || !Number.isFinite(number)) throw new NotAPlist();
    return number;
  }
  const date = name === 'date' ? new Date(text) : null;
  if (!date || Number.isNaN(date.getTime())) throw new NotAPlist();
  return date;
}
