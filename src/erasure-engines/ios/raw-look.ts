import type { PlistDict, PlistValue } from '../../devices/apple/plist/plist-value.js';
import type { Nvram } from '../../devices/apple/services/nvram.js';

/** What the handset's services said in one look, unread. Undefined or null: it has none, or refuses to tell. */
export interface RawLook {
  /** The values of lockdown without a domain. */
  readonly values: PlistDict;
  readonly disk: PlistDict | undefined;
  readonly battery: PlistDict | undefined;
  readonly setup: PlistDict | undefined;
  readonly international: PlistDict | undefined;
  readonly findMy: PlistValue | undefined;
  readonly cloud: PlistDict | null;
  readonly profiles: PlistDict | null;
  /** The entry of the battery in the registry of hardware. */
  readonly gauge: PlistDict | null;
  readonly nvram: Nvram;
  /** Whether the media folder can be listed. */
  readonly files: boolean;
}
