import { hasCode } from '../../../errors.js';
import { cleanField } from '../../../text.js';
import type { WaitOptions } from '../../../wait.js';
import type { AppleLink } from '../apple-link.js';
import { entryOf, isData, isDict, type PlistDict } from '../plist/plist-value.js';
import { ioRegistry } from './diagnostics.js';

/** What the firmware's memory says of erasing and of Find My; null where it says nothing, which is no answer at all. */
export interface Nvram {
  /** Left by an erase that ended, on newer iOS as `EACS Done @<epoch>`. */
  readonly obliteration: string | null;
  readonly obliterationBegins: string | null;
  readonly obliterationFailure: string | null;
  /** `YES` or `NO`. */
  readonly activationLocked: string | null;
}

/**
 * Reads it through lockdown, and through the registry of hardware where lockdown has none. Needs a session.
 * Nothing else of it is let in: one entry is the owner's account.
 */
export async function nvram(link: AppleLink, options: WaitOptions): Promise<Nvram> {
  const value = await link.session(options, (lockdown, signal) =>
    lockdown.value('NonVolatileRAM', { signal, timeoutMs: options.timeoutMs }),
  );
  return nvramFrom(isDict(value) ? value : await fromRegistry(link, options));
}

/** Picks the entries and makes texts of them. Pure. */
export function nvramFrom(dict: PlistDict): Nvram {
  return {
    obliteration: textFrom(dict, 'obliteration'),
    obliterationBegins: textFrom(dict, 'oblit-begins'),
    obliterationFailure: textFrom(dict, 'oblit-failure'),
    activationLocked: textFrom(dict, 'fm-activation-locked'),
  };
}

async function fromRegistry(link: AppleLink, options: WaitOptions): Promise<PlistDict> {
  const query = { entryName: 'options', plane: 'IODeviceTree' };
  try {
    return await ioRegistry(link, query, options);
  } catch (error) {
    // A handset that keeps it back has told nothing; every other failure is one.
    if (hasCode(error, 'iphone-refused')) return {};
    throw error;
  }
}

function textFrom(dict: PlistDict, key: string): string | null {
  const value = entryOf(dict, key);
  if (typeof value === 'string') return cleanField(value);
  return isData(value) ? cleanField(Buffer.from(value).toString('utf8')) : null;
}
