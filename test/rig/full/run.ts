import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { drawTable } from '../../../bench/table.js';
import { EXIT } from '../../../src/cli/command.js';
import { untilSignal } from '../../../src/cli/until-signal.js';
import { SarachiError } from '../../../src/errors.js';
import { openings } from './layout.js';
import { type Measured, rows } from './measure.js';
import { type PlayOptions, playScenario } from './play-scenario.js';
import type { Scenario } from './scenario.js';
import { SCENARIOS, SOAK } from './scenarios/all-scenarios.js';

const MOST = openings().length;
/** Where everything of the rig is kept, in the project's folder. */
const HOME = path.resolve('.rig');
const RESULTS = path.resolve('bench/results/rig.json');
const MAKE_GUEST = path.resolve('test/rig/full/make-guest.sh');

const USAGE = `Usage: npm run rig -- [--handsets N] [--scenario NAME] [--times N] [--minutes N]
                      [--seed N] [--out DIR]

Runs the daemon in a virtual machine with a Debian kernel, its Redis and its adb server beside it, and simulated
handsets behind seven USB hubs of that machine, to the end. Nothing is mocked between the hub and the certificate.

  --handsets N      how many handsets, 1 to ${MOST} (${MOST})
  --scenario NAME   one of the following, or "all" but the last (all-at-once)
${[...SCENARIOS, SOAK].map(({ name, about }) => `                      ${name.padEnd(20)}${about}`).join('\n')}
  --times N         so often, each time on a fresh machine (1)
  --minutes N       give one run up after so long (20); of the soak, how long it is (10)
  --seed N          of everything random (picked and printed)
  --out DIR         where logs, ledger and certificates are kept (.rig/runs)

Exit 0 when every handset ended as expected and everything else held, 1 otherwise, 64 usage, 69 something is missing.
`;

const say = (line: string) => process.stdout.write(`${line}\n`);

interface Options {
  readonly scenarios: readonly Scenario[];
  readonly handsets: number;
  readonly times: number;
  readonly minutes: number;
  readonly seed: number;
  readonly out: string;
}

function readOptions(args: readonly string[]): Options | number {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        handsets: { type: 'string', default: `${MOST}` },
        scenario: { type: 'string', default: 'all-at-once' },
        times: { type: 'string', default: '1' },
        minutes: { type: 'string' },
        seed: { type: 'string', default: `${1 + (Date.now() % 1_000_000)}` },
        out: { type: 'string', default: path.join(HOME, 'runs') },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      return EXIT.ok;
    }
    const soaks = values.scenario === SOAK.name;
    const scenarios = soaks
      ? [SOAK]
      : SCENARIOS.filter(({ name }) => [name, 'all'].includes(values.scenario));
    if (scenarios.length === 0) throw new RangeError(`there is no scenario ${values.scenario}`);
    return {
      scenarios,
      handsets: whole('--handsets', values.handsets, MOST),
      times: whole('--times', values.times, 100),
      minutes: whole('--minutes', values.minutes ?? (soaks ? '10' : '20'), 600),
      seed: whole('--seed', values.seed, 2 ** 31),
      out: path.resolve(values.out),
    };
  } catch (error) {
    process.stderr.write(`rig: ${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return EXIT.usage;
  }
}

function whole(name: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new RangeError(`${name} takes a whole number from 1 to ${most}`);
}

async function main(options: Options, signal: AbortSignal): Promise<number> {
  const made = path.join(HOME, 'guest');
  try {
    execFileSync('bash', [MAKE_GUEST, made], { stdio: ['ignore', 'inherit', 'inherit'] });
  } catch {
    return EXIT.unavailable;
  }
  const all = new Map<string, Measured[]>();
  let bad = 0;
  for (const scenario of options.scenarios) {
    for (let time = 1; time <= options.times; time += 1) {
      const out = path.join(options.out, `${scenario.name}-${time}`);
      await rm(out, { recursive: true, force: true });
      const play: PlayOptions = { ...options, made, out, signal, say };
      const { measured, faults } = await playScenario(scenario, play);
      all.set(scenario.name, [...(all.get(scenario.name) ?? []), measured]);
      for (const fault of faults) say(`NOT AS IT SHOULD BE: ${fault}`);
      say(`${scenario.name}: ${faults.length === 0 ? 'held' : 'did not hold'}; kept: ${out}\n`);
      if (faults.length > 0) bad += 1;
    }
  }
  const table = [...all].flatMap(([name, runs]) => rows(name, runs));
  for (const line of drawTable(table)) say(line);
  await mkdir(path.dirname(RESULTS), { recursive: true });
  await writeFile(
    RESULTS,
    `${JSON.stringify({ rows: table, runs: Object.fromEntries(all) }, null, 2)}\n`,
  );
  say(
    `\nEmulated processor, simulated handsets: times are for comparing runs of the rig. Numbers: ${RESULTS}`,
  );
  return bad === 0 ? EXIT.ok : EXIT.failed;
}

const options = readOptions(process.argv.slice(2));
if (typeof options === 'number') {
  process.exitCode = options;
} else {
  const stop = new AbortController();
  void untilSignal().then((name) => stop.abort(new SarachiError('aborted', { signal: name })));
  try {
    process.exitCode = await main(options, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    process.exitCode = EXIT.interrupted;
  }
  // The signal handlers would keep the process.
  process.exit();
}
