import type { Redis } from 'ioredis';
import { RestrictionDesk } from '../carrier-check/restriction-desk.js';
import type { Config } from '../config.js';
import type { Log } from '../log.js';
import type { RunBook } from '../pipeline/run-book.js';
import type { Clock } from '../wait.js';
import { carrierBooks } from './carrier-books.js';
import { CarrierDesk } from './carrier-desk.js';
import type { CarrierSetup } from './carrier-setup.js';
import { RestrictionService } from './restriction-service.js';

interface CarrierWiring {
  readonly setup: CarrierSetup;
  readonly book: RunBook;
  readonly connection: Redis;
  readonly clock: Clock;
  readonly settings: Config['restrictionWatch'];
}

/** The stage's end of the carriers, and what is remembered of their answers and asked again later. */
export async function startCarriers(
  { setup, book, connection, clock, settings }: CarrierWiring,
  { log, stops }: { readonly log: Log; readonly stops: (() => Promise<unknown>)[] },
) {
  const own = log.child({ part: 'restrictions' });
  const desk = new RestrictionDesk({
    book: { append: (entry) => book.append(entry), pages: () => book.index.restrictions },
    log: own,
  });
  let onRevoked = (): void => undefined;
  const carriers = await CarrierDesk.start({
    ...{ setup, connection, clock, log: log.child({ part: 'carriers' }) },
    books: carrierBooks({ book, desk, onRevoked: () => onRevoked() }),
  });
  stops.push(() => carriers.stop());
  const { broker } = carriers;
  const restrictions = new RestrictionService({ desk, book, broker, settings, clock, log: own });
  onRevoked = () => restrictions.revoked();
  await restrictions.start();
  stops.push(() => restrictions.stop());
  return { carriers, restrictions };
}
