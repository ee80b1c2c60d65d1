import { unreachable } from '../errors.js';
import type { HandsetKey } from '../handset.js';
import type { PortEvent, PortRules, Step } from './port-state.js';
import { type At, arrive, isStranger, open, settle, to } from './port-steps.js';
import { readyConditionOf } from './readiness.js';

/** How long after the daemon's start the bus may take to show what stands in a port. */
const FIRST_LOOK_MS = 30_000;

/** Nothing is left to do; the verdict is being written. Pure. */
export function whenSettling(state: At<'settling'>, event: PortEvent): Step {
  switch (event.type) {
    case 'seen':
      return to({
        ...state,
        goneSince: isStranger(state, event.handset) ? (state.goneSince ?? event.now) : null,
      });
    case 'gone':
      return to({ ...state, goneSince: state.goneSince ?? event.now });
    case 'settled':
      if (event.run !== state.run) return to(state);
      return to({
        ...state,
        at: 'settled',
        verdict: event.verdict,
        lane: event.lane,
        watched: true,
      });
    case 'command':
      // The verdict could not be written (see effect-failed in the log): a person asks again after mending the host.
      return event.action === 'retry' ? settle(state, state.voided) : to(state);
    case 'tick':
    case 'opened':
    case 'recovered':
    case 'standing':
    case 'outcome':
    case 'effect-failed':
      return to(state);
    default:
      return unreachable(event, 'port-settling-6b1d');
  }
}

/**
 * What comes back without saying who it is, or to a run that never knew, may be another handset: it must not inherit
 * a green light. What the daemon did not watch has no green light to give.
 */
function isUnknownNewcomer(state: At<'settled'>, handset: HandsetKey | null): boolean {
  const known = handset !== null && state.handset !== null;
  return state.watched && state.goneSince !== null && !known;
}

/** The verdict is on disk; the port waits to be emptied. Pure. */
export function whenSettled(state: At<'settled'>, event: PortEvent, rules: PortRules): Step {
  switch (event.type) {
    case 'seen':
      if (!isStranger(state, event.handset) && !isUnknownNewcomer(state, event.handset)) {
        return to({ ...state, goneSince: null });
      }
      // After a swap the port stays shut until it was seen empty: nobody meant the stranger to be erased.
      return state.voided === 'swapped'
        ? to({ ...state, goneSince: null })
        : arrive(event, event.now, rules);
    case 'gone':
      return to({ ...state, goneSince: state.goneSince ?? event.now });
    case 'tick':
      return state.goneSince !== null &&
        event.now - state.goneSince > (state.watched ? rules.removedMs : FIRST_LOOK_MS)
        ? to({ at: 'empty' })
        : to(state);
    case 'command':
      // A person who asks again after a verdict wants the handset done from the start.
      return event.action === 'retry' && state.goneSince === null && state.voided !== 'swapped'
        ? open(state.handset, readyConditionOf(state.handset))
        : to(state);
    case 'opened':
    case 'effect-failed':
    case 'recovered':
    case 'standing':
    case 'outcome':
    case 'settled':
      return to(state);
    default:
      return unreachable(event, 'port-settled-a7c3');
  }
}
