export async function renderCertificatePdf(_text: string): Promise<Uint8Array> {
  throw new Error('temporary');
}
