import type { Idm } from '../../../devices/felica/card-values.js';
import { SILENCE } from '../../../devices/felica/card-values.js';
import { chipOf } from '../../../devices/felica/chips.js';
import { FelicaCard } from '../../../devices/felica/felica-card.js';
import type { FelicaReader } from '../../../devices/felica/felica-reader.js';
import { hasCode } from '../../../errors.js';
import type { WaitOptions } from '../../../wait.js';
import { NAMED_SYSTEMS, SYSTEM } from '../systems.js';

/** What lies on a reader, as far as a few polls can tell. `nothing` may also be a handset that is silent. */
export type Lying =
  | { readonly kind: 'nothing' | 'card' | 'several' }
  /** One handset; `management` is null where its chip has no management area that answers. */
  | { readonly kind: 'handset'; readonly management: Idm | null };

/** Looks once, in a fresh field. Errors: those of the reader but for a disturbed air, aborted. */
export async function lookOnce(reader: FelicaReader, wait: WaitOptions): Promise<Lying> {
  const card = new FelicaCard(reader);
  const pmms = new Set<string>();
  let management: Idm | null = null;
  let disturbed = false;
  await reader.field(false, wait);
  for (const systemCode of NAMED_SYSTEMS) {
    try {
      const answer = await card.poll({ systemCode, requestCode: 1 }, wait);
      if (answer === SILENCE) continue;
      pmms.add(answer.pmm);
      if (systemCode === SYSTEM.management) management = answer.idm;
    } catch (error) {
      if (!hasCode(error, 'rf-fault', 'card-protocol')) throw error;
      disturbed = true;
    }
  }
  await reader.field(false, wait);
  const [pmm] = pmms;
  if (pmms.size > 1 || (disturbed && pmm === undefined)) return { kind: 'several' };
  if (pmm === undefined) return { kind: 'nothing' };
  return chipOf(pmm as Parameters<typeof chipOf>[0]).kind === 'mobile'
    ? { kind: 'handset', management }
    : { kind: 'card' };
}
