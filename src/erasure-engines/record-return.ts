import type { JsonObject } from '../evidence.js';
import type { StageContext } from './engine.js';
import type { Try } from './past.js';

/** How a handset is on the bus after a reset was asked for. */
export interface Back {
  /** What tells this presence on the bus from the one before. */
  readonly presence: string;
  readonly method: string;
  readonly value: JsonObject;
}

/** Records that the handset left and came back, once per try, where its presence on the bus is a new one. */
export async function recordReturn(context: StageContext, one: Try, back: Back): Promise<void> {
  const recorded = (kind: 'left-bus' | 'returned-same-port') =>
    context
      .history()
      .evidence.some(
        (fact) =>
          fact.kind === kind && fact.stage === context.stage && fact.value['try'] === one.number,
      );
  if (!recorded('left-bus')) {
    if (back.presence === one.presence) return;
    await context.record('left-bus', {
      method: 'presence on the bus compared with the one before the reset',
      holds: true,
      value: { try: one.number, method: one.method, before: one.presence, now: back.presence },
    });
  }
  if (recorded('returned-same-port')) return;
  await context.record('returned-same-port', {
    method: back.method,
    holds: true,
    value: { try: one.number, ...back.value },
  });
}
