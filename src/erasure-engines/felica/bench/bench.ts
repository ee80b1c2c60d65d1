import type { FelicaConfig } from '../../../config-felica.js';
import type { FelicaReader } from '../../../devices/felica/felica-reader.js';
import type { WaitOptions } from '../../../wait.js';
import type { ClearingMethod } from '../clearing/clearing-method.js';
import type { HashId } from '../hash-id.js';

/** One reader's place on the bench, as one port uses it. */
export interface Bench {
  readonly port: string;
  /** From 1, as it is written on the reader. */
  readonly reader: number;
  readonly config: FelicaConfig;
  readonly hashId: HashId;
  /** Null where nobody here clears chips. */
  readonly method: ClearingMethod | null;
  /** Whether a chip with this digest was bound to another handset of late, which may be forgotten on the reader. */
  readonly boundElsewhere: (digest: string) => boolean;
  /** Takes the reader over; closing it gives it back. Errors: those of opening a reader. */
  open(options: WaitOptions): Promise<FelicaReader>;
  /** Waits on the air; handed in for an air without time. Default: the wall clock. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}
