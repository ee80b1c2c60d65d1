import { z } from 'zod';

const hubRow = z.strictObject({
  serial: z
    .string()
    .regex(/^[A-Za-z0-9]{4,32}$/, 'letters and digits, 4 to 32')
    .describe('Serial number of the hub.'),
  ports: z
    .array(z.string().regex(/^(P[0-9]{2}|-)$/, 'must look like P01, or - for none'))
    .min(1)
    .max(64)
    .describe("The rack's port at each opening of the hub, from its opening 1 on; - where none."),
});

/** The section `hub`: who switches the lights and the power of the openings. */
export const hubSection = z
  .strictObject({
    driver: z
      .enum(['none', 'cambrionix', 'uhubctl'])
      .default('none')
      .describe('cambrionix has lights and power, uhubctl power only.'),
    cambrionix: z
      .strictObject({
        host: z
          .enum(['127.0.0.1', '::1', 'localhost'])
          .default('127.0.0.1')
          .describe('Where CambrionixApiService listens; only on this machine.'),
        port: z.int().min(1).max(65535).default(43424),
        leds: z
          .enum(['green-red-yellow', 'green-red-blue'])
          .default('green-red-yellow')
          .describe('The LEDs of an opening: of a ThunderSync3 or SuperSync, or of a ModIT.'),
        hubs: z.array(hubRow).max(16).default([]),
      })
      .prefault({}),
    uhubctl: z
      .strictObject({
        binary: z.string().min(1).default('uhubctl').describe('The uhubctl program to pin.'),
      })
      .prefault({}),
    powerOffSeconds: z
      .number()
      .min(1)
      .max(60)
      .default(5)
      .describe('How long an opening is without power in a power cycle.'),
  })
  .prefault({});

export type HubConfig = z.infer<typeof hubSection>;

interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What contradicts in the section, or between it and the rack's ports. Pure. */
export function hubFaults({ driver, cambrionix }: HubConfig, ports: readonly string[]): Fault[] {
  const { hubs } = cambrionix;
  const faults: Fault[] = [];
  if (driver === 'cambrionix' && hubs.length === 0)
    faults.push({ path: ['cambrionix', 'hubs'], message: 'the driver cambrionix needs its hubs' });
  const taken = new Set<string>();
  for (const [row, hub] of hubs.entries()) {
    for (const [at, port] of hub.ports.entries()) {
      if (port === '-') continue;
      const path = ['cambrionix', 'hubs', row, 'ports', at];
      if (!ports.includes(port)) faults.push({ path, message: `no port ${port} in rack.ports` });
      if (taken.has(port)) faults.push({ path, message: `${port} is already at another opening` });
      taken.add(port);
    }
  }
  return faults;
}
