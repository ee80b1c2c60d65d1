import { z } from 'zod';
import type { App, HttpOptions } from '../context.js';
import { API, json, problems, sendRaw } from '../document.js';
import { openObject } from '../schemas.js';

const PLACES = {
  panel: '/',
  rack: `${API}/rack`,
  ports: `${API}/ports`,
  leds: `${API}/leds`,
  fleet: `${API}/fleet`,
  runs: `${API}/runs`,
  queues: `${API}/queues`,
  carriers: `${API}/carriers`,
  restrictionChanges: `${API}/restrictions?changed=1`,
  live: '/livez',
  ready: '/readyz',
  metrics: '/metrics',
  openapi: '/openapi.json',
} as const;

const indexSchema = z
  .object({
    name: z.literal('sarachi'),
    version: z.string(),
    places: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Index' });

/** What is where. */
export function indexRoutes(app: App, options: HttpOptions): void {
  app.get(
    API,
    {
      schema: {
        operationId: 'getIndex',
        summary: 'What is where',
        response: { 200: json('The places.', indexSchema), ...problems() },
      },
    },
    async () => ({ name: 'sarachi' as const, version: options.version, places: PLACES }),
  );

  let text: string | null = null;
  app.get(
    '/openapi.json',
    {
      schema: {
        operationId: 'getOpenapi',
        summary: 'This API as an OpenAPI 3.1 document',
        response: { 200: json('The document.', openObject), ...problems() },
      },
    },
    async (_request, reply) => {
      text ??= JSON.stringify(app.swagger());
      sendRaw(reply, 'application/json; charset=utf-8', text);
      return reply;
    },
  );
}
