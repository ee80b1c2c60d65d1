import type { Try } from '../past.js';
import type { Visit } from './visit.js';

/** Puts on record that a try came to nothing, and why. */
export async function tryFailed(
  visit: Visit,
  one: Try,
  { why, said = '' }: { readonly why: string; readonly said?: string },
): Promise<void> {
  await visit.context.record('rung-tried', {
    method: one.method,
    holds: false,
    value: { try: one.number, why, said },
  });
}
