import { hasCode, SarachiError } from '../../errors.js';
import { cleanField } from '../../text.js';
import type { WaitOptions } from '../../wait.js';
import { type AdbEndpoint, type AdbSocket, withAdbSocket } from './adb-socket.js';

/** The longest request or text that four hex digits can announce, in bytes. */
export const MAX_TEXT = 0xffff;

const HEX4 = /^[0-9A-Fa-f]{4}$/;

/** A request as it goes to the server: its length in bytes as four hex digits, then the text itself. */
export function encodeRequest(service: string): Buffer {
  const body = Buffer.from(service, 'utf8');
  if (body.length > MAX_TEXT) throw new SarachiError('adb-protocol', { requestBytes: body.length });
  const head = body.length.toString(16).padStart(4, '0');
  return Buffer.concat([Buffer.from(head, 'ascii'), body]);
}

/** Reads four hex digits and as many bytes of text. Errors: adb-protocol, the socket's. */
export async function readText(socket: AdbSocket): Promise<string> {
  const head = (await socket.read(4)).toString('latin1');
  if (!HEX4.test(head)) throw new SarachiError('adb-protocol', { expected: 'a length' });
  return (await socket.read(Number.parseInt(head, 16))).toString('utf8');
}

/** Sends one request and reads OKAY; FAIL becomes the error that its text means. */
export async function ask(socket: AdbSocket, service: string): Promise<void> {
  await socket.write(encodeRequest(service));
  const status = (await socket.read(4)).toString('latin1');
  if (status === 'OKAY') return;
  if (status !== 'FAIL') throw new SarachiError('adb-protocol', { expected: 'OKAY or FAIL' });
  throw refusal(await readText(socket));
}

/**
 * One question to the server itself, such as `host:version`, answered by one text.
 * Source: AOSP packages/modules/adb docs/dev/services.md. Errors: adb-server-gone (also when it is late),
 * adb-refused, adb-protocol, aborted.
 */
export function request(
  endpoint: AdbEndpoint,
  service: string,
  options: WaitOptions,
): Promise<string> {
  return withAdbSocket(endpoint, { ...options, onTimeout: 'adb-server-gone' }, async (socket) => {
    await ask(socket, service);
    return readText(socket);
  });
}

/** A service on one transport of one server, such as `sync:`. */
export interface HandsetService {
  readonly endpoint: AdbEndpoint;
  /** As in the server's device list. The server never gives the same number twice. */
  readonly transportId: number;
  readonly service: string;
}

/**
 * Opens a service of the handset and hands the raw stream to `work`.
 * Errors: handset-gone (no such transport any more), adb-refused (unauthorized, offline), adb-closed (the handset
 * refuses the service), handset-timeout, adb-server-gone, adb-protocol, aborted, and what `work` throws.
 */
export function openTransport<T>(
  { endpoint, transportId, service }: HandsetService,
  options: WaitOptions,
  work: (socket: AdbSocket) => Promise<T>,
): Promise<T> {
  return withAdbSocket(endpoint, { ...options, onTimeout: 'handset-timeout' }, async (socket) => {
    try {
      await ask(socket, `host:transport-id:${transportId}`);
    } catch (error) {
      throw hasCode(error, 'adb-refused') && /^no device/.test(`${error.detail['message']}`)
        ? new SarachiError('handset-gone', { transportId }, { cause: error })
        : error;
    }
    socket.whenEnded = 'adb-closed';
    await ask(socket, service);
    return work(socket);
  });
}

function refusal(text: string): SarachiError {
  const message = cleanField(text, 300) ?? '';
  return new SarachiError(message === 'closed' ? 'adb-closed' : 'adb-refused', { message });
}
