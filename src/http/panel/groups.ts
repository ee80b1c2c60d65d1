import type { PortView } from '../../ports/view.js';
import type { Filter } from './words/words.js';

export const FILTERS: readonly Filter[] = [
  ...(['all', 'act', 'working', 'release', 'attention'] as const),
  ...(['quarantine', 'destroy', 'return', 'empty'] as const),
];

/** Whether a port belongs to what a person wants to see. Pure. */
export function isIn(filter: Filter, port: PortView): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'act':
      return port.attention !== null || port.workOrder !== null;
    case 'working':
      return ['opening', 'working', 'aborting'].includes(port.state);
    case 'empty':
      return port.state === 'empty';
    case 'release':
    case 'attention':
    case 'quarantine':
    case 'destroy':
    case 'return':
      return port.lane === filter;
  }
}

/**
 * Where somebody is needed, by what has to be done: trouble of the rack first, then what waits longest; within one
 * task, by the number of the port. Pure.
 */
export function toDo(ports: readonly PortView[]): readonly (readonly PortView[])[] {
  const tasks = new Map<string, PortView[]>();
  const waiting = ports.filter((port) => isIn('act', port));
  for (const port of waiting.sort((a, b) => a.port.localeCompare(b.port))) {
    // Each work order names its own port.
    const task = port.attention?.code ?? port.port;
    tasks.set(task, [...(tasks.get(task) ?? []), port]);
  }
  const rank = ([first]: readonly PortView[]) => (first?.light.name === 'rack-fault' ? 0 : 1);
  return [...tasks.values()].sort(
    (a, b) => rank(a) - rank(b) || oldest(a).localeCompare(oldest(b)),
  );
}

/** Since when the first of them waits. */
export function oldest(ports: readonly PortView[]): string {
  return ports.map(({ since }) => since).sort()[0] ?? '';
}

/** The port in a direction, as the rack stands; null at its edge and where there is no opening. */
export function neighbour<T extends { readonly row: number; readonly column: number }>(
  places: readonly T[],
  from: T,
  key: string,
): T | null {
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[key];
  if (!step) return null;
  const [down = 0, right = 0] = step;
  const wanted = { row: from.row + down, column: from.column + right };
  return places.find(({ row, column }) => row === wanted.row && column === wanted.column) ?? null;
}
