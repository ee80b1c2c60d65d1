import { join } from 'node:path';
import { AfcError } from './afc-error.js';
import { AFC_ERROR } from './packet.js';

/** The text up to the first NUL; libimobiledevice ends paths with one, others do not. */
export function pathText(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return (end < 0 ? bytes : bytes.subarray(0, end)).toString('utf8');
}

/** Where a path of the phone is on this host. What climbs above AFC's root stays at the root. */
export function hostPath(root: string, path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return join(root, ...parts);
}

/** The two paths of a rename, each ended by NUL. */
export function pathPair(bytes: Buffer): readonly [string, string] {
  const end = bytes.indexOf(0);
  if (end < 0) throw new AfcError(AFC_ERROR.invalidArgument);
  return [pathText(bytes), pathText(bytes.subarray(end + 1))];
}

/** Keys and values as AFC lists them, each ended by NUL. */
export function listed(values: readonly string[]): Buffer {
  return Buffer.from(values.map((value) => `${value}\0`).join(''));
}
