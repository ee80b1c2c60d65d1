import bwip from 'bwip-js/node';
import { SarachiError } from '../../errors.js';
import { INK, type Paper } from './paper.js';

/** Draws a QR code of error correction level M (the encoder's default) as squares, `size` points wide. */
export function drawQr(
  paper: Paper,
  text: string,
  place: { x: number; y: number; size: number },
): void {
  const [symbol] = bwip.raw({ bcid: 'qrcode', text });
  if (!symbol || !('pixs' in symbol)) {
    throw new SarachiError('internal', { reason: 'no QR code was made' });
  }
  const { pixs, pixx } = symbol;
  const module = place.size / pixx;
  for (const [at, dark] of pixs.entries()) {
    if (!dark) continue;
    const [column, row] = [at % pixx, Math.floor(at / pixx)];
    // Squares overlap by a hair, or viewers show seams between them.
    paper.doc.rect(place.x + column * module, place.y + row * module, module + 0.02, module + 0.02);
  }
  paper.doc.fill(INK);
}
