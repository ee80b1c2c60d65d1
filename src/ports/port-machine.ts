import { ATTENTIONS } from '../attention.js';
import { unreachable } from '../errors.js';
import { whenSettled, whenSettling } from './port-settled.js';
import type { Next, PortEvent, PortRules, PortState, Step, VoidReason } from './port-state.js';
import { type At, arrive, isStranger, park, settle, start, to } from './port-steps.js';
import { tellsSomething } from './readiness.js';

/** The one transition function of a port. Pure: no clock, no I/O, no logger. */
export function next(state: PortState, event: PortEvent, rules: PortRules): Step {
  switch (state.at) {
    case 'empty':
    case 'unready':
      return whenFree(state, event, rules);
    case 'opening':
      return whenOpening(state, event);
    case 'working':
      return whenWorking(state, event, rules);
    case 'attention':
      return whenAttention(state, event, rules);
    case 'aborting':
      return whenAborting(state, event);
    case 'settling':
      return whenSettling(state, event);
    case 'settled':
      return whenSettled(state, event, rules);
    default:
      return unreachable(state, 'port-state-3f1c');
  }
}

function whenFree(state: At<'empty'> | At<'unready'>, event: PortEvent, rules: PortRules): Step {
  switch (event.type) {
    case 'seen': {
      const same = state.at === 'unready' && state.condition === event.condition;
      // A run that could not be opened is not opened again by every flicker of the bus: a person looks first.
      if (same && state.trouble && event.handset === state.handset) return to(state);
      return arrive(event, same ? state.since : event.now, rules);
    }
    case 'gone':
      return to({ at: 'empty' });
    case 'recovered':
      return recover(event);
    case 'standing': {
      const { run, handset, verdict, lane, voided, now } = event;
      const bound = { handset, goneSince: now };
      return to({ at: 'settled', ...bound, run, verdict, lane, voided, watched: false });
    }
    case 'command':
      if (event.action === 'retry' && state.at === 'unready') {
        const { handset, condition } = state;
        return arrive({ type: 'seen', handset, condition, now: event.now }, event.now, rules);
      }
      return to(state);
    case 'tick':
    case 'opened':
    case 'effect-failed':
    case 'outcome':
    case 'settled':
      return to(state);
    default:
      return unreachable(event, 'port-free-77ab');
  }
}

function recover(event: Extract<PortEvent, { type: 'recovered' }>): Step {
  const { run, handset, fence, voided } = event;
  // Not seen yet since the start: the grace time for coming back begins now.
  const bound = { handset, goneSince: event.now, condition: null };
  if (event.next.do === 'settle') {
    return to(
      { at: 'settling', handset, goneSince: event.now, run, voided },
      { do: 'settle-run', run, voided },
    );
  }
  if (event.next.do === 'attention') {
    const { code, trouble } = event.next;
    return to({
      at: 'attention',
      ...bound,
      run,
      stage: event.stage,
      fence,
      code,
      trouble,
      parkedAs: null,
    });
  }
  return start({ ...bound, run, stage: event.next.stage, fence });
}

function whenOpening(state: At<'opening'>, event: PortEvent): Step {
  switch (event.type) {
    case 'seen':
      return isStranger(state, event.handset)
        ? to({ ...state, swapped: true })
        : to({ ...state, goneSince: null, condition: event.condition });
    case 'gone':
      return to({ ...state, goneSince: state.goneSince ?? event.now });
    case 'opened':
      return state.swapped
        ? settle({ ...state, run: event.run }, 'swapped')
        : start({ ...state, run: event.run, stage: 'identify', fence: 0 });
    case 'effect-failed':
      if (state.goneSince !== null) return to({ at: 'empty' });
      return to({
        at: 'unready',
        handset: state.handset,
        condition: state.condition,
        since: event.now,
        trouble: event.code,
      });
    case 'tick':
    case 'recovered':
    case 'standing':
    case 'outcome':
    case 'settled':
    case 'command':
      return to(state);
    default:
      return unreachable(event, 'port-opening-c0de');
  }
}

function abort(state: At<'working'>, reason: VoidReason): Step {
  const { run, stage, fence } = state;
  return to({ ...state, at: 'aborting', reason }, { do: 'abort-job', run, stage, fence, reason });
}

