import { z } from 'zod';
import type { App } from '../context.js';
import { problems, sendRaw } from '../document.js';
import type { LiveFacts, RackApi } from '../rack-api.js';

/** What Prometheus scrapes. */
export function metricsRoute(app: App, api: RackApi, live: () => LiveFacts): void {
  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'getMetrics',
        summary: 'Metrics in the text format of Prometheus',
        description: 'No label names a handset. What cannot be known now is NaN.',
        response: {
          200: { description: 'Metrics.', content: { 'text/plain': { schema: z.string() } } },
          ...problems(),
        },
      },
    },
    async (_request, reply) => {
      const { contentType, text } = await api.metrics(live());
      sendRaw(reply, contentType, text);
      return reply;
    },
  );
}
