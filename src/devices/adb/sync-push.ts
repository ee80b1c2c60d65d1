import { SarachiError } from '../../errors.js';
import { cleanField } from '../../text.js';
import type { WaitOptions } from '../../wait.js';
import type { AdbSocket } from './adb-socket.js';
import { type HandsetService, openTransport } from './smart-socket.js';

/** The most that one DATA record may hold. Source: AOSP packages/modules/adb file_sync_protocol.h, SYNC_DATA_MAX. */
export const SYNC_DATA_MAX = 64 * 1024;
/** The longest path that the handset takes, in bytes. */
const SYNC_PATH_MAX = 1024;
/** The longest failure text that is read. */
const FAIL_MAX = 64 * 1024;
const REGULAR_FILE = 0o100000;

export interface PushFile extends Omit<HandsetService, 'service'> {
  readonly bytes: Uint8Array;
  readonly remotePath: string;
  /** Permission bits. */
  readonly mode: number;
  /** Modification time, seconds since the epoch. */
  readonly mtime: number;
  readonly onBytes: (count: number) => void;
}

/**
 * Writes one file by the sync service. Source: AOSP packages/modules/adb docs/dev/sync.md. Errors: command-failed
 * with the handset's own words, adb-protocol, and those of `openTransport`.
 */
export function pushFile(file: PushFile, options: WaitOptions): Promise<void> {
  const { endpoint, transportId } = file;
  const target = Buffer.from(`${file.remotePath},${REGULAR_FILE | (file.mode & 0o7777)}`, 'utf8');
  if (target.length > SYNC_PATH_MAX || file.remotePath.includes('\0'))
    return Promise.reject(new SarachiError('command-failed', { reason: 'path not allowed' }));
  return openTransport({ endpoint, transportId, service: 'sync:' }, options, async (socket) => {
    let whole = false;
    const sending = send(socket, file, target).then(() => {
      whole = true;
      return socket.write(record('DONE', file.mtime));
    });
    // A handset that refuses says so before it has read everything: its words count, not the broken pipe.
    sending.catch(() => undefined);
    await readAnswer(socket);
    if (!whole) throw new SarachiError('adb-protocol', { reason: 'sync answered too early' });
  });
}

async function send(socket: AdbSocket, file: PushFile, target: Uint8Array): Promise<void> {
  await socket.write(Buffer.concat([record('SEND', target.length), target]));
  for (let at = 0; at < file.bytes.length; at += SYNC_DATA_MAX) {
    const chunk = file.bytes.subarray(at, at + SYNC_DATA_MAX);
    await socket.write(Buffer.concat([record('DATA', chunk.length), chunk]));
    file.onBytes(chunk.length);
  }
}

async function readAnswer(socket: AdbSocket): Promise<void> {
  const head = await socket.read(8);
  const id = head.toString('latin1', 0, 4);
  const length = head.readUInt32LE(4);
  if (id === 'OKAY') return;
  if (id !== 'FAIL' || length > FAIL_MAX)
    throw new SarachiError('adb-protocol', { expected: 'OKAY or FAIL of sync' });
  const message = cleanField((await socket.read(length)).toString('utf8'), 300) ?? '';
  throw new SarachiError('command-failed', { service: 'sync', message });
}

function record(id: 'SEND' | 'DATA' | 'DONE', value: number): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  head.writeUInt32LE(value >>> 0, 4);
  return head;
}
