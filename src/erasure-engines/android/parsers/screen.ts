/** One thing on the handset's screen that has a place. */
export interface ScreenNode {
  readonly id: string;
  readonly text: string;
  readonly package: string;
  readonly clickable: boolean;
  readonly enabled: boolean;
  readonly checked: boolean;
  readonly password: boolean;
  /** Middle of its bounds, in pixels. */
  readonly x: number;
  readonly y: number;
}

const MAX_NODES = 2000;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/**
 * The nodes of a `uiautomator dump`, in order; empty when it is none. Android writes one `<node …>` per view with
 * quoted attributes, so no general XML reader is needed, and none is let near hostile text.
 */
export function parseScreen(xml: string): readonly ScreenNode[] {
  const nodes: ScreenNode[] = [];
  for (const [, attributes] of xml.slice(0, 1024 * 1024).matchAll(/<node ([^<]{1,8192}?)\/?>/g)) {
    const node = readNode(attributes ?? '');
    if (node) nodes.push(node);
    if (nodes.length >= MAX_NODES) break;
  }
  return nodes;
}

function readNode(text: string): ScreenNode | null {
  const found = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/([a-z-]{1,40})="([^"]*)"/g)) {
    if (name !== undefined && value !== undefined) found.set(name, value);
  }
  const bounds = /^\[(-?\d{1,5}),(-?\d{1,5})\]\[(-?\d{1,5}),(-?\d{1,5})\]$/.exec(
    found.get('bounds') ?? '',
  );
  if (!bounds) return null;
  const [left = 0, top = 0, right = 0, bottom = 0] = bounds.slice(1).map(Number);
  if (right <= left || bottom <= top || left < 0 || top < 0) return null;
  const truth = (name: string) => found.get(name) === 'true';
  return {
    id: plain(found.get('resource-id') ?? ''),
    text: plain(found.get('text') ?? '').trim(),
    package: found.get('package') ?? '',
    clickable: truth('clickable'),
    enabled: truth('enabled'),
    checked: truth('checked'),
    password: truth('password'),
    x: Math.floor((left + right) / 2),
    y: Math.floor((top + bottom) / 2),
  };
}

function plain(text: string): string {
  return text.replace(
    /&(?:#(\d{1,6})|([a-z]{2,4}));/g,
    (whole, code: string | undefined, name: string | undefined) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      const point = Number(code);
      return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    },
  );
}
