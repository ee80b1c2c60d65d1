import type { Config } from '../../config.js';
import { CambrionixLights } from './cambrionix/cambrionix-lights.js';
import { CambrionixPower } from './cambrionix/cambrionix-power.js';
import type { HubPorts } from './cambrionix/hub-session.js';
import { NO_LIGHTS, NO_POWER } from './no-hub.js';
import type { PortPower, RackLights } from './rack-hub.js';
import { UhubctlPower } from './uhubctl/uhubctl-power.js';

type HubConfig = Config['hub'];

/** The configured hubs as the Cambrionix drivers want them. */
function hubsOf({ cambrionix }: HubConfig): HubPorts[] {
  return cambrionix.hubs.map(({ serial, ports }) => ({
    serial,
    ports: ports.map((port) => (port === '-' ? null : port)),
  }));
}

/** The ports that have a light under this driver; none where the driver has no lights. */
export function litPorts({ driver, cambrionix }: HubConfig): readonly string[] {
  if (driver !== 'cambrionix') return [];
  return cambrionix.hubs.flatMap(({ ports }) => ports.filter((port) => port !== '-'));
}

/** The lights of the configured driver. Nothing is asked of a hub before the first `show`. */
export function openLights(hub: HubConfig): RackLights {
  const { host, port, leds } = hub.cambrionix;
  return hub.driver === 'cambrionix'
    ? new CambrionixLights({ endpoint: { host, port }, hubs: hubsOf(hub), leds })
    : NO_LIGHTS;
}

/** The power switches of the configured driver. Nothing is asked of a hub before the first call. */
export function openPower({ hub, rack }: Pick<Config, 'hub' | 'rack'>): PortPower {
  switch (hub.driver) {
    case 'cambrionix': {
      const { host, port } = hub.cambrionix;
      return new CambrionixPower({ host, port }, hubsOf(hub));
    }
    case 'uhubctl': {
      const paths = Object.entries(rack.ports).map(([port, { usb }]) => [port, usb] as const);
      return new UhubctlPower({ binary: hub.uhubctl.binary, ports: new Map(paths) });
    }
    case 'none':
      return NO_POWER;
  }
}
