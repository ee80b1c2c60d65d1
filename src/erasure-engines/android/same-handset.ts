import { SarachiError } from '../../errors.js';
import { serialOf } from '../../handset.js';
import type { HandsetReport } from './report.js';
import type { Visit } from './visit.js';

/**
 * Throws `handset-swapped` where what is seen now contradicts who the run is about. A serial or IMEI that is not
 * said proves neither sameness nor a swap. Returns what agreed.
 */
export function assertSameHandset(visit: Visit, report: HandsetReport | null): readonly string[] {
  const agreed: string[] = [];
  const known = visit.context.history().identity;
  const seen = visit.link.sighting()?.handset;
  const busSerial = seen ? serialOf(seen) : null;
  if (report && busSerial !== null && report.serials.length > 0) {
    if (!report.serials.includes(busSerial)) throw swapped('bus-serial');
    agreed.push('bus-serial');
  }
  if (!known) return agreed;
  if (!report && busSerial !== null && known.serial !== null) {
    if (busSerial !== known.serial) throw swapped('bus-serial');
    agreed.push('bus-serial');
  }
  if (report && known.serial !== null && report.serials.length > 0) {
    if (!report.serials.includes(known.serial)) throw swapped('serial');
    agreed.push('serial');
  }
  if (report && known.imeis.length > 0 && report.identity.imeis.length > 0) {
    if (!report.identity.imeis.some((imei) => known.imeis.includes(imei))) throw swapped('imei');
    agreed.push('imei');
  }
  return agreed;
}

function swapped(by: string): SarachiError {
  return new SarachiError('handset-swapped', { by });
}
