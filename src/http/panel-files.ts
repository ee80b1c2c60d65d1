import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** One file of the built panel. */
export interface PanelFile {
  /** As in the address; the page itself is the empty name. */
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
  readonly etag: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
};

/** Everything `npm run build` made of `src/http/panel`; null where it was not built. Read once: it is all in memory. */
export function loadPanel(folder = builtPanel()): readonly PanelFile[] | null {
  if (folder === null) return null;
  return readdirSync(folder).flatMap((file) => {
    const type = TYPES[path.extname(file)];
    if (type === undefined) return [];
    const bytes = readFileSync(path.join(folder, file));
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
    return [{ name: file === 'index.html' ? '' : file, type, bytes, etag }];
  });
}

/** From the source tree and from what is compiled of it. */
function builtPanel(): string | null {
  const places = ['../../dist/panel', '../../panel'];
  const found = places
    .map((place) => path.join(import.meta.dirname, place))
    .find((folder) => existsSync(path.join(folder, 'index.html')));
  return found ?? null;
}
