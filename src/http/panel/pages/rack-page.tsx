import { useState } from 'preact/hooks';
import type { PortView } from '../../../ports/view.js';
import { usePanel } from '../panel-context.js';
import { FilterBar } from '../parts/filter-bar.js';
import { RackGrid } from '../parts/rack-grid.js';
import { ToDo } from '../parts/to-do.js';
import type { Filter } from '../words/words.js';

/** The wall: every port, and what is to be done. */
export function RackPage({ ports }: { readonly ports: readonly PortView[] }) {
  const { live } = usePanel();
  const [filter, setFilter] = useState<Filter>('all');
  return (
    <div class="wall">
      {live.fresh && <FilterBar ports={ports} filter={filter} onFilter={setFilter} />}
      <RackGrid ports={ports} filter={live.fresh ? filter : 'all'} />
      {live.fresh && <ToDo ports={ports} />}
    </div>
  );
}
