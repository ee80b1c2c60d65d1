import { z } from 'zod';
import { asSarachiError } from '../../errors.js';
import { withDeadline } from '../../wait.js';
import type { App, HttpOptions } from '../context.js';
import { json, problems } from '../document.js';
import type { HealthCheck, RackApi } from '../rack-api.js';
import { readinessSchema } from '../schemas.js';

/** Longest time for all checks together, in milliseconds. Silence is a failed check. */
const CHECKS_MS = 5_000;

const liveness = z
  .object({ status: z.literal('ok'), version: z.string() })
  .meta({ id: 'Liveness' });

/** For whoever supervises the daemon: is it running, and can it work? */
export function healthRoutes(app: App, api: RackApi, options: HttpOptions): void {
  app.get(
    '/livez',
    {
      schema: {
        operationId: 'getLiveness',
        summary: 'The daemon answers',
        response: { 200: json('It runs.', liveness), ...problems() },
      },
    },
    async () => ({ status: 'ok' as const, version: options.version }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'getReadiness',
        summary: 'The daemon can work; each thing it needs, by name',
        response: {
          ...problems(),
          200: json('It can work.', readinessSchema),
          503: json('It cannot, or not fully.', readinessSchema),
        },
      },
    },
    async (request, reply) => {
      const checks = await checked(api, request.signal);
      const ready = checks.length > 0 && checks.every(({ ok }) => ok);
      return reply.code(ready ? 200 : 503).send({ ready, checks });
    },
  );
}

async function checked(api: RackApi, signal: AbortSignal): Promise<readonly HealthCheck[]> {
  try {
    return await withDeadline({ signal, timeoutMs: CHECKS_MS }, 'internal', () => api.health());
  } catch (error) {
    return [
      { name: 'health', ok: false, detail: `the checks failed: ${asSarachiError(error).code}` },
    ];
  }
}
