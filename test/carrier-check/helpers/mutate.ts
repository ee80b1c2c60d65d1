import iconv from 'iconv-lite';
import { LEGEND } from './pages.js';

/** A page on its way through the mutations: HTML until it is bytes. */
export interface Draft {
  html: string;
  charset: string;
  /** What happens to the bytes at the end. */
  bytes: ((body: Buffer) => Buffer)[];
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type Random = () => number;

const ELEMENT =
  /<(div|p|li|ul|dl|dt|dd|td|th|tr|table|font|h1|h2)\b[^>]*>[^<]*(?:<br>[^<]*)*<\/\1>/g;
const ATTRIBUTE = /\s(?:class|id|size|style)="[^"]*"/g;
const WORDS = [
  'ネットワーク',
  'データ',
  '－の見方',
  '結果',
  '○×ゲーム',
  '対象',
  ' ',
  '<br>',
  '◎',
  '●',
];
const CHARSETS = ['utf-8', 'shift_jis', 'euc-jp', 'utf-16le', 'windows-1252', 'iso-2022-kr', ''];
/** Every mark, so that none is given away by what the mutation puts in. */
const LEGENDS = [
  LEGEND,
  '<p>○ △ × －</p>',
  '<ul><li>○ 制限なし</li><li>△ 可能性あり</li><li>▲ 可能性あり</li><li>× 制限中</li><li>－ 登録なし</li></ul>',
  '<p><font size="2">○</font><font size="2">△</font><font size="2">×</font><font size="2">－</font></p>',
  '<dl><dt>○</dt><dd>ネットワーク利用制限の対象外です。</dd><dt>×</dt><dd>利用制限中です。</dd></dl>',
  '○△×－',
];
const CAPTCHAS = [
  '<img src="/gifcat/call.php"><input name="attestationkey">',
  '<div class="g-recaptcha" data-sitekey="x"></div>',
  '<p>画像に表示された文字を入力してください</p>',
];

export function pick<T>(random: Random, from: readonly T[], otherwise: T): T {
  return from[Math.floor(random() * from.length)] ?? otherwise;
}

