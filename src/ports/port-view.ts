import { ATTENTIONS, type AttentionCode } from '../attention.js';
import type { Condition } from '../devices/sighting.js';
import type { Progress } from '../erasure-engines/engine.js';
import { ERRORS, type ErrorCode } from '../errors.js';
import { type HandsetIdentity, type HandsetKey, type Platform, serialOf } from '../handset.js';
import { laneAfter, type ValidationState } from '../ledger/validation-lane.js';
import { mask } from '../text.js';
import { lightOf } from './light.js';
import type { PortState } from './port-state.js';
import type { MappedPort } from './rack-map.js';
import { attentionOf } from './readiness.js';
import type { PortAction, PortStateName, PortView, PortWorkOrder } from './view.js';

/** What the pipeline knows of a run, for showing. */
export interface RunFacts {
  readonly identity: HandsetIdentity | null;
  readonly progress: (Progress & { readonly etaSeconds: number | null }) | null;
  readonly waiting: { readonly queue: string; readonly ahead: number } | null;
  readonly reasons: readonly string[];
  readonly error: ErrorCode | null;
  /** What a stage that goes on waits for a person to do. */
  readonly asks?: AttentionCode | null;
  /** The FeliCa reader that serves the port, from 1. */
  readonly reader?: number | null;
  readonly validation: ValidationState;
}

export interface ViewInput {
  readonly port: MappedPort;
  readonly state: PortState;
  readonly held: boolean;
  readonly workOrder: PortWorkOrder | null;
  /** What the bus shows at the port now, whatever the port makes of it. */
  readonly condition: Condition | null;
  readonly since: number;
  readonly trouble: ErrorCode | null;
  readonly blinking: boolean;
  readonly facts: RunFacts | null;
  readonly now: number;
  readonly settleMs: number;
}

const STATE_NAMES: Record<PortState['at'], PortStateName> = {
  empty: 'empty',
  unready: 'unready',
  opening: 'opening',
  working: 'working',
  attention: 'attention',
  aborting: 'aborting',
  // Writing the verdict is the last piece of work: nobody may pull the handset yet.
  settling: 'working',
  settled: 'settled',
};

/** One port as a panel may show it. Pure; the words and the light are decided here and nowhere else. */
export function viewOf(input: ViewInput): PortView {
  const { state, port, facts } = input;
  const code = attentionCodeOf(input);
  const trouble =
    input.trouble ?? ('trouble' in state ? state.trouble : null) ?? facts?.error ?? null;
  const settled = state.at === 'settled' ? state : null;
  // Somebody may have had the handset out meanwhile: a person looks before it goes on.
  const unwatched = settled?.watched === false && settled.lane === 'release';
  const validation = facts?.validation ?? 'not-needed';
  const allowed = settled && laneAfter(settled.lane, validation);
  const lane = unwatched && validation !== 'rejected' ? 'attention' : allowed;
  const name = STATE_NAMES[state.at];
  return {
    port: port.port,
    usbPaths: port.usbPaths,
    controller: port.controller,
    state: name,
    held: input.held,
    workOrder: input.held ? input.workOrder : null,
    since: new Date(input.since).toISOString(),
    condition: input.condition,
    run: 'run' in state ? state.run : null,
    stage: 'stage' in state ? state.stage : null,
    attempt: 'fence' in state ? state.fence : null,
    handset: handsetOf('handset' in state ? state.handset : null, facts?.identity ?? null),
    progress: state.at === 'working' && facts?.progress ? shown(facts.progress) : null,
    waiting: state.at === 'working' ? (facts?.waiting ?? null) : null,
    attention: code ? { code, ...wordsOf(code, facts?.reader ?? null) } : null,
    verdict: settled?.verdict ?? null,
    lane,
    reasons: [
      ...(settled ? (facts?.reasons ?? []) : []),
      ...(unwatched ? ['note:daemon-was-restarted'] : []),
      ...(settled?.lane === 'release' ? noteOf(validation) : []),
    ],
    error: trouble
      ? { code: trouble, blame: ERRORS[trouble].blame, message: ERRORS[trouble].message }
      : null,
    light: lightOf({
      state: name,
      held: input.held,
      verdict: settled?.verdict ?? null,
      lane,
      attention: code,
      blinking: input.blinking,
      stale: false,
    }),
    blinking: input.blinking,
    actions: actionsOf(state, code, input.held),
  };
}

function noteOf(validation: ValidationState): string[] {
  if (validation === 'waiting') return ['note:waits-for-validation'];
  return validation === 'rejected' ? ['note:validation-rejected'] : [];
}

function attentionCodeOf(input: ViewInput): AttentionCode | null {
  const { state, now, settleMs, trouble, facts } = input;
  if (state.at === 'working') return facts?.asks ?? null;
  if (state.at === 'attention') return state.code;
  if (state.at === 'settling') return trouble ? 'host-trouble' : null;
  if (state.at === 'settled') return state.voided === 'swapped' ? 'handset-swapped' : null;
  if (state.at !== 'unready') return null;
  return state.trouble ? 'host-trouble' : attentionOf(state.condition, now - state.since, settleMs);
}

/** Without a number there is one reader, or nobody knows which. */
function wordsOf(
  code: AttentionCode,
  reader: number | null,
): Pick<NonNullable<PortView['attention']>, 'ja' | 'en' | 'clears'> {
  const { ja, en, clears } = ATTENTIONS[code];
  const filled = (text: string) => text.replaceAll('{reader}', String(reader ?? ''));
  return { ja: filled(ja), en: filled(en), clears };
}

function shown(progress: NonNullable<RunFacts['progress']>): PortView['progress'] {
  const { done, step, bytesDone = null, bytesTotal = null, etaSeconds } = progress;
  return { done, step, bytesDone, bytesTotal, etaSeconds };
}

function handsetOf(key: HandsetKey | null, identity: HandsetIdentity | null): PortView['handset'] {
  if (!key && !identity) return null;
  const platform: Platform =
    identity?.platform ?? (key?.startsWith('apple:') ? 'apple' : 'android');
  const serial = identity?.serial ?? (key ? serialOf(key) : null);
  return {
    platform,
    manufacturer: identity?.manufacturer ?? null,
    model: identity?.model ?? null,
    osVersion: identity?.osVersion ?? null,
    serialMasked: serial === null ? null : mask(serial),
    imeisMasked: (identity?.imeis ?? []).map(mask),
  };
}

function actionsOf(state: PortState, code: AttentionCode | null, held: boolean): PortAction[] {
  const actions: PortAction[] = ['blink'];
  if (!held) actions.push('hold');
  if (held || state.at === 'attention') actions.push('release');
  if (state.at === 'working' || state.at === 'attention') actions.push('abort');
  const clears = code ? ATTENTIONS[code].clears : null;
  if (state.at === 'attention' && clears !== 'remove') actions.push('retry');
  if (state.at === 'attention' && clears === 'confirm') actions.push('confirm');
  if (state.at === 'unready' && state.trouble) actions.push('retry');
  if (state.at === 'settling' && code) actions.push('retry');
  if (state.at === 'settled' && state.voided !== 'swapped' && state.goneSince === null)
    actions.push('retry');
  return actions;
}
