import { checkConfig } from '../../../src/config.js';
import type { SightingBoard } from '../../../src/devices/sighting.js';
import { SarachiError } from '../../../src/errors.js';
import type { UsbPath } from '../../../src/handset.js';
import type { Log } from '../../../src/log.js';
import { Rack } from '../../../src/ports/rack.js';

/** The usb paths of each port. */
export type Openings = Readonly<Record<string, readonly UsbPath[]>>;

/** The product's rack with every port on hold: it shows what stands where, and no run may begin on it. */
export function heldRack(openings: Openings, board: SightingBoard, log: Log): Rack {
  const ports = Object.entries(openings).map(([port, usb]) => [port, { usb, controller: 'A' }]);
  const rack = new Rack({
    config: checkConfig({
      rack: { controllers: { A: {} }, ports: Object.fromEntries(ports) },
    }),
    board,
    control: { open: refuse, enqueue: refuse, abort: refuse, settle: refuse, acted: refuse },
    clock: Date.now,
    log,
    factsOf: () => null,
  });
  for (const port of Object.keys(openings)) rack.hold(port);
  return rack;
}

async function refuse(): Promise<never> {
  throw new SarachiError('not-possible-now', { held: true });
}
