import { BoardAppleLink } from '../../../../src/devices/apple/board-apple-link.js';
import { MuxTracker } from '../../../../src/devices/apple/mux-tracker.js';
import { MuxClient } from '../../../../src/devices/apple/usbmux/mux-client.js';
import { JoinedSightings } from '../../../../src/devices/joined-sightings.js';
import { createLog } from '../../../../src/log.js';
import { eventually } from '../../helpers/eventually.js';
import type { Owner } from '../../helpers/owner.js';
import { FakePhone } from './fake-phone.js';

export const wait = (timeoutMs = 20_000) => ({ signal: new AbortController().signal, timeoutMs });

/** A fake phone at usb path 1-4.2 with everything of ours in front of it. */
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
  });
  tracker.start();
  t.teardown(async () => {
    await tracker.stop();
    await phone.mux.close();
  });
  const link = new BoardAppleLink({
    usbPath: '1-4.2',
    board,
    mux,
    clock: Date.now,
    reconsider: (udid) => tracker.reconsider(udid),
  });
  const becomes = (condition: string | null) =>
    eventually(`${condition}`, () => (link.sighting()?.condition ?? null) === condition);
  await becomes('mux:unpaired');
  return { phone, mux, board, tracker, link, becomes };
}
