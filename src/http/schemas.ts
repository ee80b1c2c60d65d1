import { z } from 'zod';
import { ATTENTIONS, type AttentionCode } from '../attention.js';
import { CONDITIONS } from '../devices/sighting.js';
import { type Blame, ERRORS, type ErrorCode } from '../errors.js';
import { STAGES } from '../evidence.js';
import { LIGHT_NAMES } from '../ports/lights.js';
import {
  type Light,
  type LightColour,
  type LightPattern,
  PORT_ACTIONS,
  PORT_STATES,
  type PortView,
} from '../ports/view.js';
import type { HealthCheck, QueueView } from './rack-api.js';

export const portName = z
  .string()
  .regex(/^P[0-9]{2}$/, 'must look like P01')
  .describe('Number of a port, as on its sticker.');

export const verdict = z.enum(['passed', 'failed', 'inconclusive']);
export const lane = z.enum(['release', 'attention', 'quarantine', 'destroy', 'return']);

/** A JSON object whose keys are not fixed. */
export const openObject = z.record(z.string(), z.unknown());

/** What every body about state carries. */
export const stamp = {
  rack: z.string(),
  seq: z.int().min(0).describe('Grows by one with each change of what the rack shows.'),
  serverTime: z.iso.datetime().describe('When this was true.'),
  staleAfter: z.number().positive().describe('Seconds after which it must not be shown as true.'),
};

const colour: z.ZodType<LightColour> = z.enum([
  'off',
  'white',
  'yellow',
  'blue',
  'green',
  'red',
  'red-yellow',
]);
const pattern: z.ZodType<LightPattern> = z.enum([
  'off',
  'solid',
  'slow',
  'fast',
  'double',
  'alternate',
  'triple',
]);
const word = z.object({ ja: z.string(), en: z.string() });

const name = z.enum(LIGHT_NAMES).describe('Row of the table in docs/lights.md.');

export const lightSchema = z
  .object({ name, colour, pattern, word })
  .meta({ id: 'Light' }) satisfies z.ZodType<Light>;

const blames: [Blame, ...Blame[]] = [
  'handset',
  'cable',
  'port',
  'host',
  'carrier',
  'operator',
  'bug',
];

const portFields = {
  port: portName,
  usbPaths: z.array(z.string()).readonly(),
  controller: z.string(),
  state: z.enum(PORT_STATES),
  held: z.boolean().describe('New arrivals are not started while held.'),
  workOrder: z
    .object({ whose: z.enum(['cable', 'port']), ja: z.string(), en: z.string() })
    .nullable()
    .describe('Set while the port doctor holds the port: what has to be mended, and why.'),
  since: z.iso.datetime().describe('Since when the port is in this state.'),
  condition: z.enum(CONDITIONS).nullable(),
  run: z.string().nullable(),
  stage: z.enum(STAGES).nullable(),
  attempt: z.int().nullable(),
  handset: z
    .object({
      platform: z.enum(['android', 'apple']),
      manufacturer: z.string().nullable(),
      model: z.string().nullable(),
      osVersion: z.string().nullable(),
      serialMasked: z.string().nullable(),
      imeisMasked: z.array(z.string()).readonly(),
    })
    .nullable(),
  progress: z
    .object({
      done: z.number().describe('0 to 1.'),
      step: z.string(),
      bytesDone: z.number().nullable(),
      bytesTotal: z.number().nullable(),
      etaSeconds: z.number().nullable(),
    })
    .nullable(),
  waiting: z
    .object({ queue: z.string(), ahead: z.int() })
    .nullable()
    .describe('Set while the job waits in its queue: how many are before it.'),
  attention: z
    .object({
      code: z.enum(Object.keys(ATTENTIONS) as [AttentionCode, ...AttentionCode[]]),
      ja: z.string(),
      en: z.string(),
      clears: z.enum(['by-itself', 'confirm', 'retry', 'remove']),
    })
    .nullable(),
  verdict: verdict.nullable(),
  lane: lane.nullable(),
  reasons: z.array(z.string()).readonly(),
  error: z
    .object({
      code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
      blame: z.enum(blames),
      message: z.string(),
    })
    .nullable(),
  light: lightSchema,
  blinking: z.boolean(),
  actions: z.array(z.enum(PORT_ACTIONS)).readonly(),
};

const portSchema = z.object(portFields).meta({ id: 'Port' }) satisfies z.ZodType<PortView>;

export const rackSchema = z
  .object({ ...stamp, ports: z.array(portSchema).readonly() })
  .meta({ id: 'Rack' });
export const portStateSchema = z.object({ ...stamp, ...portFields }).meta({ id: 'PortState' });

export const ledsSchema = z
  .object({ ...stamp, leds: z.array(z.object({ port: portName, name, colour, pattern, word })) })
  .meta({ id: 'Leds' });

const queueSchema = z
  .object({
    queue: z.string(),
    concurrency: z.int().min(0),
    active: z.array(z.string()).readonly(),
    waiting: z.array(z.string()).readonly(),
  })
  .meta({ id: 'Queue' }) satisfies z.ZodType<QueueView>;

export const queuesSchema = z
  .object({ ...stamp, queues: z.array(queueSchema).readonly() })
  .meta({ id: 'Queues' });

const healthCheckSchema = z
  .object({ name: z.string(), ok: z.boolean(), detail: z.string() })
  .meta({ id: 'HealthCheck' }) satisfies z.ZodType<HealthCheck>;

export const readinessSchema = z
  .object({ ready: z.boolean(), checks: z.array(healthCheckSchema).readonly() })
  .meta({ id: 'Readiness' });
