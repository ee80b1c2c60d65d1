import { asSarachiError, SarachiError } from '../../../errors.js';
import type { WaitOptions } from '../../../wait.js';
import type { RackLights, ShownLight } from '../rack-hub.js';
import { HubApi, type HubEndpoint } from './hub-api.js';
import { type HubPorts, HubSession } from './hub-session.js';
import { type LedSet, ledValue } from './led-value.js';

export interface CambrionixLightsOptions {
  readonly endpoint: HubEndpoint;
  readonly hubs: readonly HubPorts[];
  readonly leds: LedSet;
}

interface LitHub extends HubPorts {
  readonly session: HubSession;
  /** Keys that this hub lets be read; empty before it was asked. */
  readable: ReadonlySet<string>;
}

/** The LEDs of Cambrionix hubs. A value set before the hub gave its LEDs away has no effect, so that is done at each opening. */
export class CambrionixLights implements RackLights {
  readonly #api: HubApi;
  readonly #hubs: readonly LitHub[];
  readonly #leds: LedSet;

  constructor({ endpoint, hubs, leds }: CambrionixLightsOptions) {
    this.#api = new HubApi(endpoint);
    this.#leds = leds;
    this.#hubs = hubs.map((hub): LitHub => {
      const lit: LitHub = {
        ...hub,
        session: new HubSession(this.#api, hub.serial, (session, wait) => take(lit, session, wait)),
        readable: new Set(),
      };
      return lit;
    });
  }

  async show(lights: ReadonlyMap<string, ShownLight>, wait: WaitOptions): Promise<void> {
    const shown = await Promise.allSettled(
      this.#hubs.map((hub) => this.#showOn(hub, lights, wait)),
    );
    for (const result of shown)
      if (result.status === 'rejected') throw asSarachiError(result.reason);
  }

  close(): Promise<void> {
    return this.#api.close();
  }

  async #showOn(
    hub: LitHub,
    lights: ReadonlyMap<string, ShownLight>,
    wait: WaitOptions,
  ): Promise<void> {
    for (const [index, port] of hub.ports.entries()) {
      const light = port === null ? undefined : lights.get(port);
      if (!light) continue;
      const key = `Port.${index + 1}.leds`;
      const value = ledValue(light, this.#leds);
      await hub.session.set(key, value, wait);
      if (!hub.readable.has(key)) continue;
      const says = await hub.session.get(key, wait);
      if (says !== value)
        throw new SarachiError('hub-not-obeyed', { hub: hub.serial, key, value, says: `${says}` });
    }
  }
}

/**
 * Takes the hub's LEDs over. "auto" and not `true`: the hub then ends our pattern by itself when a handset is taken out, so that
 * a green does not stay lit on an empty opening even when everything on this machine is dead.
 */
async function take(hub: LitHub, session: HubSession, wait: WaitOptions): Promise<void> {
  await session.set('RemoteControl', 'auto', wait);
  hub.readable = await session.readable(wait);
}
