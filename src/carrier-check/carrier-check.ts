import type { Config } from '../config.js';
import type { StageContext, StageOutcome } from '../erasure-engines/engine.js';
import type { Json } from '../evidence.js';
import { MARKS, type Mark } from './marks.js';

/**
 * Network-restriction check. Source `off` records that nobody was asked; source `manual` takes the marks which a
 * person stated at the port and asks for them until every configured carrier has one.
 */
export async function carrierCheck(
  context: StageContext,
  config: Config['carrierCheck'],
): Promise<StageOutcome> {
  if (config.source === 'off') {
    const fact = { method: 'configuration', holds: true, value: { source: 'off' } };
    await context.record('carrier-check-skipped', fact);
    return { kind: 'done' };
  }
  const stated = statedMarks(context);
  const missing = config.carriers.filter((carrier) => !stated.has(carrier));
  if (missing.length > 0) {
    return { kind: 'attention', code: 'carrier-result-needed', detail: { missing } };
  }
  for (const carrier of config.carriers) {
    const { mark, by } = stated.get(carrier) ?? { mark: 'unknown', by: null };
    // A mark is what a person said; it holds as a statement, whatever it says about the handset.
    const value = { carrier, mark, source: 'manual', by };
    await context.record('carrier-mark', { method: 'stated at the port', holds: true, value });
  }
  return { kind: 'done' };
}

function statedMarks(context: StageContext): Map<string, { mark: Mark; by: Json }> {
  const marks = new Map<string, { mark: Mark; by: Json }>();
  for (const { kind, value } of context.history().evidence) {
    const stated = kind === 'person-confirmed' ? value['marks'] : null;
    if (typeof stated !== 'object' || stated === null || Array.isArray(stated)) continue;
    for (const [carrier, mark] of Object.entries(stated)) {
      if (isMark(mark)) marks.set(carrier, { mark, by: value['by'] ?? null });
    }
  }
  return marks;
}

function isMark(value: unknown): value is Mark {
  return MARKS.some((mark) => mark === value);
}
