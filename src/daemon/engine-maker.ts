import { createAndroidEngine } from '../erasure-engines/android/android-engine.js';
import type { EraseEngine } from '../erasure-engines/engine.js';
import { createIosEngine } from '../erasure-engines/ios/ios-engine.js';
import type { RunBook } from '../pipeline/run-book.js';
import type { RunRecord } from '../pipeline/run-record.js';
import type { AndroidWiring } from './android-wiring.js';
import type { AppleWiring } from './apple-wiring.js';
import type { FelicaWiring } from './felica-wiring.js';

interface EngineParts {
  readonly android: AndroidWiring;
  readonly apple: AppleWiring;
  readonly felica: FelicaWiring;
  readonly book: RunBook;
}

/** Which engine works on a run's handset: its platform says. */
export function engineMaker({
  android,
  apple,
  felica,
  book,
}: EngineParts): (record: RunRecord) => EraseEngine {
  return (record) => {
    const sameImeiElsewhere = (imei: string) =>
      book
        .unfinished()
        .some(
          (other) =>
            other.run !== record.run && !other.settled && other.identity?.imeis.includes(imei),
        );
    const { usbPath, handset } = record;
    const parts = { sameImeiElsewhere, atReader: felica.atReader(record) };
    return handset?.startsWith('apple:')
      ? createIosEngine({ link: apple.link(usbPath), ...parts })
      : createAndroidEngine({ link: android.link(usbPath), ...parts });
  };
}
