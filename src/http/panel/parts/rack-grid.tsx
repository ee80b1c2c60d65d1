import { useState } from 'preact/hooks';
import type { PortView } from '../../../ports/view.js';
import { isIn, neighbour } from '../groups.js';
import { usePanel } from '../panel-context.js';
import type { Filter } from '../words/words.js';
import { Tile } from './tile.js';

/** The rack as it stands on the floor. What a filter leaves out is dimmed: every port stays where it is. */
export function RackGrid({
  ports,
  filter,
}: {
  readonly ports: readonly PortView[];
  readonly filter: Filter;
}) {
  const { plan, words } = usePanel();
  const [current, setCurrent] = useState<string | null>(null);
  if (!plan) return null;
  const places = [...plan.places].sort((a, b) => a.row - b.row || a.column - b.column);
  const reachable = current ?? places[0]?.port;
  const move = (event: KeyboardEvent) => {
    const from = places.find(({ port }) => port === reachable);
    const to = from ? neighbour(places, from, event.key) : null;
    if (!to) return;
    event.preventDefault();
    document.getElementById(`tile-${to.port}`)?.focus();
  };
  return (
    <ol
      class="rack"
      aria-label={words.rackLabel}
      style={{ '--columns': plan.columns, '--rows': plan.rows }}
      onKeyDown={move}
    >
      {places.map((place) => {
        const port = ports.find((one) => one.port === place.port);
        return (
          <li key={place.port} style={{ gridRow: place.row, gridColumn: place.column }}>
            {port && (
              <Tile
                port={port}
                dimmed={!isIn(filter, port)}
                reachable={place.port === reachable}
                onFocus={() => setCurrent(place.port)}
              />
            )}
          </li>
        );
      })}
    </ol>
  );
}
