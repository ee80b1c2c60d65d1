import { z } from 'zod';
import { LOG_LEVELS } from '../../log.js';
import { byOf } from '../access/admission.js';
import { line } from '../action-schema.js';
import type { App } from '../context.js';
import { API, json, problems } from '../document.js';
import type { RackApi } from '../rack-api.js';

const level = z.enum(LOG_LEVELS);
const levelSchema = z.object({ level }).meta({ id: 'LogLevel' });
const changeSchema = z
  .strictObject({
    level,
    by: line(64).default('unnamed').describe('Who does it, for the ledger.'),
  })
  .meta({ id: 'LogLevelChange' });

/** How much the daemon logs, changed without a restart. */
export function logLevelRoutes(app: App, api: RackApi): void {
  app.get(
    `${API}/log-level`,
    {
      schema: {
        operationId: 'getLogLevel',
        summary: 'How much the daemon logs',
        response: { 200: json('The level.', levelSchema), ...problems() },
      },
    },
    async () => ({ level: api.logLevel() }),
  );

  app.post(
    `${API}/log-level`,
    {
      schema: {
        operationId: 'setLogLevel',
        summary: 'Log more or less from now on, until the daemon ends',
        body: changeSchema,
        response: { 200: json('The level now.', levelSchema), ...problems(400, 413, 415) },
      },
    },
    async (request) => {
      const { level: wanted, by } = request.body;
      await api.setLogLevel(wanted, byOf(request, by));
      return { level: api.logLevel() };
    },
  );
}
