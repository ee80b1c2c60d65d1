import { z } from 'zod';
import { namedCaller } from '../access/admission.js';
import { line } from '../action-schema.js';
import type { App } from '../context.js';
import { API, json, problems, stampOf } from '../document.js';
import type { RackApi } from '../rack-api.js';
import { runId, validationSchema } from '../run-schemas.js';

const bodySchema = z
  .strictObject({
    decision: z.enum(['accept', 'reject']),
    note: line(200).nullable().default(null),
  })
  .meta({ id: 'Decision' });

const validatedSchema = z
  .object({ run: z.string(), validation: validationSchema })
  .loose()
  .meta({ id: 'ValidatedRun' });

/** The word of a second person on what was erased. */
export function validationRoute(app: App, api: RackApi): void {
  app.post(
    `${API}/runs/:run/validation`,
    {
      schema: {
        operationId: 'validateRun',
        summary: 'Accept or reject a settled run, as somebody who had no hand in it',
        description: 'Needs a key that names a person, and who acted in the run is refused.',
        params: z.object({ run: runId }),
        body: bodySchema,
        response: {
          201: json('Written down.', validatedSchema),
          ...problems(400, 404, 409, 413, 415),
        },
      },
    },
    async (request, reply) => {
      const { run } = request.params;
      const { key: by, person } = namedCaller(request);
      const validation = await api.validate(run, { ...request.body, by, person });
      return reply.code(201).send({ ...stampOf(api.view()), run, validation });
    },
  );
}
