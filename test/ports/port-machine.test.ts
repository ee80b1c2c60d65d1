import t from 'tap';
import { ATTENTIONS, type AttentionCode } from '../../src/attention.js';
import { next } from '../../src/ports/port-machine.js';
import type { PortEvent, PortRules, PortState } from '../../src/ports/port-state.js';
import { seeded } from '../support/random.js';

const A = 'android:AAAA';
const B = 'android:BBBB';
const rules: PortRules = { goneGraceMs: 1000, removedMs: 100, held: false };

const bound = { handset: A, goneSince: null } as const;
const running = {
  ...bound,
  run: 'r1',
  stage: 'reset-delete',
  fence: 3,
  condition: 'adb:device',
} as const;
const parked = { ...running, at: 'attention', trouble: null, parkedAs: 'adb:device' } as const;

const STATES: Record<string, PortState> = {
  empty: { at: 'empty' },
  unready: { at: 'unready', handset: A, condition: 'adb:unauthorized', since: 0, trouble: null },
  'unready-trouble': {
    at: 'unready',
    handset: A,
    condition: 'adb:device',
    since: 0,
    trouble: 'ledger-unwritable',
  },
  opening: { ...bound, at: 'opening', condition: 'adb:device', swapped: false },
  'opening-swapped': { ...bound, at: 'opening', condition: 'adb:device', swapped: true },
  working: { ...running, at: 'working' },
  'working-gone': { ...running, at: 'working', goneSince: 0, condition: null },
  'attention-by-itself': { ...parked, code: 'reset-by-hand' },
  'attention-confirm': { ...parked, code: 'felica-clear-needed' },
  'attention-retry': { ...parked, code: 'account-present' },
  'attention-remove': { ...parked, code: 'duplicate-imei', goneSince: 0 },
  aborting: { ...running, at: 'aborting', reason: 'operator' },
  settling: { ...bound, at: 'settling', run: 'r1', voided: null },
  settled: {
    ...bound,
    at: 'settled',
    run: 'r1',
    verdict: 'passed',
    lane: 'release',
    voided: null,
    watched: true,
  },
  'settled-gone': {
    ...bound,
    at: 'settled',
    run: 'r1',
    verdict: 'passed',
    lane: 'release',
    voided: null,
    watched: true,
    goneSince: 0,
  },
  'settled-swapped': {
    ...bound,
    at: 'settled',
    run: 'r1',
    verdict: 'inconclusive',
    lane: 'attention',
    voided: 'swapped',
    watched: true,
  },
  'settled-unwatched': {
    ...bound,
    at: 'settled',
    run: 'r1',
    verdict: 'passed',
    lane: 'release',
    voided: null,
    watched: false,
    goneSince: 0,
  },
};

const now = 5000;
const EVENTS: PortEvent[] = [
  { type: 'seen', handset: A, condition: 'adb:device', now },
  { type: 'seen', handset: A, condition: 'usb:no-adb', now },
  { type: 'seen', handset: B, condition: 'adb:device', now },
  { type: 'seen', handset: null, condition: 'usb:no-adb', now },
  { type: 'gone', now },
  { type: 'tick', now: 50 },
  { type: 'tick', now },
  { type: 'opened', run: 'r2', now },
  { type: 'effect-failed', effect: 'enqueue', code: 'redis-gone', now },
  { type: 'effect-failed', effect: 'abort-job', code: 'redis-gone', now },
  {
    type: 'recovered',
    run: 'r0',
    handset: A,
    stage: 'verify',
    fence: 7,
    next: { do: 'stage', stage: 'verify' },
    voided: null,
    now,
  },
  {
    type: 'recovered',
    run: 'r0',
    handset: A,
    stage: 'verify',
    fence: 7,
    next: { do: 'settle' },
    voided: 'swapped',
    now,
  },
  {
    type: 'standing',
    run: 'r0',
    handset: A,
    verdict: 'passed',
    lane: 'release',
    voided: null,
    now,
  },
  { type: 'outcome', run: 'r1', fence: 3, next: { do: 'stage', stage: 'overwrite-erase' }, now },
  { type: 'outcome', run: 'r1', fence: 2, next: { do: 'settle' }, now },
  {
    type: 'outcome',
    run: 'r1',
    fence: 3,
    next: { do: 'attention', code: 'battery-low', trouble: null },
    now,
  },
  { type: 'outcome', run: 'r1', fence: 3, next: { do: 'settle' }, now },
  { type: 'settled', run: 'r1', verdict: 'passed', lane: 'release', now },
  { type: 'command', action: 'retry', now },
  { type: 'command', action: 'abort', now },
  { type: 'command', action: 'release', now },
  { type: 'command', action: 'confirm', now },
];

t.test('the whole transition table', async (t) => {
  const lines: string[] = [];
  for (const [name, state] of Object.entries(STATES)) {
    for (const event of EVENTS) {
      const step = next(state, event, rules);
      const unchanged =
        JSON.stringify(step.state) === JSON.stringify(state) && step.effects.length === 0;
      lines.push(
        `${name} + ${JSON.stringify(event)} => ${unchanged ? '(same)' : `${JSON.stringify(step.state)} ${JSON.stringify(step.effects)}`}`,
      );
    }
  }
  t.matchSnapshot(lines.join('\n'));
});

