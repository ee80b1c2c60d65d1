import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse as parseYaml, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { carrierCheckSection, filesFrom } from './config-carrier-check.js';
import { doctorSection } from './config-doctor.js';
import { felicaSection } from './config-felica.js';
import { httpSection, tlsFrom } from './config-http.js';
import { hubFaults, hubSection } from './config-hub.js';
import { floorFields, floorSize, keyFilesFrom, panelSection } from './config-panel.js';
import { policySection } from './config-policy.js';
import { restrictionWatch } from './config-restriction-watch.js';
import { SarachiError } from './errors.js';
import { isUsbPath } from './handset.js';
import { LOG_LEVELS } from './log.js';

const portName = z.string().regex(/^P[0-9]{2}$/, 'must look like P01');
const controllerName = z.string().regex(/^[A-Za-z0-9]{1,16}$/, 'letters and digits, at most 16');
const usbPath = z.string().refine(isUsbPath, 'must look like 1-4.2');
const seconds = (fallback: number) => z.number().positive().max(86_400).default(fallback);

const controllers = z
  .record(
    controllerName,
    z.strictObject({
      concurrency: z
        .int()
        .min(1)
        .max(64)
        .default(10)
        .describe('How many handsets this USB controller may work on at the same time.'),
    }),
  )
  .describe('The USB controllers (PCIe host chips) of the rack.');

const rackPorts = z
  .record(
    portName,
    z.strictObject({
      usb: z
        .array(usbPath)
        .min(1)
        .max(2)
        .describe('USB paths of this opening: its USB 2 half and, if any, its USB 3 half.'),
      controller: controllerName.describe('The controller behind this opening.'),
    }),
  )
  .describe('Which USB path is which numbered opening.');

const rack = z
  .strictObject({
    id: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,32}$/)
      .default('rack-1')
      .describe('Name of this rack, on every certificate.'),
    controllers,
    ports: rackPorts,
    ...floorFields,
  })
  .superRefine((value, context) => {
    const openings = Object.keys(value.ports).length;
    const { rows, columns } = floorSize(value, openings);
    if (rows * columns < openings)
      context.addIssue({
        code: 'custom',
        path: ['rows'],
        message: `${rows} rows of ${columns} hold fewer than ${openings} openings`,
      });
    const taken = new Map<string, string>();
    for (const [port, { usb, controller }] of Object.entries(value.ports)) {
      if (!Object.hasOwn(value.controllers, controller)) {
        context.addIssue({
          code: 'custom',
          path: ['ports', port, 'controller'],
          message: `no controller ${controller} in rack.controllers`,
        });
      }
      for (const path of usb) {
        const other = taken.get(path);
        if (other)
          context.addIssue({
            code: 'custom',
            path: ['ports', port, 'usb'],
            message: `${path} is already port ${other}`,
          });
        taken.set(path, port);
      }
    }
  });

const timing = z
  .strictObject({
    settleSeconds: seconds(2).describe(
      'How long a fresh handset may answer "offline" or "authorizing" before a person is asked.',
    ),
    identifySeconds: seconds(120),
    leaveSeconds: seconds(180).describe(
      'How long a handset may take to leave the bus after a reset was asked for.',
    ),
    returnSeconds: seconds(900).describe(
      'How long a handset may take to come back after a reset or reboot.',
    ),
    commandSeconds: seconds(60).describe('Longest single command on a handset.'),
    stallSeconds: seconds(300).describe('Longest time without progress of an overwrite.'),
    stageHours: z.number().positive().max(48).default(12).describe('Longest time for one stage.'),
    goneGraceSeconds: seconds(1200).describe(
      'How long a handset may be off the bus while its run goes on.',
    ),
    removedSeconds: seconds(2).describe(
      'How long a finished port must be empty before it is free again.',
    ),
    staleAfterSeconds: seconds(5).describe(
      'Panels go dark when the last answer is older than this.',
    ),
  })
  .prefault({});

