import type { Test } from 'tap';
import type { Config, Policy, Timing } from '../../../../src/config.js';
import type { EraseEngine, StageOutcome } from '../../../../src/erasure-engines/engine.js';
import { createIosEngine } from '../../../../src/erasure-engines/ios/ios-engine.js';
import type { Stage } from '../../../../src/evidence.js';
import type { AppleFaults } from '../../../../src/simulator/apple/faults.js';
import type { IphoneSpec } from '../../../../src/simulator/apple/iphone-spec.js';
import { linked } from '../../../devices/apple/helpers/linked.js';
import { appleRack } from '../../../simulator/apple/fixtures.js';
import { MemoryRun } from '../../android/helpers/run-context.js';

const QUICK: Partial<Timing> = {
  settleSeconds: 0.3,
  identifySeconds: 10,
  leaveSeconds: 2,
  returnSeconds: 8,
  commandSeconds: 10,
};

export interface IphoneRunOptions {
  readonly faults?: Partial<AppleFaults>;
  readonly policy?: Partial<Omit<Policy, 'iphone'>> & {
    readonly iphone?: Partial<Policy['iphone']>;
  };
  readonly timing?: Partial<Timing>;
  /** Default: somebody taps Trust as soon as it is asked, and the handset is trusted before the run. */
  readonly trusted?: boolean;
}

const ENGINE: Readonly<Record<Stage, keyof EraseEngine | null>> = {
  identify: 'identify',
  'carrier-check': null,
  'reset-delete': 'resetDelete',
  'overwrite-erase': 'overwriteErase',
  'felica-clear': 'felicaClear',
  verify: 'verify',
};

/** A simulated iPhone behind its usbmuxd, our client, and a run in memory. Its free storage is not overwritten by default. */
export async function iphoneRun(
  t: Test,
  spec: Pick<IphoneSpec, 'profile'> & Partial<IphoneSpec>,
  { faults, policy, timing, trusted = true }: IphoneRunOptions = {},
) {
  const rack = await appleRack(t, { pairsByItself: true });
  const { link, board, tracker, becomes } = linked(t, { path: rack.socket });
  const planted = await rack.iphone(spec, faults);
  const phone = planted.made;
  if (trusted) phone.person.trustsAlways();
  if (trusted) await becomes('mux:paired');
  const iphone: Config['policy']['iphone'] = {
    overwrite: 'off',
    eraseMethods: ['profile-service', 'backup-service', 'person'],
    ...policy?.iphone,
  };
  const run = new MemoryRun({ policy: { ...policy, iphone }, timing: { ...QUICK, ...timing } });
  const engine = createIosEngine({ link });
  const stage = (name: Stage): Promise<StageOutcome> => {
    const method = ENGINE[name];
    if (!method) throw new Error(`no stage of the engine: ${name}`);
    return engine[method](run.context(name));
  };
  /** Each stage in turn until one does not end well; the outcome of the last. */
  const stages = async (...names: Stage[]): Promise<StageOutcome> => {
    let outcome: StageOutcome = { kind: 'done' };
    for (const name of names) {
      outcome = await stage(name);
      if (outcome.kind !== 'done') return outcome;
    }
    return outcome;
  };
  return { rack, phone, planted, link, board, tracker, run, engine, stage, stages, becomes };
}
