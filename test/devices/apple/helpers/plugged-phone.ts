import { lookAgainMs } from '../../../../src/devices/apple/trust.js';
import type { Condition } from '../../../../src/devices/sighting.js';
import type { Owner } from '../../helpers/owner.js';
import { FakePhone } from './fake-phone.js';
import { linked } from './linked.js';

export const wait = (timeoutMs = 20_000) => ({ signal: new AbortController().signal, timeoutMs });

/** As long as in trust.ts where that is for ever, and far shorter elsewhere. */
export function soon(condition: Condition): number | null {
  const ms = lookAgainMs(condition);
  return ms === null ? null : ms / 20;
}

/** A fake phone at usb path 1-4.2, its dialog open, with everything of ours in front of it. */
export async function pluggedPhone(t: Owner) {
  const phone = new FakePhone();
  await phone.mux.listen();
  t.teardown(() => phone.mux.close());
  const ours = linked(t, phone.mux.endpoint, { againMs: soon });
  await ours.becomes('mux:unpaired');
  return { phone, ...ours };
}

/** The same when it was made to trust us. */
export async function pairedPhone(t: Owner) {
  const plugged = await pluggedPhone(t);
  plugged.phone.pairing = null;
  await plugged.becomes('mux:paired');
  return plugged;
}
