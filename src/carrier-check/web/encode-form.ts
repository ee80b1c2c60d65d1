import iconv from 'iconv-lite';

/** One name and value of a form, in the order of the page. */
export type FormField = readonly [name: string, value: string];

/** How a form is sent. */
export interface FormEncoding {
  /** A name of the WHATWG Encoding standard, such as `shift_jis`. */
  readonly charset: string;
  readonly enctype: 'application/x-www-form-urlencoded' | 'multipart/form-data';
  /** Parts the fields of a multipart body; must stand in none of them. */
  readonly boundary: string;
}

export interface EncodedForm {
  readonly contentType: string;
  readonly body: Buffer;
}

/** The body of a form as a browser sends it (WHATWG HTML, form submission algorithm). */
export function encodeForm(fields: readonly FormField[], encoding: FormEncoding): EncodedForm {
  return encoding.enctype === 'multipart/form-data'
    ? multipart(fields, encoding)
    : {
        contentType: encoding.enctype,
        body: Buffer.from(urlEncode(fields, encoding.charset), 'latin1'),
      };
}

/** The fields as the query of a GET or the body of a POST. */
export function urlEncode(fields: readonly FormField[], charset: string): string {
  const percent = (text: string) =>
    [...encodeText(text, charset)]
      .map((byte) => {
        if (byte === 0x20) return '+';
        const plain = /[A-Za-z0-9*\-._]/.test(String.fromCharCode(byte));
        return plain
          ? String.fromCharCode(byte)
          : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
      })
      .join('');
  return fields.map(([name, value]) => `${percent(name)}=${percent(value)}`).join('&');
}

function multipart(fields: readonly FormField[], encoding: FormEncoding): EncodedForm {
  const { charset, boundary } = encoding;
  const quoted = (name: string) =>
    name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const parts = fields.flatMap(([name, value]) => [
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="`),
    encodeText(quoted(name), charset),
    Buffer.from('"\r\n\r\n'),
    encodeText(value, charset),
    Buffer.from('\r\n'),
  ]);
  const body = Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]);
  return { contentType: `multipart/form-data; boundary=${boundary}`, body };
}

/** Bytes of a text; what the charset does not have is sent as a character reference, as browsers do. */
function encodeText(text: string, charset: string): Buffer {
  const normal = text.replace(/\r\n|\r|\n/g, '\r\n');
  return Buffer.concat([...normal].map((character) => encodeCharacter(character, charset)));
}

function encodeCharacter(character: string, charset: string): Buffer {
  if (character.charCodeAt(0) < 0x80) return Buffer.from(character, 'latin1');
  const bytes = iconv.encode(character, charset);
  return iconv.decode(bytes, charset) === character
    ? bytes
    : Buffer.from(`&#${character.codePointAt(0) ?? 0xfffd};`, 'latin1');
}

/** The charset in which a page's form is sent, or null for one that cannot be written. */
export function formCharset(label: string): string | null {
  try {
    const { encoding } = new TextDecoder(label);
    const sent = encoding.startsWith('utf-16') ? 'utf-8' : encoding;
    return iconv.encodingExists(sent) ? sent : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
