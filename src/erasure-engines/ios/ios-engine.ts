import type { AppleLink } from '../../devices/apple/apple-link.js';
import { hasCode, type SarachiError } from '../../errors.js';
import type { EraseEngine, StageContext, StageOutcome } from '../engine.js';
import { again, asOutcome, attention } from '../outcome.js';
import { identify } from './identify.js';
import { overwriteErase } from './overwrite/overwrite-erase.js';
import { presentTrouble } from './presence.js';
import { resetDelete } from './reset-delete.js';
import { secureElement } from './secure-element.js';
import { verify } from './verify.js';
import type { Visit } from './visit.js';

export interface IosEngineParts {
  readonly link: AppleLink;
  /** Whether another port of the rack holds a handset with this IMEI now. Default: no other port is known. */
  readonly sameImeiElsewhere?: (imei: string) => boolean;
  /** What its transit card says at a reader after the erase. Default: nobody asks. */
  readonly atReader?: ((context: StageContext) => Promise<StageOutcome>) | null;
}

/** What a stage may meet although the handset trusted this rack when the stage began. */
const TRUST_LOST = [
  'iphone-locked',
  'iphone-not-unlocked',
  'iphone-unpaired',
  'iphone-tls',
  'pair-record-unusable',
] as const;
/** How long the judging of a handset's trust may take. */
const JUDGED_MS = 10_000;

/**
 * The way of erasing iPhones with iOS 9 to 26 over usbmux, without jailbreak: the system destroys its keys, and what is
 * seen before and after proves it. Each stage looks first at what the handset and the run's history show.
 */
export function createIosEngine(parts: IosEngineParts): EraseEngine {
  const at = (stage: (visit: Visit) => Promise<StageOutcome>) => (context: StageContext) => {
    const visit = {
      link: parts.link,
      context,
      sameImeiElsewhere: parts.sameImeiElsewhere ?? (() => false),
    };
    return asOutcome(() => whileTrusted(visit, stage));
  };
  return {
    identify: at(identify),
    resetDelete: at(resetDelete),
    overwriteErase: at(overwriteErase),
    felicaClear: async (context) => {
      const ended = await at(secureElement)(context);
      return ended.kind === 'done' && parts.atReader
        ? asOutcome(async () => parts.atReader?.(context) ?? ended)
        : ended;
    },
    verify: at(verify),
  };
}

/** A lock or a lost pairing in mid-stage becomes what a person has to do, as the handset's trust is judged then. */
async function whileTrusted(
  visit: Visit,
  stage: (visit: Visit) => Promise<StageOutcome>,
): Promise<StageOutcome> {
  try {
    return await stage(visit);
  } catch (error) {
    if (visit.context.signal.aborted || !hasCode(error, ...TRUST_LOST)) throw error;
    return await trustLost(visit, error);
  }
}

async function trustLost({ link, context }: Visit, error: SarachiError): Promise<StageOutcome> {
  link.reconsider();
  const options = { signal: context.signal, timeoutMs: JUDGED_MS };
  const judged = await link
    .waitFor((sighting) => sighting?.condition !== 'mux:attached', options)
    .catch((late: unknown) => {
      if (hasCode(late, 'handset-timeout')) return null;
      throw late;
    });
  const code = presentTrouble(judged);
  return code ? attention(code) : again(error.code, error.detail);
}
