import type { Duplex } from 'node:stream';
import type { IphoneOs } from '../iphone-os.js';
import { ByteSource, send } from '../wire/byte-source.js';
import { afcErrorOf } from './afc-error.js';
import { OpenFiles } from './open-files.js';
import { type Afc, carryOut } from './operations.js';
import {
  AFC,
  AFC_ERROR,
  type AfcAnswer,
  type AfcPacket,
  afcPieces,
  readAfc,
  statusAnswer,
} from './packet.js';

/** com.apple.afc: the files below /var/mobile/Media, one answer to each packet, in their order. */
export async function afcService(stream: Duplex, phone: IphoneOs): Promise<void> {
  await serveFiles(stream, phone, phone.storage.media);
}

/** com.apple.crashreportcopymobile: the same for the crash reports, which idevicecrashreport reads. */
export async function crashReports(stream: Duplex, phone: IphoneOs): Promise<void> {
  await serveFiles(stream, phone, phone.storage.crashReports);
}

async function serveFiles(stream: Duplex, phone: IphoneOs, root: string): Promise<void> {
  const source = new ByteSource(stream);
  const files = new OpenFiles(phone.storage);
  const scratch = { bytes: Buffer.alloc(0) };
  try {
    for (;;) {
      const packet = await readAfc(source, scratch);
      if (!packet) return;
      const answer = await answerTo({ phone, files, root }, packet);
      if (!answer || !(await send(stream, ...afcPieces(packet.number, answer)))) return;
    }
  } finally {
    await files.closeAll();
  }
}

/** Null: the connection dies here. */
async function answerTo(afc: Afc, packet: AfcPacket): Promise<AfcAnswer | null> {
  const { phone } = afc;
  if (packet.operation === AFC.fileWrite) {
    const written = phone.afcWrote(packet.data.length);
    const { afcDiesAfter, afcFullAfter } = phone.faults;
    if (afcDiesAfter !== null && written >= afcDiesAfter) {
      phone.faults.afcDiesAfter = null;
      const half = packet.data.subarray(0, packet.data.length >> 1);
      await attempt(afc, { ...packet, data: half });
      return null;
    }
    if (afcFullAfter !== null && written > afcFullAfter) return statusAnswer(AFC_ERROR.noSpace);
  }
  const at = packet.operation === AFC.fileRead ? tellFrom(afc.files, packet) : 0;
  const answer = await attempt(afc, packet);
  const { afcFlipsByteAt } = phone.faults;
  return packet.operation === AFC.fileRead ? flipped(answer, afcFlipsByteAt, at) : answer;
}

async function attempt(afc: Afc, packet: AfcPacket): Promise<AfcAnswer> {
  try {
    return await carryOut(afc, packet);
  } catch (thrown) {
    return statusAnswer(afcErrorOf(thrown));
  }
}

/** Where a read begins; 0 where it will fail anyway. */
function tellFrom(files: OpenFiles, packet: AfcPacket): number {
  const handle = packet.head.length >= 8 ? Number(packet.head.readBigUInt64LE(0)) : 0;
  return files.has(handle) ? files.tell(handle) : 0;
}

/** The answer to a read from `from`, with the bit at `flipAt` of the file turned over. */
function flipped(answer: AfcAnswer, flipAt: number | null, from: number): AfcAnswer {
  const at = (flipAt ?? -1) - from;
  if (answer.operation !== AFC.data || !answer.data || flipAt === null) return answer;
  if (at < 0 || at >= answer.data.length) return answer;
  const data = Buffer.from(answer.data);
  data[at] = (data[at] ?? 0) ^ 1;
  return { ...answer, data };
}
