import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { RackView } from '../ports/view.js';
import { PROBLEM_TYPE, problemSchema } from './problem.js';

/** Where everything about the rack lives. */
export const API = '/api/v1';

const SAID = {
  400: 'The request does not fit its schema.',
  401: 'This needs a key, and none that is valid here came with it.',
  403: 'This caller may not do that.',
  404: 'There is no such thing.',
  406: 'None of the media types asked for is there.',
  409: 'It does not fit the state of the port.',
  413: 'The body is too large.',
  415: 'The body is not of the media type that this takes.',
  429: 'Too many requests, or too many that hold a connection open.',
  500: 'A fault in Sarachi itself or its host.',
  503: 'Something the daemon needs does not answer.',
} as const;
type ProblemStatus = keyof typeof SAID;

function problem(status: ProblemStatus) {
  return { description: SAID[status], content: { [PROBLEM_TYPE]: { schema: problemSchema } } };
}

type ProblemReply = ReturnType<typeof problem>;

/** The problem replies of a route: the given ones and those that every route can give. */
export function problems(...statuses: ProblemStatus[]): Record<ProblemStatus, ProblemReply> {
  const all: ProblemStatus[] = [...statuses, 401, 403, 429, 500, 503];
  return Object.fromEntries(all.map((status) => [status, problem(status)])) as Record<
    ProblemStatus,
    ProblemReply
  >;
}

/** The reply to a poll that has the state already. */
export const notModified = { 304: z.undefined().describe('Nothing changed since that ETag.') };

/** A JSON reply. */
export function json<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { 'application/json': { schema } } };
}

/** What every body about state carries, taken from one snapshot. */
export function stampOf(
  view: RackView,
): Pick<RackView, 'rack' | 'seq' | 'serverTime' | 'staleAfter'> {
  const { rack, seq, serverTime, staleAfter } = view;
  return { rack, seq, serverTime, staleAfter };
}

/** Sends what is already in its final form; no serialiser sees it. */
export function sendRaw(
  reply: FastifyReply,
  type: string,
  body: string | Uint8Array | Readable,
): void {
  reply.type(type).send(body);
}

interface Document {
  readonly paths?: unknown;
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
}

function referredIn(part: unknown): string[] {
  const found = JSON.stringify(part ?? null).matchAll(/"#\/components\/schemas\/([^"]+)"/g);
  return [...found].map(([, name]) => name ?? '');
}

/** The document without the schemas that no route leads to: each one is generated for input and output alike. */
export function onlyUsedSchemas<T extends Document>(document: T): T {
  const schemas = document.components?.schemas ?? {};
  const used = new Set(referredIn(document.paths));
  for (const name of used) for (const next of referredIn(schemas[name])) used.add(next);
  const kept = Object.entries(schemas).filter(([name]) => used.has(name));
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(kept) } };
}
