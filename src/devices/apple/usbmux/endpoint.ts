import { connect, type Socket } from 'node:net';
import { SarachiError } from '../../../errors.js';
import { abortError, sleep } from '../../../wait.js';

/** Where usbmuxd listens: a unix socket, or TCP for one behind a relay. */
export type MuxEndpoint =
  | { readonly path: string }
  | { readonly host: string; readonly port: number };

/** Where every usbmuxd for Linux listens. Source: usbmuxd src/main.c. */
export const DEFAULT_ENDPOINT: MuxEndpoint = { path: '/var/run/usbmuxd' };

const BUSY_MS = 50;

/**
 * The forms of USBMUXD_SOCKET_ADDRESS that other tools take: `host:port`, `[v6]:port`, `UNIX:/path`, `unix:///path`,
 * `tcp://host:port` or a path. Error: config-invalid.
 */
export function parseMuxEndpoint(text: string): MuxEndpoint {
  const path = /^(?:unix:(?:\/\/)?)?(\/.+)$/i.exec(text)?.[1];
  if (path) return { path };
  const [, v6, name, digits] =
    /^(?:tcp:\/\/)?(?:\[([^\]]+)\]|([^/:]+)):(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  const host = v6 ?? name;
  if (!host || !(port > 0 && port < 65536))
    throw new SarachiError('config-invalid', { usbmuxd: text.slice(0, 100) });
  return { host, port };
}

/**
 * Connects; the signal destroys the connection as long as it lives. A full queue of a unix socket answers EAGAIN at
 * once (usbmuxd 1.1.1 lets five wait), which is only a reason to come back. Errors: usbmuxd-gone, the signal's.
 */
export async function connectMux(endpoint: MuxEndpoint, signal: AbortSignal): Promise<Socket> {
  for (;;) {
    if (signal.aborted) throw abortError(signal);
    const socket = connect(endpoint);
    const error = await settled(socket, signal);
    if (error === null) return socket;
    if (error instanceof SarachiError) throw error;
    const reason = 'code' in error ? String(error.code) : error.message;
    if (reason !== 'EAGAIN') throw new SarachiError('usbmuxd-gone', { reason }, { cause: error });
    await sleep(BUSY_MS, signal);
  }
}

/** Null when it is connected, otherwise why not. */
async function settled(socket: Socket, signal: AbortSignal): Promise<Error | null> {
  const onAbort = () => socket.destroy(abortError(signal));
  signal.addEventListener('abort', onAbort, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', onAbort));
  const error = await new Promise<Error | null>((resolve) => {
    socket.once('connect', () => resolve(null));
    socket.once('error', resolve);
  });
  // The connection changes hands; an error while nobody holds it must not end the process.
  socket.on('error', () => undefined);
  if (error) socket.destroy();
  else socket.setNoDelay(true);
  return error;
}
