import { statfs } from 'node:fs/promises';
import type { Redis } from 'ioredis';
import { asSarachiError, SarachiError } from '../errors.js';
import type { HealthCheck } from '../http/rack-api.js';
import type { RunBook } from '../pipeline/run-book.js';
import { withDeadline } from '../wait.js';
import type { AndroidWiring } from './android-wiring.js';
import type { AppleWiring } from './apple-wiring.js';
import type { HostClock } from './clock-sync.js';
import type { LightsWiring } from './lights-wiring.js';

const CHECK_MS = 1_000;
/** Below this the ledger would soon be unwritable. */
const MINIMUM_FREE_BYTES = 64 * 1024 * 1024;

const WORD_OF_SYNC: Readonly<Record<string, string>> = {
  true: 'synchronised',
  false: 'NOT synchronised',
  null: 'not known whether it is synchronised',
};

export interface HealthParts {
  readonly android: AndroidWiring;
  readonly apple: AppleWiring;
  readonly lights: LightsWiring;
  readonly connection: Redis;
  readonly book: RunBook;
  readonly state: string;
  readonly hostClock: HostClock;
}

/** Looks at everything the daemon cannot work without, each by name. Never rejects. */
export async function checkHealth({
  android,
  apple,
  lights,
  connection,
  book,
  state,
  hostClock,
}: HealthParts): Promise<readonly HealthCheck[]> {
  return Promise.all([
    check('redis', async () => connection.ping()),
    check('adb', async () => android.health()),
    check('usbmuxd', async () => apple.health()),
    check('lights', async () => lights.health()),
    check('ledger', async () => {
      book.assertWritable();
      return `seq ${book.head().seq}`;
    }),
    check('disk', async () => {
      const { bavail, bsize } = await statfs(state);
      const free = bavail * bsize;
      if (free < MINIMUM_FREE_BYTES)
        throw new SarachiError('ledger-unwritable', { freeBytes: free });
      return `${Math.floor(free / 1024 / 1024)} MiB free`;
    }),
    // Information: a rack without a network still erases, and its certificates bear the host's time.
    check('clock', async () => WORD_OF_SYNC[String(await hostClock.synchronised())] ?? ''),
  ]);
}

async function check(name: string, look: () => Promise<string>): Promise<HealthCheck> {
  const limit = { signal: new AbortController().signal, timeoutMs: CHECK_MS };
  try {
    return { name, ok: true, detail: await withDeadline(limit, 'deadline-passed', look) };
  } catch (thrown) {
    return { name, ok: false, detail: asSarachiError(thrown).message };
  }
}
