import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../log.js';
import type { Admission, Principal } from './access/admission.js';
import { needOf } from './access/route-needs.js';
import type { App, HttpOptions } from './context.js';
import { type BodyType, type Caller, refusalOf } from './guard.js';

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
  // With `done` and not with promises: a hundred panels poll, and each promise costs a turn of the queue.
  app.addHook('onRequest', (request, reply, done) => {
    // A line that nobody reads is not even made.
    if (log.isLevelEnabled('debug')) logAnswer(request, reply, log);
    reply.headers(SECURITY_HEADERS);
    const refusal = refusalOf(new RequestCaller(request), options.host, rules);
    if (refusal) throw refusal;
    // What the table does not know is a path or method that is not there, and is answered so.
    const need = request.is404 ? null : needOf(request.method, request.routeOptions.url ?? '');
    const admitted = need && admission.admit(request, need);
    if (admitted instanceof Promise) {
      const admit = (principal: Principal | null) => {
        request.principal = principal;
        done();
      };
      admitted.then(admit, done);
      return;
    }
    request.principal = admitted;
    done();
  });
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
