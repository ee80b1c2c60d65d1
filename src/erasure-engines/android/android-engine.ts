import type { AndroidLink } from '../../devices/adb/android-link.js';
import type { EraseEngine, StageContext, StageOutcome } from '../engine.js';
import { asOutcome } from '../outcome.js';
import { felicaClear } from './felica.js';
import { identify } from './identify.js';
import { overwriteErase } from './overwrite/overwrite-erase.js';
import { resetDelete } from './reset-delete.js';
import { verify } from './verify.js';
import { type AtReader, HANDSET_PLACES, type Places, type Visit } from './visit.js';

export interface AndroidEngineParts {
  readonly link: AndroidLink;
  /** Whether another port of the rack holds a handset with this IMEI now. Default: no other port is known. */
  readonly sameImeiElsewhere?: (imei: string) => boolean;
  /** What becomes of the chip of this handset at its reader. Default: it meets none. */
  readonly atReader?: AtReader | null;
  /** Where the engine puts its files on the handset. Default: /data/local/tmp and /sdcard. */
  readonly places?: Places;
}

/**
 * The way of erasing Android handsets 8 to 17 over adb as the shell user, with a locked bootloader. Each stage looks
 * first at what the handset and the run's history show, so that a crash or a pulled cable repeats nothing.
 */
export function createAndroidEngine(parts: AndroidEngineParts): EraseEngine {
  const at = (stage: (visit: Visit) => Promise<StageOutcome>) => (context: StageContext) =>
    asOutcome(() =>
      stage({
        link: parts.link,
        context,
        places: parts.places ?? HANDSET_PLACES,
        sameImeiElsewhere: parts.sameImeiElsewhere ?? (() => false),
        atReader: parts.atReader ?? null,
      }),
    );
  return {
    identify: at(identify),
    resetDelete: at(resetDelete),
    overwriteErase: at(overwriteErase),
    felicaClear: at(felicaClear),
    verify: at(verify),
  };
}
