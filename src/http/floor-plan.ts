import type { Config } from '../config.js';
import { floorSize } from '../config-panel.js';

/** Where an opening is, as one stands before the rack. Row 1, column 1 is top left. */
export interface Place {
  readonly port: string;
  readonly row: number;
  readonly column: number;
  readonly controller: string;
}

export interface FloorPlan {
  readonly rows: number;
  readonly columns: number;
  readonly places: readonly Place[];
}

/** The openings in the order of their numbers, laid out as the configuration says. Pure. */
export function floorPlanOf({ ports, numbering, ...floor }: Config['rack']): FloorPlan {
  const names = Object.keys(ports).sort();
  const { rows, columns } = floorSize(floor, names.length);
  const places = names.map((port, index) => ({
    port,
    row: 1 + (numbering === 'rows' ? Math.floor(index / columns) : index % rows),
    column: 1 + (numbering === 'rows' ? index % columns : Math.floor(index / rows)),
    controller: ports[port]?.controller ?? '',
  }));
  return { rows, columns, places };
}

/** What a panel is told of the configuration. */
export interface PanelSettings {
  readonly plan: FloorPlan;
  readonly controllers: readonly { readonly name: string; readonly concurrency: number }[];
  readonly language: 'ja' | 'en';
  readonly racks: readonly PeerRack[];
}

/** Another rack of the fleet view; `key` is what this daemon shows it, where it asks for one. */
export interface PeerRack {
  readonly name: string;
  readonly url: string;
  readonly key: string | null;
}

/** `keyOf` reads the key of another rack from its file. */
export function panelSettingsOf(
  { rack, panel }: Pick<Config, 'rack' | 'panel'>,
  keyOf: (file: string) => string,
): PanelSettings {
  return {
    plan: floorPlanOf(rack),
    controllers: Object.entries(rack.controllers).map(([name, { concurrency }]) => ({
      name,
      concurrency,
    })),
    language: panel.language,
    racks: panel.racks.map(({ name, url, keyFile }) => ({
      ...{ name, url: new URL(url).href, key: keyFile === null ? null : keyOf(keyFile) },
    })),
  };
}
