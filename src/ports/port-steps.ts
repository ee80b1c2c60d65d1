import type { AttentionCode } from '../attention.js';
import type { Condition } from '../devices/sighting.js';
import type { ErrorCode } from '../errors.js';
import type { HandsetKey } from '../handset.js';
import type {
  Bound,
  PortEffect,
  PortEvent,
  PortRules,
  PortState,
  Running,
  Step,
  VoidReason,
} from './port-state.js';
import { isReady } from './readiness.js';

export type At<Name extends PortState['at']> = Extract<PortState, { at: Name }>;

export function to(state: PortState, ...effects: PortEffect[]): Step {
  return { state, effects };
}

export function open(handset: HandsetKey | null, condition: Condition): Step {
  return to(
    { at: 'opening', handset, condition, goneSince: null, swapped: false },
    { do: 'open-run', handset },
  );
}

/** What follows from a device that a free port sees: a run, where it is ready for one. */
export function arrive(
  event: Extract<PortEvent, { type: 'seen' }>,
  since: number,
  rules: PortRules,
): Step {
  const { handset, condition } = event;
  if (isReady(condition) && !rules.held) {
    return open(handset, condition);
  }
  return to({ at: 'unready', handset, condition, since, trouble: null });
}

/** Hands the next attempt to its queue. */
export function start(running: Running): Step {
  const { handset, goneSince, run, stage, condition } = running;
  const fence = running.fence + 1;
  return to(
    { at: 'working', handset, goneSince, run, stage, fence, condition },
    { do: 'enqueue', run, stage, fence },
  );
}

export function settle(state: Bound & { run: string }, voided: VoidReason | null): Step {
  const { handset, goneSince, run } = state;
  return to({ at: 'settling', handset, goneSince, run, voided }, { do: 'settle-run', run, voided });
}

export function isStranger(state: Bound, handset: HandsetKey | null): boolean {
  return handset !== null && state.handset !== null && handset !== state.handset;
}

export function park(state: Running, code: AttentionCode, trouble: ErrorCode | null): Step {
  const { handset, goneSince, run, stage, fence, condition } = state;
  const parkedAs = goneSince === null ? condition : null;
  return to({
    at: 'attention',
    handset,
    goneSince,
    run,
    stage,
    fence,
    condition,
    code,
    trouble,
    parkedAs,
  });
}
