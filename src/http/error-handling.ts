import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { asSarachiError, SarachiError } from '../errors.js';
import type { Log } from '../log.js';
import { TooMany } from './access/admission.js';
import type { App } from './context.js';
import { type Fault, HttpFault, PROBLEM_TYPE, problemOf, problemText } from './problem.js';
import { routeOf, SECURITY_HEADERS } from './request-hooks.js';

/** Every error and every unknown path becomes a problem document; what is our fault is logged with its cause. */
export function handleErrors(app: App, log: Log): void {
  app.setErrorHandler(async (thrown, request, reply) => {
    const error = errorOf(thrown);
    const { status, code } = problemOf(error);
    if (status >= 500) {
      const line = { method: request.method, route: routeOf(request), status, code, err: thrown };
      if (status === 503) log.warn(line, 'request failed');
      else log.error(line, 'request failed');
    }
    // Set for the good answer that did not come.
    reply.removeHeader('etag').removeHeader('content-disposition').removeHeader('vary');
    reply.header('cache-control', 'no-store');
    if (status === 401) reply.header('www-authenticate', 'Bearer realm="sarachi"');
    if (error instanceof TooMany) reply.header('retry-after', error.retryAfterSeconds);
    return reply.code(status).type(PROBLEM_TYPE).send(problemText(error));
  });
  app.setNotFoundHandler(async (_request, reply) => {
    const error = new SarachiError('not-found', { detail: 'there is nothing at this path' });
    return reply.code(404).type(PROBLEM_TYPE).send(problemText(error));
  });
}

/** What a thrown value says to the caller. */
export function errorOf(thrown: unknown): SarachiError {
  if (thrown instanceof SarachiError) return thrown;
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const where = thrown.validationContext ?? 'request';
    const faults = thrown.validation.map(
      ({ instancePath, message }): Fault => ({
        path: [where, ...instancePath.split('/').filter((part) => part !== '')].join('.'),
        message: message ?? 'is not valid',
      }),
    );
    return new HttpFault(400, 'the request does not fit its schema', faults);
  }
  const status = statusOf(thrown);
  if (status !== null && thrown instanceof Error) return new HttpFault(status, thrown.message);
  return asSarachiError(thrown);
}

/** The 4xx status that the HTTP framework gave to an error of the caller; null for everything else. */
function statusOf(thrown: unknown): number | null {
  if (!(thrown instanceof Error) || !('statusCode' in thrown) || !('code' in thrown)) return null;
  const { statusCode, code } = thrown;
  const ours = typeof code === 'string' && code.startsWith('FST_');
  return ours && typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
    ? statusCode
    : null;
}

/** Answers what the router itself cannot read, such as a broken escape in the path; no hook has run by then. */
export function answerRouterError(error: Error, _request: unknown, reply: FastifyReply): void {
  const fault = errorOf(error);
  reply.headers(SECURITY_HEADERS).code(problemOf(fault).status).type(PROBLEM_TYPE);
  reply.send(problemText(fault));
}

/** Answers what is not even HTTP, or came too slowly, on the bare socket. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = clientStatus(error.code);
  const body = problemText(new HttpFault(status, 'the request is not well-formed HTTP'));
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      `content-type: ${PROBLEM_TYPE}`,
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

function clientStatus(code: string | undefined): number {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return 400;
}