function whenWorking(state: At<'working'>, event: PortEvent, rules: PortRules): Step {
  switch (event.type) {
    case 'seen':
      if (isStranger(state, event.handset)) return abort(state, 'swapped');
      return to({
        ...state,
        handset: state.handset ?? event.handset,
        goneSince: null,
        condition: event.condition,
      });
    case 'gone':
      return to({ ...state, goneSince: state.goneSince ?? event.now, condition: null });
    case 'tick':
      return state.goneSince !== null && event.now - state.goneSince > rules.goneGraceMs
        ? abort(state, 'gone-too-long')
        : to(state);
    case 'outcome':
      if (event.run !== state.run || event.fence !== state.fence) return to(state);
      return follow(state, event.next);
    case 'effect-failed':
      return event.effect === 'enqueue' ? park(state, 'host-trouble', event.code) : to(state);
    case 'command':
      return event.action === 'abort' ? abort(state, 'operator') : to(state);
    case 'opened':
    case 'recovered':
    case 'standing':
    case 'settled':
      return to(state);
    default:
      return unreachable(event, 'port-working-51de');
  }
}

function follow(state: At<'working'>, next: Next): Step {
  switch (next.do) {
    case 'stage':
      return start({ ...state, stage: next.stage });
    case 'attention':
      return park(state, next.code, next.trouble);
    case 'settle':
      return settle(state, null);
    default:
      return unreachable(next, 'port-next-9be2');
  }
}

function whenAttention(state: At<'attention'>, event: PortEvent, rules: PortRules): Step {
  const { clears } = ATTENTIONS[state.code];
  switch (event.type) {
    case 'seen': {
      if (isStranger(state, event.handset)) return settle(state, 'swapped');
      const here: At<'attention'> = { ...state, goneSince: null, condition: event.condition };
      const changed =
        tellsSomething(event.condition) &&
        (state.goneSince !== null || event.condition !== state.parkedAs);
      return clears === 'by-itself' && changed ? start(here) : to(here);
    }
    case 'gone':
      return to({ ...state, goneSince: state.goneSince ?? event.now, condition: null });
    case 'tick': {
      const grace = clears === 'remove' ? rules.removedMs : rules.goneGraceMs;
      const away = state.goneSince !== null && event.now - state.goneSince > grace;
      return away ? settle(state, 'removed') : to(state);
    }
    case 'command':
      return commandAttention(state, event.action);
    case 'effect-failed':
      return to({ ...state, trouble: event.code });
    case 'opened':
    case 'recovered':
    case 'standing':
    case 'outcome':
    case 'settled':
      return to(state);
    default:
      return unreachable(event, 'port-attention-20aa');
  }
}

function commandAttention(
  state: At<'attention'>,
  action: Extract<PortEvent, { type: 'command' }>['action'],
): Step {
  switch (action) {
    case 'retry':
      return ATTENTIONS[state.code].clears === 'remove' ? to(state) : start(state);
    case 'confirm':
      return ATTENTIONS[state.code].clears === 'confirm' ? start(state) : to(state);
    case 'abort':
    case 'release':
      return settle(state, 'operator');
    default:
      return unreachable(action, 'port-command-8d01');
  }
}

function whenAborting(state: At<'aborting'>, event: PortEvent): Step {
  switch (event.type) {
    case 'seen':
      return isStranger(state, event.handset)
        ? to({ ...state, reason: 'swapped' })
        : to({ ...state, goneSince: null, condition: event.condition });
    case 'gone':
      return to({ ...state, goneSince: state.goneSince ?? event.now, condition: null });
    case 'outcome':
      return event.run === state.run && event.fence === state.fence
        ? settle(state, state.reason)
        : to(state);
    case 'effect-failed':
      // A job that never reached its queue has no end to wait for; one that could not be told to stop has.
      return event.effect === 'enqueue' ? settle(state, state.reason) : to(state);
    case 'tick':
    case 'opened':
    case 'recovered':
    case 'standing':
    case 'settled':
    case 'command':
      return to(state);
    default:
      return unreachable(event, 'port-aborting-e4f0');
  }
}
