import { z } from 'zod';
import type { RackView } from '../../ports/view.js';
import { entityTag, isKnown } from '../conditional.js';
import type { App } from '../context.js';
import { API, notModified, problems, sendRaw, stampOf } from '../document.js';
import { ledsText } from '../leds-text.js';
import { waitFields, whenAwaited } from '../long-poll.js';
import type { RackApi } from '../rack-api.js';
import { ledsSchema } from '../schemas.js';

const query = z.strictObject({
  format: z.enum(['json', 'text']).default('json'),
  ...waitFields,
});

/** The lights alone, small enough for a microcontroller to poll. */
export function ledRoutes(app: App, api: RackApi): void {
  app.get(
    `${API}/leds`,
    {
      config: { inTime: true },
      schema: {
        operationId: 'getLeds',
        summary: 'The light of every port',
        description:
          'With format=text: one fixed-width ASCII line per port, after one with seq and times. With wait: see getPorts.',
        querystring: query,
        response: {
          200: {
            description: 'The lights.',
            content: {
              'application/json': { schema: ledsSchema },
              'text/plain': { schema: z.string() },
            },
          },
          ...notModified,
          ...problems(400),
        },
      },
    },
    (request, reply) => {
      const { format } = request.query;
      const tagOf = ({ seq }: RackView) => entityTag(`${api.bootId}-${format}`, seq);
      return whenAwaited(api, request, tagOf, (view) => {
        if (isKnown(request.headers['if-none-match'], tagOf(view), reply)) return;
        if (format === 'text') {
          sendRaw(reply, 'text/plain; charset=us-ascii', ledsText(view));
          return;
        }
        const leds = view.ports.map(({ port, light }) => ({ port, ...light }));
        reply.send({ ...stampOf(view), leds });
      });
    },
  );
}
