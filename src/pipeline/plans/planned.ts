import type { Stage } from '../../evidence.js';
import type { Plan } from '../run-record.js';

/** One line of a plan. `reason`: why this place or method, where it differs from the default. */
export function planned(
  stage: Stage,
  method: string,
  reason: string | null = null,
): Plan['stages'][number] {
  return { stage, method, reason };
}
