import type { PortView, RackChange, RackView } from '../../../ports/view.js';

export type Stamp = Pick<RackView, 'rack' | 'seq' | 'serverTime' | 'staleAfter'>;

export type Message =
  | { readonly event: 'rack'; readonly data: RackView }
  | { readonly event: 'change'; readonly data: RackChange }
  | { readonly event: 'beat' | 'gap'; readonly data: Stamp };

/**
 * The rack after one more message; null where it cannot be known from what was heard, and has to be read whole again.
 * Pure.
 */
export function viewAfter(view: RackView | null, { event, data }: Message): RackView | null {
  switch (event) {
    case 'rack':
      return data;
    case 'gap':
      return null;
    case 'beat':
      return view && view.seq === data.seq ? { ...view, ...data } : null;
    case 'change':
      return view && view.seq === data.after ? changed(view, data) : null;
  }
}

function changed(
  view: RackView,
  { rack, seq, serverTime, staleAfter, ports }: RackChange,
): RackView {
  const now = new Map<string, PortView>(ports.map((port) => [port.port, port]));
  return {
    ...{ rack, seq, serverTime, staleAfter },
    ports: view.ports.map((port) => now.get(port.port) ?? port),
  };
}
