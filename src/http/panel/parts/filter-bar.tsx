import type { PortView } from '../../../ports/view.js';
import { FILTERS, isIn } from '../groups.js';
import { usePanel } from '../panel-context.js';
import type { Filter } from '../words/words.js';

interface FilterBarProps {
  readonly ports: readonly PortView[];
  readonly filter: Filter;
  readonly onFilter: (filter: Filter) => void;
}

/** How many there are of each, and a way to see only these. */
export function FilterBar({ ports, filter, onFilter }: FilterBarProps) {
  const { words } = usePanel();
  return (
    <fieldset class="filters">
      <legend class="visually-hidden">{words.filterLabel}</legend>
      {FILTERS.map((one) => (
        <button
          key={one}
          type="button"
          class="filter"
          data-filter={one}
          aria-pressed={filter === one}
          onClick={() => onFilter(filter === one ? 'all' : one)}
        >
          {words.filters[one]} <strong>{ports.filter((port) => isIn(one, port)).length}</strong>
        </button>
      ))}
    </fieldset>
  );
}
