import { BoardAppleLink } from '../../../../src/devices/apple/board-apple-link.js';
import { MuxTracker } from '../../../../src/devices/apple/mux-tracker.js';
import { lookAgainMs } from '../../../../src/devices/apple/trust.js';
import { MuxClient } from '../../../../src/devices/apple/usbmux/mux-client.js';
import { JoinedSightings } from '../../../../src/devices/joined-sightings.js';
import type { Condition } from '../../../../src/devices/sighting.js';
import { createLog } from '../../../../src/log.js';
import { eventually } from '../../helpers/eventually.js';
import type { Owner } from '../../helpers/owner.js';
import { FakePhone } from './fake-phone.js';

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
  const mux = new MuxClient(phone.mux.endpoint);
  const log = createLog('silent');
  const board = new JoinedSightings({ log });
  const tracker = new MuxTracker({
    mux,
    log,
    onRows: (rows) => board.muxListed(rows),
    locate: async () => '1-4.2',
    againMs: soon,
  });
  tracker.start();
  t.teardown(async () => {
    await tracker.stop();
    await phone.mux.close();
  });
  const reconsider = (udid: string) => tracker.reconsider(udid);
  const link = new BoardAppleLink({ usbPath: '1-4.2', board, mux, reconsider });
  const becomes = (condition: string | null) =>
    eventually(`${condition}`, () => (link.sighting()?.condition ?? null) === condition);
  await becomes('mux:unpaired');
  return { phone, mux, board, tracker, link, becomes };
}

/** The same when it was made to trust us. */
export async function pairedPhone(t: Owner) {
  const plugged = await pluggedPhone(t);
  plugged.phone.pairing = null;
  await plugged.becomes('mux:paired');
  return plugged;
}
