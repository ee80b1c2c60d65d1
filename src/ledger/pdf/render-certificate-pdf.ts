import type { SignedCertificate } from '../certificate-schema.js';
import { sha256Hex } from '../sha256.js';
import { signedText } from '../signing.js';
import { drawDevice, drawHead, drawProved } from './first-page.js';
import { drawEvidence, drawFoot, drawNotProved, drawPeople } from './later-pages.js';
import { Paper } from './paper.js';
import { drawVerdict } from './verdict-panel.js';

/**
 * Draws a certificate for people: A4, Japanese with English under it. Always the same bytes for the same certificate.
 * The QR code holds `SARACHI1 <run id> <SHA-256 of the JSON file>`.
 */
export async function renderCertificatePdf(signed: SignedCertificate): Promise<Uint8Array> {
  const { certificate } = signed;
  const paper = new Paper({
    title: `${certificate.title.ja} ${certificate.run.id}`,
    author: certificate.japan.issuer ?? certificate.tool.name,
    created: new Date(certificate.run.settledAt),
  });
  drawHead(paper, certificate, sha256Hex(signedText(signed)));
  drawVerdict(paper, certificate);
  drawDevice(paper, certificate);
  // What a reader must see first: what was proved, or why it was not enough.
  const order = [drawProved, drawNotProved];
  if (certificate.verdict !== 'passed') order.reverse();
  for (const draw of order) draw(paper, certificate);
  drawPeople(paper, certificate);
  drawEvidence(paper, certificate);
  return paper.finish((page, pages) => drawFoot(paper, signed, { page, pages }));
}
