import { z } from 'zod';

/** The section `doctor`: when trouble has an owner, and what is done about it without a person. */
export const doctorSection = z
  .strictObject({
    windowHours: z.number().min(1).max(720).default(24).describe('How far back trouble counts.'),
    after: z
      .int()
      .min(2)
      .max(50)
      .default(3)
      .describe('So many troubles make a finding; of a port or cable: by several handsets.'),
    quarantine: z
      .boolean()
      .default(true)
      .describe('Put a port on hold when it or its cable is found to be at fault.'),
    powerCycle: z
      .enum(['never', 'stuck-handsets'])
      .default('stuck-handsets')
      .describe('Take the power of an opening away for a moment when its handset does not answer.'),
    stuckSeconds: z.number().min(10).max(3600).default(60),
    powerCyclesPerHour: z.int().min(1).max(20).default(2).describe('The most of one port.'),
    endpointsPerController: z
      .int()
      .min(16)
      .max(1024)
      .default(96)
      .describe('USB endpoints that one controller can have in use.'),
    endpointsPerHandset: z
      .int()
      .min(2)
      .max(32)
      .default(6)
      .describe('Endpoints of one handset: 3 with adb alone, 6 with MTP, up to 10 for an iPhone.'),
  })
  .prefault({});
