import type { EvidenceKind, JsonObject } from '../evidence.js';
import type { StageContext } from './engine.js';
import { latest, type Try } from './past.js';

/** One fact about to be recorded. `value.contradicts` marks what cannot be if the handset was reset. */
export interface Signal {
  readonly kind: EvidenceKind;
  readonly method: string;
  readonly holds: boolean;
  readonly value: JsonObject;
}

/** Writes each signal, but none again that this try already has with the same result. */
export async function recordSignals(
  context: StageContext,
  one: Try,
  signals: readonly Signal[],
): Promise<void> {
  for (const { kind, method, holds, value } of signals) {
    const own = context.history().evidence.filter(({ stage }) => stage === context.stage);
    const known = latest(own, kind);
    if (known?.value['try'] === one.number && known.holds === holds) continue;
    await context.record(kind, { method, holds, value: { ...value, try: one.number } });
  }
}
