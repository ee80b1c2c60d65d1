import { z } from 'zod';
import { lightSchema, portName, stamp } from './schemas.js';

const racks = z.array(z.object({ name: z.string(), url: z.string() })).readonly();

export const planFields = {
  rows: z.int().min(1).max(99),
  columns: z.int().min(1).max(99),
  places: z
    .array(
      z.object({
        port: portName,
        row: z.int().min(1).describe('From the top.'),
        column: z.int().min(1).describe('From the left.'),
        controller: z.string(),
      }),
    )
    .max(99)
    .readonly(),
};

/** What does not change while the daemon runs. */
export const rackPlanSchema = z
  .object({
    ...stamp,
    version: z.string().describe('Of the daemon.'),
    language: z.enum(['ja', 'en']),
    ...planFields,
    controllers: z.array(z.object({ name: z.string(), concurrency: z.int() })).readonly(),
    racks: racks.describe('The other racks of the fleet view.'),
  })
  .meta({ id: 'RackPlan' });

const fleetLight = z.object({ port: portName, ...lightSchema.shape });

export const fleetSchema = z
  .object({
    ...stamp,
    racks: z
      .array(
        z.object({
          name: z.string().describe('As the configuration of this daemon calls it.'),
          url: z.string().describe('Address of its panel.'),
          state: z
            .enum(['answers', 'silent', 'unreadable', 'refuses'])
            .describe('Everything but `answers` has the light `stale` on every port.'),
          rack: z.string().nullable().describe('As it calls itself.'),
          answeredAt: z.iso.datetime().nullable().describe('Its last good answer, by our clock.'),
          plan: z.object(planFields).nullable(),
          lights: z.array(fleetLight).readonly(),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'Fleet' });

export type Fleet = z.infer<typeof fleetSchema>;
export type FleetRack = Fleet['racks'][number];
