/** The bytes of a reply parcel and how `service call` prints them (AOSP frameworks/native, Parcel::print and hexDump). */

export function textReply(text: string | null): Buffer {
  return text === null ? words(0, -1) : Buffer.concat([words(0), string16(text)]);
}

export function securityReply(message: string): Buffer {
  return Buffer.concat([words(-1), string16(message)]);
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeInt32LE(value, index * 4);
  });
  return bytes;
}

/** Length in UTF-16 units, the units, a zero unit, padded to a whole word. */
function string16(text: string): Buffer {
  const units = Buffer.from(`${text}\0`, 'utf16le');
  const padded = Buffer.alloc(Math.ceil(units.length / 4) * 4);
  units.copy(padded);
  return Buffer.concat([words(text.length), padded]);
}

const PER_LINE = 16;

export function printParcel(bytes: Buffer): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += PER_LINE) {
    const piece = bytes.subarray(at, at + PER_LINE);
    const hex: string[] = [];
    for (let word = 0; word < piece.length; word += 4)
      hex.push(piece.readUInt32LE(word).toString(16).padStart(8, '0'));
    const ascii = [...piece].map((byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
    );
    lines.push(
      bytes.length <= PER_LINE
        ? `${hex.join(' ')} '${ascii.join('')}'`
        : `  0x${at.toString(16).padStart(8, '0')}: ${hex.join(' ').padEnd(35)} '${ascii.join('')}'`,
    );
  }
  const body = lines.join('\n');
  return bytes.length <= PER_LINE ? `Result: Parcel(${body})\n` : `Result: Parcel(\n${body})\n`;
}
