import { z } from 'zod';
import { normaliseImei } from '../../imei.js';
import { byOf } from '../access/admission.js';
import type { App } from '../context.js';
import { API, json, problems, stampOf } from '../document.js';
import { HttpFault } from '../problem.js';
import type { RackApi } from '../rack-api.js';
import {
  bySchema,
  changesQuerySchema,
  changesSchema,
  recheckSchema,
  restrictionsSchema,
  statedMarkSchema,
  statedReportSchema,
} from '../restriction-schemas.js';

const imeiParams = z.object({
  imei: z.string().max(64).describe('In any written form: 14 to 16 digits, separators.'),
});

/** The 15 digits of a written IMEI. Throws the 400 that says why it is none. */
function imeiIn(text: string, path: string): string {
  const said = normaliseImei(text, 'typed');
  if (said.kind === 'imei') return said.imei;
  const why = said.kind === 'refused' ? said.why : 'a MEID, which no carrier here can look up';
  throw new HttpFault(400, `this is no IMEI: ${why}`, [{ path, message: why }]);
}

/** What carriers said about a handset, and what a person may add or have asked. */
export function restrictionRoutes(app: App, api: RackApi): void {
  historyRoutes(app, api);

  app.post(
    `${API}/restrictions/:imei/recheck`,
    {
      schema: {
        operationId: 'recheckRestrictions',
        summary: 'Have the carriers asked anew',
        description: 'Answers once it is asked, not once they answered: look at the history then.',
        params: imeiParams,
        body: bySchema,
        response: {
          202: json('Being asked; by which carriers.', recheckSchema),
          ...problems(400, 409, 413, 415),
        },
      },
    },
    async (request, reply) => {
      const imei = imeiIn(request.params.imei, 'params.imei');
      const carriers = await api.restrictions.recheck(imei, byOf(request, request.body.by));
      return reply.code(202).send({ ...stampOf(api.view()), imei, carriers });
    },
  );

  app.post(
    `${API}/restrictions`,
    {
      schema: {
        operationId: 'stateRestriction',
        summary: 'State a mark that a person saw at a carrier',
        body: statedMarkSchema,
        response: {
          201: json('Written down.', statedReportSchema),
          ...problems(400, 413, 415),
        },
      },
    },
    async (request, reply) => {
      const { carrier } = request.body;
      const imei = imeiIn(request.body.imei, 'body.imei');
      const changed = await api.restrictions.state({
        ...{ ...request.body, imei, by: byOf(request, request.body.by) },
      });
      return reply.code(201).send({ ...stampOf(api.view()), imei, carrier, changed });
    },
  );
}

function historyRoutes(app: App, api: RackApi): void {
  app.get(
    `${API}/restrictions/:imei`,
    {
      schema: {
        operationId: 'getRestrictions',
        summary: 'Everything that carriers, persons and files said about an IMEI',
        params: imeiParams,
        response: { 200: json('The history, by carrier.', restrictionsSchema), ...problems(400) },
      },
    },
    async (request) => {
      const imei = imeiIn(request.params.imei, 'params.imei');
      return { ...stampOf(api.view()), ...api.restrictions.history(imei) };
    },
  );

  app.get(
    `${API}/restrictions`,
    {
      schema: {
        operationId: 'getRestrictionChanges',
        summary: 'Marks that changed, oldest first, in pages',
        querystring: changesQuerySchema,
        response: { 200: json('One page.', changesSchema), ...problems(400) },
      },
    },
    async (request) => {
      const { since, cursor, limit } = request.query;
      const page = api.restrictions.changes({
        ...{ limit, ...(cursor === undefined ? {} : { cursor }) },
        ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
      });
      return { ...stampOf(api.view()), ...page };
    },
  );
}
