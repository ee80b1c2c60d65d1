import type { Config } from '../config.js';
import type { Stage } from '../evidence.js';

/** Something scarce that a stage needs, and how many may have it at once. One BullMQ queue each. */
export interface Resource {
  /** Queue name: letters, digits and `-`, since BullMQ refuses `:`. */
  readonly queue: string;
  readonly concurrency: number;
}

const CARRIER_DESK: Resource = { queue: 'carrier-desk', concurrency: 8 };

/** Every queue of a rack: one per USB controller and one for the carrier check. Pure. */
export function resourcesOf(rack: Config['rack']): readonly Resource[] {
  const controllers = Object.entries(rack.controllers).map(([name, { concurrency }]) => ({
    queue: queueOf(name),
    concurrency,
  }));
  return [...controllers, CARRIER_DESK];
}

/** The queue in which a stage of a port waits: the controller's, or the carrier desk's for the carrier check. */
export function queueFor(stage: Stage, controller: string): string {
  return stage === 'carrier-check' ? CARRIER_DESK.queue : queueOf(controller);
}

function queueOf(controller: string): string {
  return `usb-${controller}`;
}
