import { Duplex } from 'node:stream';
import { ByteStream } from '../../../../src/devices/apple/byte-stream.js';

/** A stream that gives these pieces, one at a time, and ends. */
export function fed(...pieces: readonly Uint8Array[]): ByteStream {
  const left = pieces.filter((piece) => piece.length > 0);
  const duplex = new Duplex({
    read() {
      this.push(left.shift() ?? null);
    },
    write: (_chunk, _encoding, done) => done(),
  });
  return new ByteStream(duplex, { whenEnded: 'iphone-closed' });
}

/** The bytes cut in two at every place. */
export function* cuts(bytes: Buffer): Generator<readonly [Buffer, Buffer]> {
  for (let at = 0; at <= bytes.length; at += 1) yield [bytes.subarray(0, at), bytes.subarray(at)];
}

export function bytewise(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (byte) => Buffer.of(byte));
}
