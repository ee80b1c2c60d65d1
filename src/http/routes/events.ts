import { z } from 'zod';
import type { Log } from '../../log.js';
import type { Admission } from '../access/admission.js';
import type { App } from '../context.js';
import { API, problems } from '../document.js';
import { EventStreams } from '../event-streams.js';
import { HttpFault } from '../problem.js';
import type { RackApi } from '../rack-api.js';

const DESCRIPTION = `Events: rack (everything, first), change (the ports that changed; \`after\` is the seq it follows),
beat (nothing changed and it is still true; at least three times in staleAfter), gap (what was missed cannot be told
any more; rack follows). The id of an event is bootId.seq. With Last-Event-ID the stream goes on where it ended.`;

const EVENT_STREAM = 'text/event-stream';

/** The live rack, pushed; returns the streams, to be counted. */
export function eventRoutes(app: App, api: RackApi, log: Log, admission: Admission): EventStreams {
  const streams = new EventStreams(api, log);
  app.addHook('preClose', async () => streams.close());
  app.get(
    `${API}/events`,
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'getEvents',
        summary: 'What changes, as server-sent events',
        description: DESCRIPTION,
        headers: z.object({ 'last-event-id': z.string().optional() }),
        response: {
          200: {
            description: 'The stream; it does not end by itself.',
            content: { [EVENT_STREAM]: { schema: z.string() } },
          },
          ...problems(429),
        },
      },
    },
    (request, reply) => {
      if (streams.full) throw new HttpFault(429, 'too many event streams are open');
      reply.header('content-type', `${EVENT_STREAM}; charset=utf-8`);
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) reply.raw.setHeader(name, value);
      reply.hijack();
      const { principal } = request;
      streams.serve(
        reply.raw,
        request.headers['last-event-id'],
        () => principal !== null && admission.stillGood(principal),
      );
    },
  );
  return streams;
}
