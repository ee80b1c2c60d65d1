import { SarachiError } from '../../../errors.js';
import { cleanField } from '../../../text.js';
import { entryOf, integerOf, isDict, type PlistDict, textOf } from '../plist/plist-value.js';

/** Throws iphone-refused with the service's own words unless the reply has this status. */
export function requireStatus(reply: PlistDict, wanted: string, request: string): void {
  const status = textOf(reply, 'Status');
  if (status === wanted) return;
  if (status === null) throw new SarachiError('iphone-protocol', { request, reason: 'no status' });
  throw new SarachiError('iphone-refused', {
    request,
    said: cleanField(status, 64),
    ...firstOf(reply),
  });
}

/** The first link of the chain of errors that the profile service sends. */
function firstOf(reply: PlistDict): Record<string, string | number | null> {
  const chain = entryOf(reply, 'ErrorChain');
  const first = Array.isArray(chain) ? chain[0] : undefined;
  if (!isDict(first)) return {};
  return {
    domain: cleanField(textOf(first, 'ErrorDomain') ?? ''),
    number: integerOf(first, 'ErrorCode'),
    words: cleanField(textOf(first, 'LocalizedDescription') ?? '', 300),
  };
}
