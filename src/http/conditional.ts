import type { FastifyReply } from 'fastify';
import { SECURITY_HEADERS } from './request-hooks.js';

/** A strong validator: `seq` grows with every change, and `bootId` is new with every start of the daemon. */
export function entityTag(bootId: string, seq: number): string {
  return `"${bootId.replaceAll(/[^A-Za-z0-9-]/g, '')}.${seq}"`;
}

/** The validators of one start of the daemon; the newest is kept, since a hundred panels ask for the same one. */
export function entityTags(bootId: string): (view: { readonly seq: number }) => string {
  let seq = -1;
  let tag = '';
  return (view) => {
    if (view.seq !== seq) tag = entityTag(bootId, view.seq);
    seq = view.seq;
    return tag;
  };
}

/** Whether an If-None-Match header names this tag (RFC 9110 section 13.1.2: weak comparison, `*` matches all). */
export function matches(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  // What panels send.
  if (header === tag) return true;
  return header
    .split(',')
    .map((candidate) => candidate.trim().replace(/^W\//, ''))
    .some((candidate) => candidate === '*' || candidate === tag);
}

/** Sets the validator; true when the caller has this state already and was answered with an empty 304. */
export function isKnown(header: string | undefined, tag: string, reply: FastifyReply): boolean {
  reply.header('etag', tag).header('cache-control', 'no-cache');
  if (!matches(header, tag)) return false;
  reply.code(304).send();
  return true;
}

/**
 * `isKnown` for the routes that a hundred panels poll: the 304 goes straight to the socket, with the headers that every answer has. For
 * routes without a watchdog only, which would not hear that they have answered.
 */
export function knownAnswers(): typeof isKnown {
  let headers: Readonly<Record<string, string>> = { etag: '' };
  return (header, tag, reply) => {
    if (!matches(header, tag)) return isKnown(undefined, tag, reply);
    if (headers['etag'] !== tag)
      headers = { ...SECURITY_HEADERS, etag: tag, 'cache-control': 'no-cache' };
    reply.hijack();
    reply.raw.writeHead(304, headers).end();
    return true;
  };
}
