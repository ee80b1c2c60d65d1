import { z } from 'zod';
import { isUsbPath } from './handset.js';

/** What a tool may say of its own work. Nobody believes it: the survey afterwards decides. */
export const CLEAR_OUTCOMES = [
  'cleared',
  'already-clear',
  'unsupported',
  'locked',
  'busy',
  'cards-remain',
  'network',
  'server',
  'licence',
  'interrupted',
  'cancelled',
  'failed',
] as const;
export type ClearOutcome = (typeof CLEAR_OUTCOMES)[number];

const seconds = (fallback: number) => z.number().positive().max(86_400).default(fallback);
const absolutePath = z
  .string()
  .max(1000)
  .regex(/^\/[^\0]+$/, 'must be an absolute path');
const exitCode = z.string().regex(/^(?:0|[1-9][0-9]{0,2})$/, 'must be an exit code, 0 to 255');

const externalTool = z.strictObject({
  method: z.literal('external-tool'),
  command: absolutePath.describe(
    'The program of the licensed tool. Started directly, never by a shell.',
  ),
  arguments: z
    .array(z.string().max(500))
    .max(64)
    .default([])
    .describe(
      'Its arguments. {port}, {run}, {reader}, {model} and {job} are filled in; {job} is a number of this one attempt.',
    ),
  answer: z
    .enum(['json', 'exit-code'])
    .default('exit-code')
    .describe(
      'Where the tool says how it ended: its exit code, or a JSON object {"outcome": "cleared", "code": "..."} as its whole output.',
    ),
  exitCodes: z
    .record(exitCode, z.enum(CLEAR_OUTCOMES))
    .default({ '0': 'cleared' })
    .describe('What each exit code means. Any other one means failed.'),
  timeoutSeconds: seconds(300).describe('After this long the tool is ended.'),
});

const watchedFolder = z.strictObject({
  method: z.literal('watched-folder'),
  folder: absolutePath.describe(
    'Existing folder, shared with the tool: requests go to requests/, its answers are taken from answers/.',
  ),
  timeoutSeconds: seconds(900).describe('How long an answer may take.'),
});

const onDevice = z.strictObject({
  method: z.literal('on-device'),
  timeoutSeconds: seconds(1200).describe(
    'How long a person may take to run the built-in function; the reader waits for so long.',
  ),
});

const carrierShop = z.strictObject({ method: z.literal('carrier-shop') });

/** FeliCa readers on the bench, and who clears a chip. */
export const felicaSection = z
  .strictObject({
    readers: z
      .union([
        z.literal('auto'),
        z
          .array(z.string().refine(isUsbPath, 'must look like 1-4.2'))
          .max(16)
          .refine((paths) => new Set(paths).size === paths.length, 'names a reader twice'),
      ])
      .default([])
      .describe(
        'USB paths of the FeliCa readers, reader 1 first; ports are shared out among them in turn. auto: the only reader on this host.',
      ),
    clear: z
      .discriminatedUnion('method', [externalTool, watchedFolder, onDevice, carrierShop])
      .nullable()
      .default(null)
      .describe(
        'Who clears a chip that holds something. null: a person does and says so at the port.',
      ),
    placeSeconds: seconds(300).describe(
      'How long a reader waits for its handset before the next one gets it.',
    ),
    surveySeconds: seconds(300).describe('Longest time for one survey of a chip.'),
    checkIphones: z
      .boolean()
      .default(false)
      .describe(
        'After its erase, poll an iPhone for a transit card that still answers. Silence proves nothing.',
      ),
  })
  .prefault({});

export type FelicaConfig = z.infer<typeof felicaSection>;
export type ClearConfig = NonNullable<FelicaConfig['clear']>;
export type ExternalToolConfig = Extract<ClearConfig, { method: 'external-tool' }>;
export type WatchedFolderConfig = Extract<ClearConfig, { method: 'watched-folder' }>;
