import { z } from 'zod';
import { ERRORS, type ErrorCode, SarachiError } from '../errors.js';

export const PROBLEM_TYPE = 'application/problem+json';

/** Which status an error code is, where it is not 500. */
const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  'bad-request': 400,
  'key-refused': 401,
  forbidden: 403,
  'not-found': 404,
  'not-possible-now': 409,
  'redis-gone': 503,
  'adb-server-gone': 503,
  'ledger-unwritable': 503,
};

export interface Fault {
  readonly path: string;
  readonly message: string;
  /** Of a file: 1 is its first line. */
  readonly line?: number;
  /** Of a file: the column. */
  readonly field?: string;
}

/** An error that knows its own status, for what HTTP itself finds wrong with a request. */
export class HttpFault extends SarachiError {
  readonly status: number;
  readonly faults: readonly Fault[];

  constructor(status: number, detail: string, faults: readonly Fault[] = []) {
    super(status === 404 ? 'not-found' : 'bad-request', { detail });
    this.status = status;
    this.faults = faults;
  }
}

export const problemSchema = z
  .object({
    type: z.string().describe('Reference into the error documentation.'),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
    errors: z
      .array(
        z.object({
          path: z.string(),
          message: z.string(),
          line: z.int().optional().describe('Of a file: 1 is its first line.'),
          field: z.string().optional().describe('Of a file: the column.'),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem', description: 'An error as of RFC 9457; `code` is stable.' });

export type Problem = z.infer<typeof problemSchema>;

/**
 * The problem document (RFC 9457) of an error. Details of what was asked are told; of what went wrong inside, only the
 * code and its fixed text.
 */
export function problemOf(error: SarachiError): Problem {
  const status = error instanceof HttpFault ? error.status : (STATUS[error.code] ?? 500);
  const row = ERRORS[error.code];
  const said = error.detail['detail'];
  const told = typeof said === 'string' ? said : error.message;
  const faults = error instanceof HttpFault ? error.faults : [];
  return {
    type: `/docs/errors#${error.code}`,
    title: row.message,
    status,
    detail: status < 500 ? told : row.message,
    code: error.code,
    ...(faults.length > 0 ? { errors: [...faults] } : {}),
  };
}

/** The same as text, ready to be sent as `application/problem+json`. */
export function problemText(error: SarachiError): string {
  return JSON.stringify(problemOf(error));
}
