import type { FastifyRequest } from 'fastify';
import type { Admission } from './access/admission.js';
import { needOf } from './access/route-needs.js';
import type { App, HttpOptions } from './context.js';
import { type BodyType, refusalOf } from './guard.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The media type of the body that a route takes, where it is not JSON. */
    takes?: BodyType;
  }
}

export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  // What may be kept says so itself.
  'cache-control': 'no-store',
} as const;

/** Puts the guard before every request, unknown paths included, and one debug line after it. */
export function guardRequests(app: App, options: HttpOptions, admission: Admission): void {
  const { log } = options;
  app.decorateRequest('principal', null);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    const { remoteAddress, localAddress } = request.raw.socket;
    const refusal = refusalOf(
      {
        ...{ method: request.method, remoteAddress, localAddress, headers: request.headers },
        takes: request.routeOptions.config.takes ?? 'application/json',
      },
      options.host,
      { keyed: admission.required, names: options.names ?? [], secure: Boolean(options.tls) },
    );
    if (refusal) throw refusal;
    // What the table does not know is a path or method that is not there, and is answered so.
    const need = request.is404 ? null : needOf(request.method, request.routeOptions.url ?? '');
    if (need) request.principal = await admission.admit(request, need);
  });
  app.addHook('onResponse', async (request, reply) => {
    // A hundred panels poll: a line that nobody reads is not even made.
    if (!log.isLevelEnabled('debug')) return;
    log.debug(
      {
        method: request.method,
        route: routeOf(request),
        status: reply.statusCode,
        key: request.principal?.key ?? undefined,
        durMs: Math.round(reply.elapsedTime),
      },
      'request',
    );
  });
}

/** The pattern, not the path: paths and queries can name a handset. */
export function routeOf(request: FastifyRequest): string {
  return request.is404 ? '(unknown)' : (request.routeOptions.url ?? '(unknown)');
}
