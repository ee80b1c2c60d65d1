import type { JsonObject } from '../evidence.js';
import { canonicalJson } from './canonical-json.js';
import { sha256Hex } from './sha256.js';

/** One step of a JSON Pointer (RFC 6901). */
export function pointerStep(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/**
 * SHA-256 over the canonical JSON of every section (`/device`) and of every member or item of a section
 * (`/device/imei1`, `/evidence/3`), by JSON Pointer. A signature only says that something changed; these say what.
 */
export function digestsOf(sections: Readonly<Record<string, unknown>>): Record<string, string> {
  const digests: Record<string, string> = {};
  for (const [name, section] of Object.entries(sections)) {
    if (name === 'digests') continue;
    const pointer = pointerStep(name);
    digests[pointer] = sha256Hex(canonicalJson(section));
    if (typeof section !== 'object' || section === null) continue;
    for (const [key, member] of Object.entries(section as JsonObject)) {
      digests[pointer + pointerStep(key)] = sha256Hex(canonicalJson(member));
    }
  }
  return digests;
}
