import { readFile } from 'node:fs/promises';
import type { AdbEndpoint } from '../../src/devices/adb/adb-socket.js';

/** The base64 part of an adb public key file, as a handset keeps it. */
export async function adbKey(publicKeyPath: string): Promise<string> {
  return (await readFile(publicKeyPath, 'utf8')).split(' ')[0] ?? '';
}

/** `127.0.0.1:5555` as host and port. */
export function endpointOf(address: string): AdbEndpoint {
  const [host = '', port = ''] = address.split(':');
  return { host, port: Number(port) };
}
