import type { StageContext } from './engine.js';
import type { Try } from './past.js';

/** Puts on record that a try came to nothing, and why. */
export async function tryFailed(
  context: StageContext,
  one: Try,
  { why, said = '' }: { readonly why: string; readonly said?: string },
): Promise<void> {
  await context.record('rung-tried', {
    method: one.method,
    holds: false,
    value: { try: one.number, why, said },
  });
}

/** Puts on record, once, that a try did what it was asked. */
export async function tryHeld(context: StageContext, one: Try): Promise<void> {
  if (one.held === true) return;
  await context.record('rung-tried', {
    method: one.method,
    holds: true,
    value: { try: one.number },
  });
}
