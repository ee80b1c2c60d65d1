import path from 'node:path';
import { z } from 'zod';

/** How the openings stand on the floor, for the panel. */
export const floorFields = {
  rows: z.int().min(1).max(40).optional().describe('Rows of openings, as one stands before them.'),
  columns: z
    .int()
    .min(1)
    .max(40)
    .optional()
    .describe('Openings in a row. Left out together with rows: ten.'),
  numbering: z
    .enum(['rows', 'columns'])
    .default('rows')
    .describe('The numbers run along the rows, or down the columns; the first is top left.'),
};

interface Floor {
  readonly rows?: number | undefined;
  readonly columns?: number | undefined;
}

/** Rows and columns for so many openings: what is left out is as large as it must be. */
export function floorSize({ rows, columns }: Floor, openings: number) {
  if (rows !== undefined && columns === undefined)
    return { rows, columns: Math.max(1, Math.ceil(openings / rows)) };
  const width = columns ?? Math.min(10, Math.max(1, openings));
  return { rows: rows ?? Math.max(1, Math.ceil(openings / width)), columns: width };
}

const otherRack = z.strictObject({
  name: z.string().min(1).max(32).describe('What people call it.'),
  url: z
    .url({ protocol: /^https?$/ })
    .max(200)
    .refine(isOrigin, 'must be scheme, host and port alone, such as http://10.0.0.12:8374/')
    .describe('Address of its panel.'),
  keyFile: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('File with a key of that rack (viewer is enough), relative to this file.'),
});

function isOrigin(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { origin, href } = new URL(url);
  return href === `${origin}/` && `${url.replace(/\/$/, '')}/`.toLowerCase() === href;
}

export const panelSection = z
  .strictObject({
    language: z
      .enum(['ja', 'en'])
      .default('ja')
      .describe('Language of a panel whose user has not chosen one.'),
    racks: z
      .array(otherRack)
      .max(32)
      .default([])
      .describe(
        'The other racks of the fleet view. This daemon asks them; browsers ask only this daemon.',
      ),
  })
  .prefault({});

type Panel = z.infer<typeof panelSection>;

/** The section with key files where they are, seen from the folder of the configuration file. */
export function keyFilesFrom(folder: string, panel: Panel): Panel {
  const placed = (file: string | null) => (file === null ? null : path.resolve(folder, file));
  return {
    ...panel,
    racks: panel.racks.map((rack) => ({ ...rack, keyFile: placed(rack.keyFile) })),
  };
}
