import { BoardAppleLink } from '../../../../src/devices/apple/board-apple-link.js';
import { MuxTracker, type MuxTrackerOptions } from '../../../../src/devices/apple/mux-tracker.js';
import type { MuxEndpoint } from '../../../../src/devices/apple/usbmux/endpoint.js';
import { MuxClient } from '../../../../src/devices/apple/usbmux/mux-client.js';
import { JoinedSightings } from '../../../../src/devices/joined-sightings.js';
import type { Condition } from '../../../../src/devices/sighting.js';
import { createLog } from '../../../../src/log.js';
import { eventually } from '../../helpers/eventually.js';
import type { Owner } from '../../helpers/owner.js';

const PATH = '1-4.2';

/** Everything of ours in front of one usbmuxd, whose only phone stands at usb path 1-4.2. */
export function linked(
  t: Owner,
  endpoint: MuxEndpoint,
  options: Pick<MuxTrackerOptions, 'settleMs' | 'againMs'> = {},
) {
  const mux = new MuxClient(endpoint);
  const log = createLog('silent');
  const board = new JoinedSightings({ log });
  const tracker = new MuxTracker({
    mux,
    log,
    onRows: (rows) => board.muxListed(rows),
    locate: async () => PATH,
    ...options,
  });
  tracker.start();
  t.teardown(() => tracker.stop());
  const reconsider = (udid: string) => tracker.reconsider(udid);
  const link = new BoardAppleLink({ usbPath: PATH, board, mux, reconsider });
  const becomes = (condition: Condition | null) =>
    eventually(`${condition}`, () => (link.sighting()?.condition ?? null) === condition);
  return { mux, board, tracker, link, becomes };
}
