import { Readable } from 'node:stream';
import { z } from 'zod';
import { SarachiError } from '../../errors.js';
import type { App } from '../context.js';
import { runsAsCsv } from '../csv.js';
import { API, json, problems, sendRaw, stampOf } from '../document.js';
import { negotiate } from '../negotiate.js';
import { HttpFault } from '../problem.js';
import type { RackApi, RunQuery } from '../rack-api.js';
import {
  certificateSchema,
  evidenceSchema,
  runId,
  runQuerySchema,
  runSchema,
  runsSchema,
} from '../run-schemas.js';

const runParams = z.object({ run: runId });
const certificateQuery = z.strictObject({ format: z.enum(['json', 'pdf']).optional() });

const JSON_TYPE = 'application/json';
const PDF_TYPE = 'application/pdf';
const CSV_TYPE = 'text/csv';
const TYPES = { json: JSON_TYPE, csv: CSV_TYPE } as const;
const runsQuerySchema = runQuerySchema.extend({ format: z.enum(['json', 'csv']).optional() });

/** The times of a filter in the form of the ledger, so that they compare as text; what is not asked for is left out. */
function queryOf(asked: z.infer<typeof runQuerySchema>): RunQuery {
  const { from, to, limit, ...rest } = asked;
  const told = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    ...told,
    ...(from === undefined ? {} : { from: new Date(from).toISOString() }),
    ...(to === undefined ? {} : { to: new Date(to).toISOString() }),
    limit,
  };
}

/** The history: one run per handset and visit, with what was proved. */
export function runRoutes(app: App, api: RackApi): void {
  app.get(
    `${API}/runs`,
    {
      schema: {
        operationId: 'getRuns',
        summary: 'Runs, newest first',
        description:
          'JSON in pages, or by Accept or format a CSV file of every run that fits; limit and cursor are of JSON alone.',
        querystring: runsQuerySchema,
        response: {
          200: {
            description: 'One page, or the file.',
            content: {
              [JSON_TYPE]: { schema: runsSchema },
              [CSV_TYPE]: { schema: z.string() },
            },
          },
          ...problems(400, 406),
        },
      },
    },
    async (request, reply) => {
      const { format, ...asked } = request.query;
      reply.header('vary', 'accept');
      const type = format
        ? TYPES[format]
        : negotiate(request.headers.accept, [JSON_TYPE, CSV_TYPE]);
      if (type === null) throw new HttpFault(406, `runs are ${JSON_TYPE} or ${CSV_TYPE}`);
      if (type !== CSV_TYPE) return { ...stampOf(api.view()), ...api.runs(queryOf(asked)) };
      const { limit: _, cursor: __, ...query } = queryOf(asked);
      const file = runsAsCsv(query, (page) => api.runs(page));
      reply.header('content-disposition', 'attachment; filename="sarachi-runs.csv"');
      sendRaw(reply, `${CSV_TYPE}; charset=utf-8; header=present`, Readable.from(file));
      return reply;
    },
  );

  app.get(
    `${API}/runs/:run`,
    {
      schema: {
        operationId: 'getRun',
        summary: 'One run',
        params: runParams,
        response: { 200: json('The run.', runSchema), ...problems(400, 404) },
      },
    },
    async (request) => {
      const { run } = request.params;
      return { ...stampOf(api.view()), ...there(api.run(run), run) };
    },
  );

  app.get(
    `${API}/runs/:run/evidence`,
    {
      schema: {
        operationId: 'getEvidence',
        summary: 'Every fact that was observed in a run, oldest first',
        params: runParams,
        response: { 200: json('The facts.', evidenceSchema), ...problems(400, 404) },
      },
    },
    async (request) => {
      const { run } = request.params;
      const evidence = there(api.evidence(run), run);
      return { ...stampOf(api.view()), run, evidence };
    },
  );

  certificateRoute(app, api);
}

function certificateRoute(app: App, api: RackApi): void {
  app.get(
    `${API}/runs/:run/certificate`,
    {
      schema: {
        operationId: 'getCertificate',
        summary: 'The signed certificate of a run',
        description: 'JSON or PDF by Accept, or by format. The JSON is the signed text itself.',
        params: runParams,
        querystring: certificateQuery,
        response: {
          200: {
            description: 'The certificate.',
            content: {
              [JSON_TYPE]: { schema: certificateSchema },
              [PDF_TYPE]: { schema: z.string().meta({ contentMediaType: PDF_TYPE }) },
            },
          },
          ...problems(400, 404, 406),
        },
      },
    },
    async (request, reply) => {
      const { run } = request.params;
      const type = wanted(request.query.format, request.headers.accept);
      there(api.run(run), run);
      reply.header('vary', 'accept');
      const isPdf = type === PDF_TYPE;
      const found = isPdf ? await api.certificatePdf(run) : await api.certificate(run);
      if (found === null)
        throw new SarachiError('not-found', { detail: 'this run has no certificate yet' });
      const name = `sarachi-certificate-${run}.${isPdf ? 'pdf' : 'json'}`;
      // Bytes, not text: nothing may parse or print again what was signed.
      const bytes = typeof found === 'string' ? Buffer.from(found) : Buffer.from(found);
      reply.header('content-disposition', `attachment; filename="${name}"`);
      sendRaw(reply, type, bytes);
      return reply;
    },
  );
}

function wanted(format: 'json' | 'pdf' | undefined, accept: string | undefined): string {
  if (format) return format === 'pdf' ? PDF_TYPE : JSON_TYPE;
  const type = negotiate(accept, [JSON_TYPE, PDF_TYPE]);
  if (type === null) throw new HttpFault(406, `a certificate is ${JSON_TYPE} or ${PDF_TYPE}`);
  return type;
}

function there<T>(found: T | null, run: string): T {
  if (found === null) throw new SarachiError('not-found', { run });
  return found;
}
