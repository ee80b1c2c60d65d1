import { SarachiError } from '../../../errors.js';
import type { WaitOptions } from '../../../wait.js';
import type { AppleLink } from '../apple-link.js';
import { dictOf, type PlistDict } from '../plist/plist-value.js';
import { requireStatus } from './service-status.js';

/** Source of its requests: pymobiledevice3 services/diagnostics.py. */
export const DIAGNOSTICS_SERVICE = 'com.apple.mobile.diagnostics_relay';
const ASK_MS = 30_000;

/** What is looked for in the registry of hardware. */
export type RegistryQuery =
  | { readonly entryClass: string }
  | { readonly entryName: string; readonly plane?: string };

/** The properties of one entry of the I/O registry; empty where there is none. Errors: iphone-refused, the link's. */
export function ioRegistry(
  link: AppleLink,
  query: RegistryQuery,
  options: WaitOptions,
): Promise<PlistDict> {
  return link.service(DIAGNOSTICS_SERVICE, options, async (channel, signal) => {
    const wait = { signal, timeoutMs: ASK_MS };
    const reply = await channel.ask({ Request: 'IORegistry', ...entry(query) }, wait);
    requireStatus(reply, 'Success', 'IORegistry');
    const diagnostics = dictOf(reply, 'Diagnostics');
    if (!diagnostics) throw new SarachiError('iphone-protocol', { reason: 'no Diagnostics' });
    return dictOf(diagnostics, 'IORegistry') ?? {};
  });
}

/** Restarts the handset. Resolves when it accepted, which does not mean that it went. */
export function restart(link: AppleLink, options: WaitOptions): Promise<void> {
  return link.service(DIAGNOSTICS_SERVICE, options, async (channel, signal) => {
    const reply = await channel.ask({ Request: 'Restart' }, { signal, timeoutMs: ASK_MS });
    requireStatus(reply, 'Success', 'Restart');
  });
}

function entry(query: RegistryQuery): PlistDict {
  if ('entryClass' in query) return { EntryClass: query.entryClass };
  return {
    EntryName: query.entryName,
    ...(query.plane ? { CurrentPlane: query.plane } : {}),
  };
}
