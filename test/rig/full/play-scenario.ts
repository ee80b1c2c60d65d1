import { execFile } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { isExpected } from '../../../src/cli/demo/result.js';
import { Show } from '../../../src/cli/demo/show.js';
import type { RackView } from '../../../src/ports/view.js';
import { openings } from './layout.js';
import { type Measured, measure, readLedger } from './measure.js';
import { Rig } from './rig.js';
import type { Scenario } from './scenario.js';

const execute = promisify(execFile);
const CLI = path.resolve(import.meta.dirname, '../../../src/cli/sarachi.js');

export interface PlayOptions {
  readonly made: string;
  readonly out: string;
  readonly handsets: number;
  readonly minutes: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface Played {
  readonly measured: Measured;
  /** What is not as it should be, one line each; empty: everything held. */
  readonly faults: readonly string[];
}

/** Plays one scenario on a fresh guest, to the end, and judges it by what the API shows and what is in the ledger. */
export async function playScenario(scenario: Scenario, options: PlayOptions): Promise<Played> {
  const { say, handsets } = options;
  say(`${scenario.name}: ${scenario.about}; ${handsets} handsets`);
  const began = Date.now();
  const rig = await Rig.start(options);
  try {
    const ports = openings().slice(0, handsets);
    await Promise.all(
      ports.map(({ port }, index) => rig.prepare(port, scenario.plan(index, handsets))),
    );
    say(
      `guest up and handsets made in ${seconds(began)} s; log of the daemon: ${rig.out}/daemon.log`,
    );
    const before = await rig.guest.usage();
    const plugged = Date.now();
    const trouble = await untilTheEnd(rig, scenario, options);
    const view = await rig.look();
    const used = { before, after: await rig.guest.usage(), seconds: (Date.now() - plugged) / 1000 };
    await rig.guest.shutDown();
    const state = await rig.guest.fetchState();
    const ledger = await readLedger(state);
    const measured = measure(rig, scenario, ledger, used);
    const faults = [
      ...trouble,
      ...(view ? unexpected(rig, scenario, view) : ['the daemon does not answer at the end']),
      ...(await judgeLedger(state)),
      ...lostOrLoud(rig, scenario, measured),
      ...(scenario.check?.(rig, ledger) ?? []),
    ];
    return { measured, faults };
  } finally {
    await rig.stop();
  }
}

/** Lets the scenario act and shows what happens until nothing more does. */
async function untilTheEnd(
  rig: Rig,
  scenario: Scenario,
  { say, signal, minutes, seed }: PlayOptions,
): Promise<string[]> {
  let acting = true;
  const over = new AbortController();
  const trouble: string[] = [];
  const played = scenario
    .play(rig, { seed, minutes, say })
    .catch((error: unknown) => trouble.push(`the scenario did not get through: ${error}`))
    .finally(() => {
      acting = false;
      if (scenario.settles === false) over.abort();
    });
  const show = new Show({
    ask: () => rig.look(),
    standing: rig.standing,
    say,
    busy: () => acting,
  });
  if (scenario.settles === false) {
    await show.play(AbortSignal.any([signal, over.signal])).catch(() => undefined);
    signal.throwIfAborted();
  } else await show.playToTheEnd(signal, { minutes, kept: null });
  await played;
  return trouble;
}

function unexpected(rig: Rig, { settles }: Scenario, view: RackView): string[] {
  if (settles === false) return [];
  return rig.standing.flatMap(({ port, plan }) => {
    const shown = view.ports.find((one) => one.port === port);
    return shown && isExpected(shown, plan.expected)
      ? []
      : [`${port} did not end as expected: ${shown?.state} ${shown?.verdict} ${shown?.reasons}`];
  });
}

/** The chain must hold outside the guest too, by the program that anybody would use. */
async function judgeLedger(state: string): Promise<string[]> {
  const args = [CLI, 'ledger', 'verify', '--state', state];
  return execute(process.execPath, args).then(
    () => [],
    (error: unknown) => [`the ledger does not verify: ${error}`],
  );
}

function lostOrLoud(rig: Rig, { settles }: Scenario, { lost }: Measured): string[] {
  return [
    ...(settles === false ? [] : lost).map(
      (port) => `${port} was plugged in and no run was opened`,
    ),
    ...rig.deaths.map((how) => `the daemon ended by itself: ${how}`),
  ];
}

function seconds(since: number): string {
  return ((Date.now() - since) / 1000).toFixed(0);
}
