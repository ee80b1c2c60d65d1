import { checkConfig } from '../../src/config.js';
import type { Intent, Progress, StageContext } from '../../src/erasure-engines/engine.js';
import type { Evidence, EvidenceKind, Stage } from '../../src/evidence.js';

/** What the engine told while it worked. */
export interface Told {
  onRecord(fact: Evidence): void;
  onProgress(progress: Progress): void;
}

/** A run of one stage that is kept in memory, with the policy, the timing and the file size that Sarachi ships. */
export function memoryContext(stage: Stage, signal: AbortSignal, told: Told): StageContext {
  const evidence: Evidence[] = [];
  const intents: Intent[] = [];
  const { policy, timing, overwrite } = checkConfig({
    rack: {
      id: 'bench',
      controllers: { A: {} },
      ports: { P01: { usb: ['1-1.1'], controller: 'A' } },
    },
  });
  const at = () => new Date().toISOString();
  return {
    stage,
    fence: 1,
    signal,
    policy,
    timing,
    overwriteFileBytes: overwrite.fileMegabytes * 1024 * 1024,
    clock: Date.now,
    history: () => ({
      run: 'bench',
      identity: null,
      evidence: [...evidence],
      intents: [...intents],
    }),
    intend: async (step, detail) => {
      intents.push({ stage, fence: 1, step, at: at(), detail });
    },
    record: async (kind: EvidenceKind, fact) => {
      const whole = { kind, stage, at: at(), ...fact };
      evidence.push(whole);
      told.onRecord(whole);
    },
    progress: (progress) => told.onProgress(progress),
    ask: async () => undefined,
  };
}
