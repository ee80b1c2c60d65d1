import type { Config } from '../config.js';
import type { SightingBoard } from '../devices/sighting.js';
import { resourcesOf } from '../pipeline/resources.js';
import type { RunBook } from '../pipeline/run-book.js';
import { makeRackMap } from '../ports/rack-map.js';
import type { Clock } from '../wait.js';
import { RackMetrics } from './metrics/rack-metrics.js';

export interface MetricsWiringParts {
  readonly config: Config;
  readonly book: RunBook;
  readonly board: SightingBoard;
  readonly clock: Clock;
}

/** Metrics that hear of every line of the ledger and every device that leaves the bus; `stop` ends that. */
export function wireMetrics({ config, book, board, clock }: MetricsWiringParts): {
  readonly metrics: RackMetrics;
  readonly stop: () => void;
} {
  const map = makeRackMap(config.rack);
  const metrics = new RackMetrics({
    ports: map.ports.map(({ port }) => port),
    queueNames: resourcesOf(config).map(({ queue }) => queue),
    recordOf: (run) => book.record(run),
    clock,
  });
  const ends = [
    book.onWritten((entry) => metrics.wrote(entry)),
    board.subscribe((change) => {
      const mapped = change.type === 'gone' ? map.portAt(change.usbPath) : undefined;
      if (mapped) metrics.left(mapped.port);
    }),
  ];
  return { metrics, stop: () => ends.forEach((end) => void end()) };
}
