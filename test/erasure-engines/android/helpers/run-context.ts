import type { AttentionCode } from '../../../../src/attention.js';
import { checkConfig, type Policy, type Timing } from '../../../../src/config.js';
import type {
  Intent,
  Progress,
  RunHistory,
  StageContext,
} from '../../../../src/erasure-engines/engine.js';
import type { Evidence, JsonObject, Stage } from '../../../../src/evidence.js';
import type { HandsetIdentity } from '../../../../src/handset.js';

const RACK = {
  id: 'rack-1',
  controllers: { A: {} },
  ports: { P01: { usb: ['1-4.2'], controller: 'A' } },
};

export function policyOf(policy: Partial<Policy> = {}): Policy {
  return checkConfig({ rack: RACK, policy }).policy;
}

export function timingOf(timing: Partial<Timing> = {}): Timing {
  return checkConfig({ rack: RACK, timing }).timing;
}

/** A run in memory that records as the ledger does, so that a second attempt sees what the first one left. */
export class MemoryRun {
  evidence: Evidence[] = [];
  intents: Intent[] = [];
  progress: Progress[] = [];
  asked: (AttentionCode | null)[] = [];
  identity: HandsetIdentity | null = null;
  readonly policy: Policy;
  readonly timing: Timing;
  readonly fileBytes: number;
  #fence = 0;

  constructor(
    options: { policy?: Partial<Policy>; timing?: Partial<Timing>; fileBytes?: number } = {},
  ) {
    this.policy = policyOf(options.policy);
    this.timing = timingOf(options.timing);
    this.fileBytes = options.fileBytes ?? 1024 * 1024;
  }

  context(stage: Stage, signal: AbortSignal = new AbortController().signal): StageContext {
    this.#fence += 1;
    const fence = this.#fence;
    return {
      stage,
      fence,
      signal,
      policy: this.policy,
      timing: this.timing,
      overwriteFileBytes: this.fileBytes,
      clock: Date.now,
      history: (): RunHistory => ({
        run: 'run-0001',
        identity: this.identity,
        evidence: [...this.evidence],
        intents: [...this.intents],
      }),
      intend: async (step, detail) => {
        this.intents.push({ stage, fence, step, at: new Date().toISOString(), detail });
      },
      record: async (kind, fact) => {
        this.evidence.push({ kind, stage, at: new Date().toISOString(), ...fact });
        if (kind === 'identity' && fact.holds) {
          this.identity = fact.value['identity'] as unknown as HandsetIdentity;
        }
      },
      progress: (step) => {
        this.progress.push(step);
      },
      ask: async (code) => {
        this.asked.push(code);
      },
    };
  }

  kinds(stage?: Stage): string[] {
    return this.evidence
      .filter((fact) => !stage || fact.stage === stage)
      .map(({ kind, holds }) => `${kind}:${holds}`);
  }

  last(kind: Evidence['kind']): Evidence | undefined {
    return this.evidence.findLast((fact) => fact.kind === kind);
  }

  state(kind: Evidence['kind'], stage: Stage, value: JsonObject): void {
    this.evidence.push({
      kind,
      stage,
      method: 'test',
      at: new Date().toISOString(),
      holds: true,
      value,
    });
  }
}
