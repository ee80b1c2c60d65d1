import { hasCode, SarachiError } from '../../../errors.js';
import { sleep, type WaitOptions } from '../../../wait.js';
import type { PortPower } from '../rack-hub.js';
import { HubApi, type HubEndpoint } from './hub-api.js';
import { type HubPorts, HubSession } from './hub-session.js';

/** Modes of `Port.N.mode`: `o` is like unplugging, `s` is data with charging. Source: Cambrionix Hub API manual 3.9. */
type Mode = 'o' | 's';

const LOOK_EVERY_MS = 100;
/** How long a hub may take to show a mode that it was told. */
const OBEY_MS = 3_000;
/** How long giving the power back may take, whatever became of the wait it was taken away in. */
const RESTORE_MS = 10_000;

/** Per-port power of Cambrionix hubs. A service once answered `true` to "on" and the port stayed off, so every mode is read back. */
export class CambrionixPower implements PortPower {
  readonly #api: HubApi;
  readonly #hubs: readonly (HubPorts & { readonly session: HubSession })[];

  constructor(endpoint: HubEndpoint, hubs: readonly HubPorts[]) {
    this.#api = new HubApi(endpoint);
    this.#hubs = hubs.map((hub) => ({ ...hub, session: new HubSession(this.#api, hub.serial) }));
  }

  can(port: string): boolean {
    return this.#hubs.some(({ ports }) => ports.includes(port));
  }

  async cycle(port: string, offMs: number, wait: WaitOptions): Promise<void> {
    const hub = this.#hubs.find(({ ports }) => ports.includes(port));
    if (!hub) throw new SarachiError('not-possible-now', { port, why: 'no power switch' });
    const key = `Port.${hub.ports.indexOf(port) + 1}`;
    try {
      await setMode(hub.session, key, 'o', wait);
      await sleep(offMs, wait.signal);
    } finally {
      await restore(hub.session, key);
    }
  }

  async look(wait: WaitOptions): Promise<string> {
    for (const { session } of this.#hubs) await session.get('nrOfPorts', wait);
    return `${this.#hubs.length} hubs answer`;
  }

  close(): Promise<void> {
    return this.#api.close();
  }
}

async function setMode(
  session: HubSession,
  key: string,
  mode: Mode,
  wait: WaitOptions,
): Promise<void> {
  await session.set(`${key}.mode`, mode, wait);
  const end = performance.now() + OBEY_MS;
  for (;;) {
    const says = await session.get(`${key}.Mode`, wait);
    if (says === mode) return;
    if (performance.now() > end)
      throw new SarachiError('hub-not-obeyed', {
        ...{ hub: session.serial, key, value: mode },
        says: String(says).slice(0, 20),
      });
    await sleep(LOOK_EVERY_MS, wait.signal);
  }
}

/** An opening left without power would be a dead one: tried again while the time lasts. */
async function restore(session: HubSession, key: string): Promise<void> {
  const wait = { signal: new AbortController().signal, timeoutMs: RESTORE_MS };
  const end = performance.now() + RESTORE_MS;
  for (;;) {
    try {
      return await setMode(session, key, 's', wait);
    } catch (error) {
      const worth = hasCode(error, 'hub-gone', 'hub-refused', 'hub-not-obeyed');
      if (!worth || performance.now() > end) throw error;
      await sleep(LOOK_EVERY_MS, wait.signal);
    }
  }
}
