import { SarachiError } from '../../errors.js';
import type { PortPower, RackLights } from './rack-hub.js';

/** A rack whose hubs have no lights. */
export const NO_LIGHTS: RackLights = {
  show: async () => undefined,
  close: async () => undefined,
};

/** A rack whose hubs switch nothing. */
export const NO_POWER: PortPower = {
  can: () => false,
  cycle: async (port) => {
    throw new SarachiError('not-possible-now', { port, why: 'no power switch' });
  },
  look: async () => 'no driver',
  close: async () => undefined,
};
