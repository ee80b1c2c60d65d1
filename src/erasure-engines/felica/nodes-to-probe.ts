import type { SurveyReport } from './survey-report.js';
import { SYSTEM } from './systems.js';

/**
 * Every node that any run of an earlier survey saw or was told to ask for, by system. Area 0 is always there, and the
 * management area is the chip's own.
 */
export function nodesToProbe(before: SurveyReport | null): ReadonlyMap<number, readonly number[]> {
  const nodes = new Map<number, Set<number>>();
  for (const { systems } of before?.runs ?? []) {
    for (const system of systems) {
      if (system.code === SYSTEM.management) continue;
      const known = nodes.get(system.code) ?? new Set<number>();
      for (const { code } of system.nodes) if (code !== 0) known.add(code);
      for (const code of system.askedFromBefore) known.add(code);
      nodes.set(system.code, known);
    }
  }
  return new Map([...nodes].map(([code, set]) => [code, [...set].sort((a, b) => a - b)]));
}
