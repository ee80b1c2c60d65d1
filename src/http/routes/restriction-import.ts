import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { CsvFault } from '../../carrier-check/import/marks-csv.js';
import { byOf } from '../access/admission.js';
import type { App } from '../context.js';
import { API, json, problems, stampOf } from '../document.js';
import { type Fault, HttpFault } from '../problem.js';
import type { RackApi } from '../rack-api.js';
import { importReportSchema } from '../restriction-schemas.js';

const CSV_LIMIT_BYTES = 1024 * 1024;
/** More faults than these do not help whoever mends the file. */
const TOLD_FAULTS = 100;

const csvBody = z
  .string()
  .describe('Columns imei, carrier, mark, checkedAt, by; UTF-8 or Shift_JIS.')
  .meta({ contentMediaType: 'text/csv' });

/** A file of marks. In a scope of its own, so that no other route takes CSV. */
export async function restrictionImportRoute(app: App, api: RackApi): Promise<void> {
  await app.register((scope: App, _options: unknown, done: () => void) => {
    importRoute(scope, api);
    done();
  });
}

function importRoute(scope: App, api: RackApi): void {
  const parser = { parseAs: 'buffer', bodyLimit: CSV_LIMIT_BYTES } as const;
  scope.addContentTypeParser('text/csv', parser, async (_request: unknown, body: Buffer) => body);
  scope.post(
    `${API}/restrictions/import`,
    {
      bodyLimit: CSV_LIMIT_BYTES,
      config: { takes: 'text/csv' },
      // The body is bytes until its charset is known; the schema is for the document.
      validatorCompiler: () => (value: unknown) => ({ value }),
      schema: {
        operationId: 'importRestrictions',
        summary: 'Import marks from a CSV file: every line, or none',
        description:
          'The charset is that of the content type, or found out. Errors name line and field.',
        consumes: ['text/csv'],
        body: csvBody,
        response: {
          200: json('Every line is in the ledger.', importReportSchema),
          ...problems(400, 413, 415),
        },
      },
    },
    async (request) => {
      const bytes: unknown = request.body;
      if (!Buffer.isBuffer(bytes)) throw new HttpFault(400, 'the body is empty');
      const charset = charsetOf(request.headers['content-type']);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      // Each line names who saw the mark; this says who brought the file.
      await api.note('import', byOf(request, 'unnamed'), { sha256, bytes: bytes.length });
      const report = await api.restrictions.importCsv(bytes, charset);
      if (!('imported' in report)) throw refused(report);
      return { ...stampOf(api.view()), ...report };
    },
  );
}

function charsetOf(contentType: string | undefined): string | null {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1] ?? null;
}

function refused(faults: readonly CsvFault[]): HttpFault {
  const told = faults.slice(0, TOLD_FAULTS).map(
    ({ line, field, message }): Fault => ({
      path: field === null ? `line ${line}` : `line ${line}.${field}`,
      ...{ line, message, ...(field === null ? {} : { field }) },
    }),
  );
  const more = faults.length > told.length ? `, of which the first ${told.length} are named` : '';
  return new HttpFault(400, `nothing was imported: ${faults.length} faults${more}`, told);
}
