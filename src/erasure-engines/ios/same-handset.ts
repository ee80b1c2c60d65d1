import { SarachiError } from '../../errors.js';
import type { IphoneReport } from './report.js';
import type { Visit } from './visit.js';

/**
 * Throws `handset-swapped` where what is seen now contradicts who the run is about. What is not said proves neither
 * sameness nor a swap. Returns what agreed.
 */
export function assertSameHandset(visit: Visit, { identity }: IphoneReport): readonly string[] {
  const known = visit.context.history().identity;
  const onBus = visit.link.sighting()?.mux?.udid ?? null;
  const agreed: string[] = [];
  const compare = (by: string, was: string | null | undefined, is: string | null | undefined) => {
    if (was == null || is == null) return;
    if (was !== is) throw new SarachiError('handset-swapped', { by });
    agreed.push(by);
  };
  compare('bus-udid', onBus, identity.udid);
  if (!known) return agreed;
  compare('udid', known.udid, identity.udid);
  compare('ecid', known.ecid, identity.ecid);
  compare('serial', known.serial, identity.serial);
  if (known.imeis.length > 0 && identity.imeis.length > 0) {
    if (!identity.imeis.some((imei) => known.imeis.includes(imei)))
      throw new SarachiError('handset-swapped', { by: 'imei' });
    agreed.push('imei');
  }
  return agreed;
}
