import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { Log } from '../log.js';
import type { Admission, Principal } from './access/admission.js';
import type { Need } from './access/roles.js';
import { needOf } from './access/route-needs.js';
import type { App, HttpOptions } from './context.js';
import { type BodyType, type Caller, isWildcard, refusalOf } from './guard.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The media type of the body that a route takes, where it is not JSON. */
    takes?: BodyType;
    /** Answers in time by itself: no watchdog is put over its handler, which would cost more than its answer. */
    inTime?: boolean;
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
  const rules = {
    ...{ keyed: admission.required, names: options.names ?? [], secure: Boolean(options.tls) },
  };
  app.decorateRequest('principal', null);
  /** The last Host that was ours: of a GET nothing else is looked at, and panels go on sending the same. */
  let taken: string | undefined;
  // With `done` and not with promises: a hundred panels poll, and each promise costs a turn of the queue.
  app.addHook('onRequest', (request, reply, done) => {
    // A line that nobody reads is not even made.
    if (log.isLevelEnabled('debug')) logAnswer(request, reply, log);
    reply.headers(SECURITY_HEADERS);
    const { host } = request.headers;
    if (request.method !== 'GET' || host === undefined || host !== taken) {
      const refusal = refusalOf(new RequestCaller(request), options.host, rules);
      if (refusal) throw refusal;
      // Bound to every address, it depends on the connection.
      if (!isWildcard(options.host)) taken = host;
    }
    done();
  });
  // Once for each route: to find out at each request which route it is would cost more than all the rest.
  app.addHook('onRoute', (route) => {
    const needs = [route.method]
      .flat()
      .map((method) => [method, needOf(method, route.url)] as const);
    route.onRequest = [admitting(admission, new Map(needs)), ...[route.onRequest ?? []].flat()];
  });
}

function admitting(
  admission: Admission,
  needs: ReadonlyMap<string, Need | null>,
): onRequestHookHandler {
  return (request, _reply, done) => {
    const need = needs.get(request.method) ?? null;
    // What the table does not know is a method that is not there, and is answered so.
    if (need === null) return done();
    const admit = (principal: Principal | null) => {
      request.principal = principal;
      done();
    };
    const admitted = admission.admit(request, need);
    if (admitted instanceof Promise) admitted.then(admit, done);
    else admit(admitted);
  };
}

/** Looks up of a request only what the guard looks at: most of it costs something, and polls need hardly any. */
class RequestCaller implements Caller {
  readonly #request: FastifyRequest;

  constructor(request: FastifyRequest) {
    this.#request = request;
  }

  get method(): string {
    return this.#request.method;
  }

  get remoteAddress(): string | undefined {
    return this.#request.raw.socket.remoteAddress;
  }

  get localAddress(): string | undefined {
    return this.#request.raw.socket.localAddress;
  }

  get headers(): Caller['headers'] {
    return this.#request.headers;
  }

  get takes(): BodyType {
    return this.#request.routeOptions.config.takes ?? 'application/json';
  }
}

function logAnswer(request: FastifyRequest, reply: FastifyReply, log: Log): void {
  const began = performance.now();
  reply.raw.once('close', () =>
    log.debug(
      {
        method: request.method,
        route: routeOf(request),
        status: reply.statusCode,
        key: request.principal?.key ?? undefined,
        durMs: Math.round(performance.now() - began),
      },
      'request',
    ),
  );
}

/** The pattern, not the path: paths and queries can name a handset. */
export function routeOf(request: FastifyRequest): string {
  return request.is404 ? '(unknown)' : (request.routeOptions.url ?? '(unknown)');
}
