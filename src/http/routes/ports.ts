import { z } from 'zod';
import { SarachiError } from '../../errors.js';
import type { PortView, RackView } from '../../ports/view.js';
import { byOf, demand } from '../access/admission.js';
import { needOfAction } from '../access/roles.js';
import { actionSchema } from '../action-schema.js';
import { entityTag, entityTags, isKnown, knownAnswers } from '../conditional.js';
import type { App } from '../context.js';
import { API, json, notModified, problems, sendRaw, stampOf } from '../document.js';
import { waitQuery, whenAwaited } from '../long-poll.js';
import type { RackApi } from '../rack-api.js';
import { rackBodies } from '../rack-text.js';
import { portName, portStateSchema, rackSchema } from '../schemas.js';

const portParams = z.object({ port: portName });

function portIn(view: RackView, name: string): PortView {
  const found = view.ports.find(({ port }) => port === name);
  if (!found) throw new SarachiError('not-found', { port: name });
  return found;
}

/** The ports as a panel shows them, and what a person may do at one. */
export function portRoutes(app: App, api: RackApi): void {
  const bodyOf = rackBodies();
  const tagOf = entityTags(api.bootId);
  const wasKnown = knownAnswers();
  app.get(
    `${API}/ports`,
    {
      config: { inTime: true },
      schema: {
        operationId: 'getPorts',
        summary: 'All ports of the rack',
        description: 'With wait: answers when something changed after what the caller has.',
        querystring: waitQuery,
        response: { 200: json('Every port.', rackSchema), ...notModified, ...problems(400) },
      },
    },
    (request, reply) =>
      whenAwaited(api, request, tagOf, (view) => {
        if (wasKnown(request.headers['if-none-match'], tagOf(view), reply)) return;
        sendRaw(reply, 'application/json; charset=utf-8', bodyOf(view));
      }),
  );

  app.get(
    `${API}/ports/:port`,
    {
      schema: {
        operationId: 'getPort',
        summary: 'One port',
        params: portParams,
        response: {
          200: json('The port.', portStateSchema),
          ...notModified,
          ...problems(400, 404),
        },
      },
    },
    async (request, reply) => {
      const view = api.view();
      const port = portIn(view, request.params.port);
      const tag = entityTag(api.bootId, view.seq);
      if (isKnown(request.headers['if-none-match'], tag, reply)) return reply;
      return { ...stampOf(view), ...port };
    },
  );

  app.post(
    `${API}/ports/:port/actions`,
    {
      schema: {
        operationId: 'actOnPort',
        summary: 'Do something at one port',
        description: 'Answers once the port has taken it, not once it is done.',
        params: portParams,
        body: actionSchema,
        response: {
          202: json('Taken; the port as it is then.', portStateSchema),
          ...problems(400, 404, 409, 413, 415),
        },
      },
    },
    async (request, reply) => {
      const { port } = request.params;
      portIn(api.view(), port);
      demand(request, needOfAction(request.body.action));
      await api.act(port, { ...request.body, by: byOf(request, request.body.by) });
      const view = api.view();
      return reply.code(202).send({ ...stampOf(view), ...portIn(view, port) });
    },
  );
}
