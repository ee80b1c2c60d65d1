import { SarachiError } from '../../../errors.js';
import type { PlistDict, PlistValue } from './plist-value.js';

const HEAD =
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n' +
  '<plist version="1.0">\n';

// What XML 1.0 cannot hold in any form.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const IMPOSSIBLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u;

/** An XML property list, the only form that usbmuxd reads. Error: internal, for text that XML cannot hold. */
export function xmlPlist(value: PlistValue): Buffer {
  return Buffer.from(`${HEAD}${element(value)}\n</plist>\n`, 'utf8');
}

function element(value: PlistValue): string {
  switch (typeof value) {
    case 'string':
      return `<string>${escapeXml(value)}</string>`;
    case 'bigint':
      return `<integer>${value}</integer>`;
    case 'number':
      return Number.isSafeInteger(value) ? `<integer>${value}</integer>` : `<real>${value}</real>`;
    case 'boolean':
      return value ? '<true/>' : '<false/>';
    default:
      return compound(value);
  }
}

function compound(value: Date | Uint8Array | readonly PlistValue[] | PlistDict): string {
  if (value instanceof Date) return `<date>${value.toISOString().replace(/\.\d+Z$/, 'Z')}</date>`;
  if (value instanceof Uint8Array)
    return `<data>${Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64')}</data>`;
  if (Array.isArray(value)) return `<array>${value.map(element).join('')}</array>`;
  const entries = Object.entries(value).map(
    ([key, item]) => `<key>${escapeXml(key)}</key>${element(item)}`,
  );
  return `<dict>${entries.join('')}</dict>`;
}

function escapeXml(text: string): string {
  if (IMPOSSIBLE.test(text)) throw new SarachiError('internal', { reason: 'text not for XML' });
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
}
