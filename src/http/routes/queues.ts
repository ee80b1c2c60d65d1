import type { App } from '../context.js';
import { API, json, problems, stampOf } from '../document.js';
import type { RackApi } from '../rack-api.js';
import { queuesSchema } from '../schemas.js';

/** What waits for what. */
export function queueRoutes(app: App, api: RackApi): void {
  app.get(
    `${API}/queues`,
    {
      schema: {
        operationId: 'getQueues',
        summary: 'The queues, one per thing that is scarce',
        response: { 200: json('Every queue.', queuesSchema), ...problems() },
      },
    },
    async () => {
      const queues = await api.queues();
      return { ...stampOf(api.view()), queues };
    },
  );
}
