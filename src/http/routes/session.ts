import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { COOKIE, keyOf } from '../access/admission.js';
import { MAY, NEEDS, type Need, ROLES } from '../access/roles.js';
import type { App, HttpOptions } from '../context.js';
import { API, json, problems } from '../document.js';
import { HttpFault } from '../problem.js';

const sessionSchema = z
  .object({
    key: z.string().nullable().describe('Id of the key; null where none is asked for.'),
    person: z.string().nullable(),
    role: z.enum(ROLES),
    may: z.array(z.enum(Object.keys(NEEDS) as [Need, ...Need[]])),
    expiresAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Session' });

/** Who the caller is, and a cookie for browsers: a page cannot put its key on an event stream. */
export function sessionRoutes(app: App, { tls = null }: HttpOptions): void {
  const setCookie = (reply: FastifyReply, value: string, maxAge: string) =>
    reply.header(
      'set-cookie',
      `${COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict${tls ? '; Secure' : ''}${maxAge}`,
    );

  app.get(
    `${API}/session`,
    {
      schema: {
        operationId: 'getSession',
        summary: 'Who the caller is, and what it may do',
        response: { 200: json('The caller.', sessionSchema), ...problems() },
      },
    },
    async (request) => {
      // The route needs `watch`, so somebody was admitted.
      const { key, person, role, expiresAt } = request.principal ?? {
        ...{ key: null, person: null, role: 'viewer' as const, expiresAt: null },
      };
      return { key, person, role, may: [...MAY[role]], expiresAt };
    },
  );

  app.post(
    `${API}/session`,
    {
      schema: {
        operationId: 'openSession',
        summary: 'Keep the key of this request in a cookie that scripts cannot read',
        body: z.strictObject({}),
        response: {
          204: z.undefined().describe('The cookie is set.'),
          ...problems(400, 413, 415),
        },
      },
    },
    async (request, reply) => {
      const presented = keyOf(request);
      if (!presented) throw new HttpFault(400, 'there is no key to keep');
      setCookie(reply, presented, '');
      return reply.code(204).send();
    },
  );

  app.delete(
    `${API}/session`,
    {
      schema: {
        operationId: 'closeSession',
        summary: 'Forget the cookie',
        response: { 204: z.undefined().describe('The cookie is gone.'), ...problems() },
      },
    },
    async (_request, reply) => {
      setCookie(reply, '', '; Max-Age=0');
      return reply.code(204).send();
    },
  );
}
