import { z } from 'zod';
import { byOf } from '../access/admission.js';
import type { App } from '../context.js';
import { API, json, problems, stampOf } from '../document.js';
import type { RackApi } from '../rack-api.js';
import {
  bySchema,
  carrierName,
  carrierStateSchema,
  carriersSchema,
} from '../restriction-schemas.js';

const carrierParams = z.object({ carrier: carrierName });

/** How the carriers stand that are asked, and the person's word after a captcha. */
export function carrierRoutes(app: App, api: RackApi): void {
  app.get(
    `${API}/carriers`,
    {
      schema: {
        operationId: 'getCarriers',
        summary: 'How each carrier that is asked here stands',
        response: { 200: json('Every carrier.', carriersSchema), ...problems() },
      },
    },
    async () => {
      const carriers = await api.restrictions.carriers();
      return { ...stampOf(api.view()), carriers };
    },
  );

  app.post(
    `${API}/carriers/:carrier/resume`,
    {
      schema: {
        operationId: 'resumeCarrier',
        summary: 'Say that a carrier may be asked again, after a captcha or other trouble',
        params: carrierParams,
        body: bySchema,
        response: {
          202: json('Taken; the carrier as it is then.', carrierStateSchema),
          ...problems(400, 404, 413, 415),
        },
      },
    },
    async (request, reply) => {
      const { carrier } = request.params;
      const state = await api.restrictions.resume(carrier, byOf(request, request.body.by));
      return reply.code(202).send({ ...stampOf(api.view()), ...state });
    },
  );
}