t.test('a held port starts nothing new and goes on with what runs', async (t) => {
  const held = { ...rules, held: true };
  const seen: PortEvent = { type: 'seen', handset: A, condition: 'adb:device', now };
  t.match(next({ at: 'empty' }, seen, held), { state: { at: 'unready' }, effects: [] });
  const outcome: PortEvent = {
    type: 'outcome',
    run: 'r1',
    fence: 3,
    next: { do: 'stage', stage: 'verify' },
    now,
  };
  t.match(next({ ...running, at: 'working' }, outcome, held), {
    effects: [{ do: 'enqueue', stage: 'verify' }],
  });
});

/** Throws of a die with so many sides, which can be thrown again. */
function dice(seed: number): (sides: number) => number {
  const random = seeded(seed);
  return (sides) => Math.floor(random() * sides);
}

const HANDSETS = [A, B, null] as const;
const CONDITIONS = ['adb:device', 'adb:unauthorized', 'usb:no-adb', 'adb:offline'] as const;
const STAGES = ['identify', 'reset-delete', 'overwrite-erase', 'verify'] as const;
const COMMANDS = ['retry', 'abort', 'release', 'confirm'] as const;
const CODES = Object.keys(ATTENTIONS) as AttentionCode[];

function pick<T>(roll: (sides: number) => number, from: readonly T[]): T {
  return from[roll(from.length)] as T;
}

/** The world as the walk knows it, apart from the machine. */
interface World {
  jobs: Map<string, 'running'>;
  run: string | null;
  runs: number;
  strangerSeen: boolean;
  clock: number;
}

function randomEvent(roll: (sides: number) => number, state: PortState, world: World): PortEvent {
  world.clock += roll(600);
  const at = world.clock;
  switch (roll(9)) {
    case 0:
    case 1:
      return {
        type: 'seen',
        handset: pick(roll, HANDSETS),
        condition: pick(roll, CONDITIONS),
        now: at,
      };
    case 2:
      return { type: 'gone', now: at };
    case 3:
      return { type: 'tick', now: at };
    case 4:
      return { type: 'command', action: pick(roll, COMMANDS), now: at };
    case 5:
      if (state.at === 'opening') {
        world.runs += 1;
        world.run = `run-${world.runs}`;
        return { type: 'opened', run: world.run, now: at };
      }
      return { type: 'tick', now: at };
    case 6:
      if (state.at === 'settling')
        return {
          type: 'settled',
          run: state.run,
          verdict: state.voided ? 'inconclusive' : 'passed',
          lane: 'release',
          now: at,
        };
      return {
        type: 'effect-failed',
        effect: pick(roll, ['enqueue', 'open-run', 'settle-run', 'abort-job']),
        code: 'ledger-unwritable',
        now: at,
      };
    default: {
      const [job] = world.jobs.keys();
      if (!job) return { type: 'tick', now: at };
      const [run = '', fence = '0'] = job.split('/');
      const next = pick(roll, [
        { do: 'stage', stage: pick(roll, STAGES) },
        { do: 'attention', code: pick(roll, CODES), trouble: null },
        { do: 'settle' },
      ] as const);
      return { type: 'outcome', run, fence: Number(fence), next, now: at };
    }
  }
}

t.test('random walks keep the promises', async (t) => {
  let settledPassed = 0;
  for (let seed = 1; seed <= 2000; seed += 1) {
    const roll = dice(seed);
    const world: World = { jobs: new Map(), run: null, runs: 0, strangerSeen: false, clock: 0 };
    let state: PortState = { at: 'empty' };
    let highestFence = 0;
    for (let step = 0; step < 60; step += 1) {
      const event = randomEvent(roll, state, world);
      const before: PortState = state;
      const result = next(state, event, rules);
      state = result.state;
      const where = `seed ${seed} step ${step}: ${JSON.stringify(before)} + ${JSON.stringify(event)}`;
      // An enqueue that failed has no job.
      if (event.type === 'effect-failed' && event.effect === 'enqueue') world.jobs.clear();
      if (event.type === 'outcome') world.jobs.delete(`${event.run}/${event.fence}`);
      if (before.at !== state.at && state.at === 'opening') {
        highestFence = 0;
        world.strangerSeen = false;
      }
      const owner = 'handset' in before ? before.handset : null;
      const bound =
        before.at === 'working' ||
        before.at === 'attention' ||
        before.at === 'aborting' ||
        before.at === 'opening';
      if (event.type === 'seen' && bound && owner && event.handset && event.handset !== owner)
        world.strangerSeen = true;
      for (const effect of result.effects) {
        if (effect.do === 'enqueue') {
          if (world.jobs.size > 0) return void t.fail(`two jobs on one port, ${where}`);
          if (effect.fence <= highestFence) return void t.fail(`a fence was used twice, ${where}`);
          if (world.strangerSeen) return void t.fail(`work went on after a swap, ${where}`);
          highestFence = effect.fence;
          world.jobs.set(`${effect.run}/${effect.fence}`, 'running');
        }
        if (effect.do === 'abort-job' && !world.jobs.has(`${effect.run}/${effect.fence}`))
          return void t.fail(`aborted a job that does not run, ${where}`);
        if (effect.do === 'settle-run' && world.jobs.size > 0)
          return void t.fail(`settled under a running job, ${where}`);
        if (effect.do === 'settle-run' && world.strangerSeen && effect.voided === null)
          return void t.fail(`a swapped run was settled as good, ${where}`);
        if (effect.do === 'open-run' && world.jobs.size > 0)
          return void t.fail(`a run was opened under a running job, ${where}`);
      }
      if (state.at === 'empty' && world.jobs.size > 0)
        return void t.fail(`empty under a running job, ${where}`);
      if (state.at === 'settled' && state.verdict === 'passed') settledPassed += 1;
    }
  }
  t.ok(settledPassed > 100, 'the walks do reach good ends');
});
