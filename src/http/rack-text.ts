import type { PortView, RackView } from '../ports/view.js';
import { stampOf } from './document.js';
import { rackSchema } from './schemas.js';

/**
 * The body of `GET /ports`. All its callers get the same: the ports are checked and printed once per change, the bytes
 * are made once per view.
 */
export function rackBodies(): (view: RackView) => Buffer {
  const printed = new WeakMap<readonly PortView[], string>();
  const made = new WeakMap<RackView, Buffer>();
  return (view) => {
    const known = made.get(view);
    if (known) return known;
    const ports =
      printed.get(view.ports) ?? JSON.stringify(rackSchema.shape.ports.parse(view.ports));
    printed.set(view.ports, ports);
    const body = Buffer.from(`${JSON.stringify(stampOf(view)).slice(0, -1)},"ports":${ports}}`);
    made.set(view, body);
    return body;
  };
}
