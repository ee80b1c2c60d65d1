import type { Config } from '../config.js';
import type { Stage } from '../evidence.js';
import type { HandsetIdentity } from '../handset.js';

/** Something scarce that a stage needs, and how many may have it at once. One BullMQ queue each. */
export interface Resource {
  /** Queue name: letters, digits and `-`, since BullMQ refuses `:`. */
  readonly queue: string;
  readonly concurrency: number;
}

const CARRIER_DESK: Resource = { queue: 'carrier-desk', concurrency: 8 };

type Site = Pick<Config, 'rack' | 'felica'>;

/** Every queue of a rack: one per USB controller, one for the carrier check, one per FeliCa reader. Pure. */
export function resourcesOf({ rack, felica }: Site): readonly Resource[] {
  const controllers = Object.entries(rack.controllers).map(([name, { concurrency }]) => ({
    queue: queueOf(name),
    concurrency,
  }));
  // One field holds one handset.
  const readers = Array.from({ length: readerCount(felica) }, (_, at) => ({
    queue: readerQueue(at + 1),
    concurrency: 1,
  }));
  return [...controllers, CARRIER_DESK, ...readers];
}

/**
 * The queue in which a stage of a port waits: the carrier desk's for the carrier check, the reader's where the chip is
 * looked at, else the controller's. `identity` is what identify found.
 */
export function queueFor(
  { stage, port }: { readonly stage: Stage; readonly port: string },
  identity: HandsetIdentity | null,
  site: Site,
): string {
  if (stage === 'carrier-check') return CARRIER_DESK.queue;
  const reader = stage === 'felica-clear' && meetsReader(identity, site.felica);
  if (reader) return readerQueue(readerOf(port, site) ?? 1);
  return queueOf(site.rack.ports[port]?.controller ?? '');
}

/** The reader, from 1, that serves a port: ports are shared out in turn. Null without any. Pure. */
export function readerOf(port: string, { rack, felica }: Site): number | null {
  const readers = readerCount(felica);
  const place = Object.keys(rack.ports).sort().indexOf(port);
  return readers === 0 || place < 0 ? null : (place % readers) + 1;
}

/** Whether the felica-clear stage of this handset takes place at a reader. Pure. */
export function meetsReader(identity: HandsetIdentity | null, felica: Config['felica']): boolean {
  if (readerCount(felica) === 0 || !identity) return false;
  return identity.platform === 'apple' ? felica.checkIphones : identity.felica === 'present';
}

function readerCount({ readers }: Config['felica']): number {
  return readers === 'auto' ? 1 : readers.length;
}

function readerQueue(reader: number): string {
  return `felica-${reader}`;
}

function queueOf(controller: string): string {
  return `usb-${controller}`;
}
