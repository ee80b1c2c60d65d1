import type { FelicaBitRate } from '../felica/felica-reader.js';

/*
 * Commands of the RC-S300: the transparent session of PC/SC part 3, and the maker's own. Source: PC/SC specification
 * 2.02, part 3; felica-rs, the Port-400 driver; pasorich.
 */

export const END_SESSION = Uint8Array.of(0xff, 0x50, 0x00, 0x00, 0x02, 0x82, 0x00, 0x00);
export const BEGIN_SESSION = Uint8Array.of(0xff, 0x50, 0x00, 0x00, 0x02, 0x81, 0x00, 0x00);
export const RF_OFF = Uint8Array.of(0xff, 0x50, 0x00, 0x00, 0x02, 0x83, 0x00, 0x00);
export const RF_ON = Uint8Array.of(0xff, 0x50, 0x00, 0x00, 0x02, 0x84, 0x00, 0x00);
export const FIRMWARE_VERSION = Uint8Array.of(0xff, 0x56, 0x00, 0x00);

const MAX_MICROSECONDS = 0xffff_ffff;

/**
 * FeliCa at 212 kbps, or at what card and front end agree on, which is 424 kbps at most. The speed of the front end
 * itself is kept in the reader for good, and is never written here.
 */
export function switchToFelica(kbps: FelicaBitRate): Uint8Array {
  const automatic = kbps === 424 ? 0x01 : 0x00;
  return Uint8Array.of(0xff, 0x50, 0x00, 0x02, 0x04, 0x8f, 0x02, 0x03, automatic, 0x00);
}

/** One exchange with the card; `frame` has its length byte. A timeout of 0 leaves it to the reader. */
export function transparentExchange(frame: Uint8Array, cardTimeoutMs: number): Uint8Array {
  const timer = Buffer.alloc(7, Uint8Array.of(0x5f, 0x46, 0x04));
  timer.writeUInt32LE(Math.min(Math.ceil(cardTimeoutMs * 1_000), MAX_MICROSECONDS), 3);
  const transceive = Uint8Array.of(0x95, 0x82, frame.length >> 8, frame.length & 0xff);
  const fields = Buffer.concat([cardTimeoutMs > 0 ? timer : new Uint8Array(0), transceive, frame]);
  return Buffer.concat([
    Uint8Array.of(0xff, 0x50, 0x00, 0x01, 0x00, fields.length >> 8, fields.length & 0xff),
    fields,
    Uint8Array.of(0x00, 0x00, 0x00),
  ]);
}
