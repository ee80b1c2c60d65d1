import { LibusbPasori } from '../../../src/devices/pasori/libusb-pasori.js';
import { openReader } from '../../../src/devices/pasori/open-reader.js';
import type { PasoriReader } from '../../../src/devices/pasori/pasori-reader.js';
import { loadLibusb } from '../../../src/devices/usb/load-libusb.js';
import { asSarachiError, SarachiError } from '../../../src/errors.js';
import type { PasoriAsks, PasoriTells } from './pasori-words.js';

/** The readers part of the product on the `usb` package, in a process that sees the emulated bus. */
const pasori = new LibusbPasori({ load: loadLibusb });
const readers = new Map<string, PasoriReader>();
const wait = { signal: new AbortController().signal, timeoutMs: 10_000 };
const tell = (words: PasoriTells) => process.send?.(words);

process.on('message', (asked: PasoriAsks) => {
  obey(asked).then(
    (value) => tell({ id: asked.id, value }),
    (error: unknown) => tell({ id: asked.id, code: asSarachiError(error).code }),
  );
});
// Whoever started this is gone, or done.
process.on('disconnect', () => process.exit(0));

async function obey(asked: PasoriAsks): Promise<Extract<PasoriTells, { value: unknown }>['value']> {
  if (asked.type === 'list') return pasori.list();
  if (asked.type === 'open') {
    const opened = await openReader(pasori, asked.usbPath, wait);
    readers.set(asked.usbPath, opened);
    return opened.name;
  }
  const reader = readers.get(asked.usbPath);
  if (!reader) throw new SarachiError('not-found');
  if (asked.type === 'poll') {
    const options = { ...wait, timeoutMs: asked.timeoutMs, cardTimeoutMs: 10 };
    const answer = await reader.exchange(Buffer.from(asked.frame, 'hex'), options);
    return answer === null ? null : Buffer.from(answer).toString('hex');
  }
  readers.delete(asked.usbPath);
  await reader.close();
  return null;
}
