import type { CarrierPage } from './page.js';

/** Only the beginning of a page may say how it is encoded (WHATWG HTML, prescan a byte stream). */
const PRESCAN_BYTES = 1024;

/**
 * The text of a page by its byte order mark, the charset of the reply, that of its first 1024 bytes, or `fallback`, in
 * this order (WHATWG Encoding). Null when the charset is one that nobody knows. Bytes that fit no character become
 * U+FFFD.
 */
export function decodePage(page: CarrierPage, fallback: string): string | null {
  const label = bomCharset(page.body) ?? charsetOf(page.contentType) ?? prescan(page.body);
  try {
    return new TextDecoder(label ?? fallback).decode(page.body);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The charset that a page is written in, by name; forms are sent back in it. */
export function pageCharset(page: CarrierPage, fallback: string): string {
  return bomCharset(page.body) ?? charsetOf(page.contentType) ?? prescan(page.body) ?? fallback;
}

function bomCharset(body: Buffer): string | null {
  if (body.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]))) return 'utf-8';
  if (body.subarray(0, 2).equals(Buffer.from([0xfe, 0xff]))) return 'utf-16be';
  if (body.subarray(0, 2).equals(Buffer.from([0xff, 0xfe]))) return 'utf-16le';
  return null;
}

function charsetOf(contentType: string | null): string | null {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase() ?? null;
}

function prescan(body: Buffer): string | null {
  const opening = body
    .subarray(0, PRESCAN_BYTES)
    .toString('latin1')
    .replace(/<!--.*?(-->|$)/gs, '');
  const found = /<meta\s[^>]*charset\s*=\s*["']?\s*([^\s"'/>;]+)/i.exec(opening)?.[1];
  const label = found?.toLowerCase() ?? null;
  // A page that can be scanned as ASCII is not UTF-16, whatever it says.
  return label?.startsWith('utf-16') ? 'utf-8' : label;
}
