import type { App, HttpOptions } from '../context.js';
import { API, json, problems, stampOf } from '../document.js';
import { Fleet } from '../fleet.js';
import { fleetSchema, rackPlanSchema } from '../panel-schemas.js';
import type { RackApi } from '../rack-api.js';

/** How the rack stands, and what the other racks show. */
export function planRoutes(app: App, api: RackApi, { panel, version, log }: HttpOptions): void {
  const { plan, racks, ...settings } = panel;
  // Without what opens them.
  const named = racks.map(({ name, url }) => ({ name, url }));
  app.get(
    `${API}/rack`,
    {
      schema: {
        operationId: 'getRack',
        summary: 'How the openings stand, and what else does not change while the daemon runs',
        response: { 200: json('The rack.', rackPlanSchema), ...problems() },
      },
    },
    async () => ({ ...stampOf(api.view()), version, ...plan, ...settings, racks: named }),
  );

  const fleet = new Fleet({ racks, clock: Date.now, log });
  app.get(
    `${API}/fleet`,
    {
      schema: {
        operationId: 'getFleet',
        summary: 'The lights of the other racks of the configuration',
        description: 'This daemon asks them while somebody looks, once a second at most.',
        response: { 200: json('Every other rack.', fleetSchema), ...problems() },
      },
    },
    async () => {
      const answers = await fleet.look();
      return { ...stampOf(api.view()), racks: answers };
    },
  );
}