export const configSchema = z.strictObject({
  rack,
  state: z
    .string()
    .min(1)
    .default('/var/lib/sarachi')
    .describe('Folder that holds the ledger, certificates, keys and Redis.'),
  redis: z
    .strictObject({
      url: z
        .string()
        .optional()
        .describe('redis:// or unix path of an own Redis. Left out: the daemon starts its own.'),
    })
    .prefault({}),
  adb: z
    .strictObject({
      binary: z.string().min(1).default('adb').describe('The adb program to pin.'),
      port: z
        .int()
        .min(0)
        .max(65535)
        .default(0)
        .describe('TCP port of the adb server on loopback; 0 picks a free one.'),
    })
    .prefault({}),
  usbmuxd: z
    .strictObject({
      address: z
        .string()
        .regex(
          /^(?:off|(?:unix:(?:\/\/)?)?\/.+|(?:tcp:\/\/)?(?:\[[^\]]+\]|[^/:]+):[0-9]{1,5})$/i,
          'must be a path, host:port or off',
        )
        .default('/var/run/usbmuxd')
        .describe('Socket of usbmuxd, through which iPhones are reached: path, host:port or off.'),
    })
    .prefault({}),
  hub: hubSection,
  doctor: doctorSection,
  http: httpSection,
  log: z
    .strictObject({
      level: z.enum(LOG_LEVELS).default('info'),
    })
    .prefault({}),
  panel: panelSection,
  carrierCheck: carrierCheckSection,
  restrictionWatch,
  felica: felicaSection,
  policy: policySection,
  timing,
  overwrite: z
    .strictObject({
      fileMegabytes: z
        .int()
        .min(4)
        .max(1024)
        .multipleOf(4)
        .default(256)
        .describe('Size of one fill file, a multiple of 4.'),
    })
    .prefault({}),
  certificate: z
    .strictObject({
      organisation: z.string().max(120).default('').describe('Who issues the certificate.'),
      location: z.string().max(120).default('').describe('Where the work is done.'),
      operator: z.string().max(120).default('').describe('Who is responsible for the rack.'),
      contact: z.string().max(120).default(''),
    })
    .prefault({}),
});

/** What no section can know by itself. */
const checkedSchema = configSchema.superRefine(({ rack: { ports }, hub }, context) => {
  for (const { path, message } of hubFaults(hub, Object.keys(ports)))
    context.addIssue({ code: 'custom', path: ['hub', ...path], message });
});

export type Config = z.infer<typeof configSchema>;
export type Policy = Config['policy'];
export type Timing = Config['timing'];
export type { IphoneEraseMethod, ResetMethod } from './config-policy.js';

/** One fault of a configuration file: where, and what is wrong with it. */
export interface ConfigFault {
  readonly path: string;
  readonly message: string;
}

export class ConfigError extends SarachiError {
  readonly faults: readonly ConfigFault[];
  constructor(faults: readonly ConfigFault[], options?: ErrorOptions) {
    super('config-invalid', { faults: faults.length }, options);
    this.faults = faults;
  }
}

/** Checks a parsed document. Unknown keys are faults. The result is frozen to the last leaf. */
export function checkConfig(document: unknown): Config {
  const parsed = checkedSchema.safeParse(document ?? {});
  if (parsed.success) return deepFreeze(parsed.data);
  throw faultyConfig(parsed.error);
}

/** Every fault that a schema found in a configuration file. */
export function faultyConfig(error: z.ZodError): ConfigError {
  const faults = error.issues.map((issue) => ({
    path: issue.path.join('.') || '(top)',
    // What is wrong with the name of an entry says more than that it is wrong.
    message: (issue.code === 'invalid_key' && issue.issues[0]?.message) || issue.message,
  }));
  return new ConfigError(faults, { cause: error });
}

/** Reads one YAML file; secrets come from the environment: SARACHI_REDIS_URL. Throws ConfigError with every fault. */
export function loadConfig(file: string, env: NodeJS.ProcessEnv = process.env): Config {
  const { carrierCheck, redis, http, panel, ...rest } = checkConfig(readYamlFile(file));
  return deepFreeze({
    ...rest,
    carrierCheck: filesFrom(path.dirname(file), carrierCheck),
    http: tlsFrom(path.dirname(file), http),
    panel: keyFilesFrom(path.dirname(file), panel),
    redis: { url: env['SARACHI_REDIS_URL'] || redis.url },
  });
}

/** The document in one YAML file, unchecked. Throws ConfigError when it cannot be read or is not YAML. */
export function readYamlFile(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError([{ path: file, message: 'cannot be read' }], { cause: error });
  }
  try {
    return parseYaml(text, { maxAliasCount: 100 });
  } catch (error) {
    const where =
      error instanceof YAMLParseError ? ` at line ${error.linePos?.[0].line ?? '?'}` : '';
    throw new ConfigError([{ path: file, message: `is not YAML${where}` }], { cause: error });
  }
}

/** The JSON Schema of the configuration file, for editors. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { io: 'input' });
}

/** Freezes a document to the last leaf and returns it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}
