import type { HTTPMethods } from 'fastify';
import { SarachiError } from '../errors.js';
import { needOf } from './access/route-needs.js';
import type { App } from './context.js';
import { HttpFault } from './problem.js';

const METHODS: readonly HTTPMethods[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
];

/**
 * Notes every route added from now on; `close` gives each known path an answer to all its other methods: 405 with
 * Allow. Refused before the body is read.
 */
export function refuseOtherMethods(app: App): { close(): void } {
  const known = new Map<string, Set<HTTPMethods>>();
  let open = true;
  app.addHook('onRoute', ({ url, method }) => {
    if (!open) return;
    const methods = known.get(url) ?? new Set<HTTPMethods>();
    for (const one of [method].flat()) {
      if (needOf(one, url) === null)
        throw new SarachiError('internal', {
          tag: 'route-without-need-2d7c',
          route: `${one} ${url}`,
        });
      methods.add(one);
    }
    known.set(url, methods);
  });
  return {
    close: () => {
      open = false;
      for (const [url, methods] of known) refuse(app, url, methods);
    },
  };
}

function refuse(app: App, url: string, methods: ReadonlySet<HTTPMethods>): void {
  const allow = [...methods].join(', ');
  app.route({
    url,
    method: METHODS.filter((method) => !methods.has(method)),
    schema: { hide: true },
    onRequest: async (_request, reply) => {
      reply.header('allow', allow);
      throw new HttpFault(405, `the methods here are ${allow}`);
    },
    handler: async () => undefined,
  });
}
