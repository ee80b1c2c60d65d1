/** Names that files and programs use and WHATWG Encoding does not know. */
const ALIASES: Readonly<Record<string, string>> = {
  cp932: 'shift_jis',
  'windows-932': 'shift_jis',
};
const ALLOWED = ['utf-8', 'shift_jis'];

export type DecodedText =
  | { readonly text: string; readonly why: null }
  | { readonly text: null; readonly why: string };

/**
 * The text of a file in UTF-8 (with or without a byte order mark) or Shift_JIS, by `charset` or, where nobody names one, by what its bytes
 * can be: Japanese text in Shift_JIS is practically never valid UTF-8. Bytes that are no character are a fault, not a guess.
 */
export function decodeCsv(bytes: Uint8Array, charset: string | null): DecodedText {
  if (charset === null) {
    const text = decoded(bytes, 'utf-8') ?? decoded(bytes, 'shift_jis');
    return text === null ? { text, why: 'is neither UTF-8 nor Shift_JIS' } : { text, why: null };
  }
  const name = charset.trim().toLowerCase();
  const label = ALIASES[name] ?? name;
  const encoding = encodingOf(label);
  if (encoding === null) return { text: null, why: 'charset must be UTF-8 or Shift_JIS' };
  const text = decoded(bytes, encoding);
  return text === null ? { text, why: `is not ${charset} throughout` } : { text, why: null };
}

function encodingOf(label: string): string | null {
  try {
    const { encoding } = new TextDecoder(label);
    return ALLOWED.includes(encoding) ? encoding : null;
  } catch {
    // A label that nobody knows.
    return null;
  }
}

function decoded(bytes: Uint8Array, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
