import type { PortView, RackView } from '../ports/view.js';
import { stampOf } from './document.js';
import { rackSchema } from './schemas.js';

/** The body of `GET /ports`. All its callers get the same ports: these are checked and printed once per change. */
export function rackTexts(): (view: RackView) => string {
  const printed = new WeakMap<readonly PortView[], string>();
  return (view) => {
    const ports =
      printed.get(view.ports) ?? JSON.stringify(rackSchema.shape.ports.parse(view.ports));
    printed.set(view.ports, ports);
    return `${JSON.stringify(stampOf(view)).slice(0, -1)},"ports":${ports}}`;
  };
}
