/** A line beyond this is cut down, in UTF-16 units. */
const LONG_LINE = 16_384;
/** No line is longer, whatever was in it. */
const LONGEST_LINE = 65_536;
/** How much of a text is left where a line is too long. */
const TEXT_LEFT = 1_000;
const ITEMS_LEFT = 50;

// DEL, C1 (a terminal may take U+009B for the start of a command), bidirectional marks, zero-width characters, line separators:
// JSON lets them stand as they are. C0 it escapes itself.
const UNSEEN = /[\u007f-\u009f\p{Cf}\u2028\u2029]/gu;

/**
 * One line of JSON as a terminal or a pager may show it: what would steer it is escaped (RFC 8259 section 7), and the line is
 * bounded. Pure. It still parses; nothing but overlong text is lost.
 */
export function safeLine(line: string): string {
  const bounded = line.length > LONG_LINE ? shortened(line) : line;
  return bounded.replace(UNSEEN, escaped);
}

function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('');
}

function shortened(line: string): string {
  const facts: unknown = JSON.parse(line);
  const short = JSON.stringify(cut(facts));
  if (short.length <= LONGEST_LINE) return `${short}\n`;
  const { level, time, msg } = facts as { level?: string; time?: string; msg?: string };
  return `${JSON.stringify(cut({ level, time, msg, characters: line.length }))}\n`;
}

function cut(value: unknown): unknown {
  if (typeof value === 'string') return cutText(value);
  if (Array.isArray(value)) {
    const items = value.slice(0, ITEMS_LEFT).map(cut);
    return value.length > ITEMS_LEFT ? [...items, `… ${value.length} items`] : items;
  }
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.slice(0, ITEMS_LEFT).map(([key, item]) => [cutText(key), cut(item)]),
  );
}

function cutText(text: string): string {
  return text.length > TEXT_LEFT ? `${text.slice(0, TEXT_LEFT)}… ${text.length} characters` : text;
}
