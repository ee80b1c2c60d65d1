import type { Lockdown } from '../../devices/apple/lockdown/lockdown.js';
import { ioRegistry } from '../../devices/apple/services/diagnostics.js';
import { cloudConfiguration, profileList } from '../../devices/apple/services/mcinstall.js';
import { nvram } from '../../devices/apple/services/nvram.js';
import { hasCode } from '../../errors.js';
import type { WaitOptions } from '../../wait.js';
import { buildReport } from './build-report.js';
import type { RawLook } from './raw-look.js';
import type { IphoneReport } from './report.js';
import { questionWait, type Visit } from './visit.js';

/**
 * Asks the handset everything, in one session of lockdown and one connection to each service. What it refuses to tell is
 * null; a lock, a lost pairing and a broken connection are errors (those of `AppleLink`).
 */
export async function probe(visit: Visit): Promise<IphoneReport> {
  const { link } = visit;
  const wait = questionWait(visit);
  const told = await link.session(wait, (lockdown, signal) =>
    askLockdown(lockdown, { ...wait, signal }),
  );
  return buildReport({
    ...told,
    nvram: await nvram(link, wait),
    cloud: await orNull(() => cloudConfiguration(link, wait)),
    profiles: await orNull(() => profileList(link, wait)),
    gauge: await orNull(() => ioRegistry(link, { entryClass: 'IOPMPowerSource' }, wait)),
    files: await servesFiles(visit),
  });
}

type Told = Pick<RawLook, 'values' | 'disk' | 'battery' | 'setup' | 'international' | 'findMy'>;

async function askLockdown(lockdown: Lockdown, wait: WaitOptions): Promise<Told> {
  const domain = async (name: string) =>
    (await orNull(async () => lockdown.values(name, wait))) ?? undefined;
  return {
    values: (await lockdown.values(null, wait)) ?? {},
    disk: await domain('com.apple.disk_usage'),
    battery: await domain('com.apple.mobile.battery'),
    setup: await domain('com.apple.PurpleBuddy'),
    international: await domain('com.apple.international'),
    findMy:
      (await orNull(() => lockdown.value('IsAssociated', { ...wait, domain: 'com.apple.fmip' }))) ??
      undefined,
  };
}

/** Whether the media folder can be listed as the handset stands. Errors: those of `AppleLink`. */
async function servesFiles(visit: Visit): Promise<boolean> {
  const wait = questionWait(visit);
  const listed = await orNull(() =>
    visit.link.afc(wait, async (afc, signal) => afc.list('/', { ...wait, signal })),
  );
  return listed !== null;
}

/** A refusal is an answer: this handset does not tell. */
async function orNull<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (hasCode(error, 'iphone-refused', 'afc-refused')) return null;
    throw error;
  }
}
