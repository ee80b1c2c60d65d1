import type { IncomingMessage } from 'node:http';
import iconv from 'iconv-lite';
import type { SiteRequest } from './site.js';

const MAX_FORM_BYTES = 64 * 1024;

/** A request with its cookies and its form, whose bytes are in the charset of the site. */
export async function readRequest(
  incoming: IncomingMessage,
  charset: string,
): Promise<SiteRequest> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= MAX_FORM_BYTES) chunks.push(chunk);
  }
  const { pathname } = new URL(incoming.url ?? '/', 'http://site.invalid');
  const isForm = /^application\/x-www-form-urlencoded\b/.test(
    incoming.headers['content-type'] ?? '',
  );
  return {
    method: incoming.method ?? 'GET',
    path: pathname,
    cookies: new Map(pairs(incoming.headers.cookie ?? '', /;\s*/)),
    form: new Map(
      isForm
        ? pairs(Buffer.concat(chunks).toString('latin1'), '&').map(([name, value]) => [
            decode(name, charset),
            decode(value, charset),
          ])
        : [],
    ),
  };
}

function pairs(text: string, between: string | RegExp): [string, string][] {
  return text
    .split(between)
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    });
}

/** Percent-encoded bytes, which `decodeURIComponent` would take for UTF-8. */
function decode(text: string, charset: string): string {
  const bytes = text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-fA-F]{2})/g, (_all, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return iconv.decode(Buffer.from(bytes, 'latin1'), charset);
}