/** Somewhere between two tags or in a text, never inside a tag. */
function somewhere(random: Random, html: string): number {
  const places = [...html.matchAll(/>|<\//g)].map(
    ({ 0: found, index }) => index + (found === '>' ? 1 : 0),
  );
  return pick(random, places, 0);
}

function insert(random: Random, draft: Draft, text: string): void {
  const at = somewhere(random, draft.html);
  draft.html = draft.html.slice(0, at) + text + draft.html.slice(at);
}

/** Changes one match of a pattern. */
function changeOne(
  random: Random,
  draft: Draft,
  pattern: RegExp,
  change: (text: string) => string,
) {
  const matches = [...draft.html.matchAll(pattern)];
  const chosen = matches[Math.floor(random() * matches.length)];
  if (!chosen) return;
  const end = chosen.index + chosen[0].length;
  draft.html = draft.html.slice(0, chosen.index) + change(chosen[0]) + draft.html.slice(end);
}

/** Every way in which a page may go wrong. */
export const MUTATIONS: Readonly<Record<string, (random: Random, draft: Draft) => void>> = {
  'drop an element': (random, draft) => changeOne(random, draft, ELEMENT, () => ''),
  'duplicate an element': (random, draft) =>
    changeOne(random, draft, ELEMENT, (text) => text + text),
  'rename a tag': (random, draft) => {
    const to = pick(random, ['div', 'span', 'p', 'section', 'font'], 'div');
    changeOne(random, draft, ELEMENT, (text) =>
      text.replace(/^<\w+/, `<${to}`).replace(/\w+>$/, `${to}>`),
    );
  },
  'rename an attribute everywhere': (random, draft) => {
    const old = pick(
      random,
      [...draft.html.matchAll(ATTRIBUTE)].map(([text]) => text),
      '',
    );
    if (old !== '') draft.html = draft.html.replaceAll(old, old.replace(/"[^"]*"/, '"renewed"'));
  },
  'drop an attribute': (random, draft) => changeOne(random, draft, ATTRIBUTE, () => ''),
  'give an attribute to a neighbour': (random, draft) => {
    const attributes = [...draft.html.matchAll(ATTRIBUTE)].map(([text]) => text);
    const given = pick(random, attributes, '');
    changeOne(random, draft, /<(?:div|p|li|td|dt|dd|tr|font|table)>/g, (tag) =>
      tag.replace('>', `${given}>`),
    );
  },
  'shuffle elements': (random, draft) => {
    const elements = [...draft.html.matchAll(ELEMENT)].map(([text]) => text);
    const shuffled = elements.map((text) => ({ text, at: random() })).sort((a, b) => a.at - b.at);
    draft.html = draft.html.replace(ELEMENT, () => shuffled.pop()?.text ?? '');
  },
  'shuffle tags': (random, draft) => {
    const closing = [...draft.html.matchAll(/<\/\w+>/g)].map(([text]) => text);
    draft.html = draft.html.replace(/<\/\w+>/g, (text) =>
      random() < 0.3 ? pick(random, closing, text) : text,
    );
  },
  'add a legend': (random, draft) => insert(random, draft, pick(random, LEGENDS, LEGEND)),
  'put the legend first': (random, draft) => {
    draft.html = draft.html.replace(/<body>/, (body) => body + pick(random, LEGENDS, LEGEND));
  },
  'add a captcha': (random, draft) => insert(random, draft, pick(random, CAPTCHAS, '')),
  'add words': (random, draft) => insert(random, draft, pick(random, WORDS, '')),
  'hide in a comment': (random, draft) =>
    changeOne(random, draft, ELEMENT, (text) => `<!-- ${text} -->`),
  'wrap deeply': (random, draft) =>
    changeOne(
      random,
      draft,
      ELEMENT,
      (text) => `${'<span>'.repeat(50)}${text}${'</span>'.repeat(50)}`,
    ),
  'lie about the charset': (random, draft) => {
    const claimed = pick(random, CHARSETS, '');
    draft.html = draft.html.replace(
      /<meta [^>]*>/,
      claimed === '' ? '' : `<meta charset="${claimed}">`,
    );
  },
  'write another charset': (random, draft) => {
    draft.charset = pick(random, ['utf-8', 'shift_jis', 'euc-jp', 'utf-16le'], 'utf-8');
  },
  'encode twice': (_random, draft) => {
    draft.bytes.push((body) => iconv.encode(body.toString('latin1'), 'utf-8'));
  },
  'cut at any byte': (random, draft) => {
    const share = random();
    draft.bytes.push((body) => body.subarray(0, Math.floor(body.length * share)));
  },
  // Never a byte of a mark: a page whose mark was changed into a circle says circle.
  'mistype a tag': (random, draft) => {
    const typed = String.fromCharCode(0x20 + Math.floor(random() * 0x5f));
    changeOne(random, draft, /<[^>]+>/g, (tag) => {
      const at = Math.floor(random() * tag.length);
      return tag.slice(0, at) + typed + tag.slice(at + 1);
    });
  },
  'lose a byte': (random, draft) => {
    const place = random();
    draft.bytes.push((body) => {
      const at = Math.floor(place * body.length);
      return Buffer.concat([body.subarray(0, at), body.subarray(at + 1)]);
    });
  },
  'start over in the middle': (random, draft) => {
    const at = somewhere(random, draft.html);
    draft.html = draft.html.slice(0, at) + draft.html;
  },
};

/** Applies a few mutations; the names of those applied come back with the bytes. */
export function mutate(
  random: Random,
  html: string,
  charset: string,
): { readonly names: readonly string[]; readonly body: Buffer } {
  const draft: Draft = { html, charset, bytes: [] };
  const names: string[] = [];
  for (let left = 1 + Math.floor(random() * 3); left > 0; left -= 1) {
    const name = pick(random, Object.keys(MUTATIONS), '');
    MUTATIONS[name]?.(random, draft);
    names.push(name);
  }
  const body = draft.bytes.reduce(
    (bytes, change) => change(bytes),
    iconv.encode(draft.html, draft.charset),
  );
  return { names, body };
}
