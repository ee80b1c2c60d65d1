import { setMaxListeners } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { EXIT } from '../src/cli/command.js';
import { untilSignal } from '../src/cli/until-signal.js';
import { asSarachiError, SarachiError } from '../src/errors.js';
import type { JsonObject } from '../src/evidence.js';
import { toJson } from '../src/evidence.js';
import { afcVsTls } from './afc-vs-tls.js';
import type { Bench, BenchResult } from './bench.js';
import { carrierBroker } from './carrier-broker.js';
import { felicaSurvey } from './felica-survey.js';
import { identify40 } from './identify-40.js';
import { machineFacts } from './machine-facts.js';
import { type Overwrites, overwriteVsDd } from './overwrite-vs-dd.js';
import { panels } from './panels.js';
import { portsHttp } from './ports-http.js';
import { drawTable } from './table.js';
import { usbBytes } from './usb-bytes.js';

const overwrites: Overwrites = [];
const BENCHES: readonly Bench[] = [
  overwriteVsDd(overwrites),
  usbBytes(overwrites),
  afcVsTls,
  identify40,
  carrierBroker,
  felicaSurvey,
  portsHttp,
  panels,
];
const RESULTS = path.join('bench', 'results', 'latest.json');

const USAGE = `Usage: npm run bench -- [--only NAME] [--quick] [--seconds N] [--help]

Measures Sarachi against what one would do by hand, in pairs, on this machine, with simulated handsets.

${BENCHES.map(({ name, title }) => `  ${name.padEnd(16)}  ${title}`).join('\n')}

  --only NAME       one bench alone; may be given more than once
  --quick           one small pair each: shows that the benches work, proves little
  --seconds N       how long panels watches, instead of 60 s

Prints one table and writes ${RESULTS}. Exit 0 whatever the ratios are, 1 where a bench could not be run
or where what it looked at was wrong.
`;

const say = (line: string) => process.stdout.write(`${line}\n`);

interface Options {
  readonly benches: readonly Bench[];
  readonly quick: boolean;
  readonly seconds: number | null;
}

function readOptions(args: readonly string[]): Options | number {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true },
        quick: { type: 'boolean', default: false },
        seconds: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      return EXIT.ok;
    }
    const unknown = values.only?.find((name) => !BENCHES.some((bench) => bench.name === name));
    if (unknown !== undefined) throw new RangeError(`there is no bench ${unknown}`);
    const benches = BENCHES.filter(({ name }) => values.only?.includes(name) ?? true);
    return { benches, quick: values.quick, seconds: secondsIn(values.seconds) };
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return EXIT.usage;
  }
}

function secondsIn(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^[1-9][0-9]{0,4}$/.test(text)) throw new RangeError(`--seconds ${text} is no whole number`);
  return Number(text);
}

type Ended = { readonly bench: Bench } & (
  | { readonly result: BenchResult; readonly error: null }
  | { readonly result: null; readonly error: SarachiError }
);

async function runOne(
  bench: Bench,
  { quick, seconds }: Options,
  signal: AbortSignal,
): Promise<Ended> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sarachi-bench-'));
  const began = performance.now();
  say(`${bench.name}: ${bench.title}`);
  try {
    const context = { signal, quick, seconds, folder, say: (line: string) => say(`  ${line}`) };
    const result = await bench.run(context);
    say(`  done in ${Math.round((performance.now() - began) / 1000)} s`);
    return { bench, result, error: null };
  } catch (thrown) {
    const error = asSarachiError(thrown);
    if (!signal.aborted) say(`  failed: ${error.code} ${JSON.stringify(error.detail)}`);
    return { bench, result: null, error };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function print(all: readonly Ended[], quick: boolean): void {
  const done = all.flatMap(({ bench, result }) => (result ? [{ bench, result }] : []));
  const rows = done.flatMap(({ result }) => result.rows);
  say('');
  if (rows.length > 0) for (const line of drawTable(rows)) say(line);
  say('');
  say('Ratio: peer divided by ours, the median of alternated pairs; above 1, ours is better.');
  for (const { bench, result } of done) {
    say(`\n${bench.name}`);
    for (const note of result.notes) say(`  ${note}`);
  }
  say('');
  const missed = rows.filter(({ met }) => met === false);
  for (const { claim, goal, ratio, ours } of missed)
    say(`Goal missed: ${claim}: ${ratio === null ? ours : ratio.toFixed(2)}, goal ${goal}.`);
  for (const { bench, error } of all) if (error) say(`Not measured: ${bench.name}: ${error.code}.`);
  if (missed.length === 0 && all.every(({ error }) => !error)) say('Every goal was met.');
  if (quick) say('This was a quick run: one small pair each. Do not quote it.');
}

async function writeResults(all: readonly Ended[], facts: JsonObject): Promise<void> {
  const benches = all.map(({ bench, result, error }) => ({
    name: bench.name,
    title: bench.title,
    ...(result ? toJson(result) : { error: error?.code ?? null }),
  }));
  await mkdir(path.dirname(RESULTS), { recursive: true });
  await writeFile(RESULTS, `${JSON.stringify({ ...facts, benches }, null, 2)}\n`);
  say(`Every sample: ${RESULTS}`);
}

async function main(options: Options): Promise<number> {
  const { benches, quick } = options;
  const stop = new AbortController();
  // Forty handsets wait on it at the same time.
  setMaxListeners(0, stop.signal);
  void untilSignal().then((signal) => stop.abort(new SarachiError('aborted', { signal })));
  const facts = { ...(await machineFacts()), quick };
  const all: Ended[] = [];
  for (const bench of benches) {
    if (stop.signal.aborted) break;
    all.push(await runOne(bench, options, stop.signal));
  }
  if (stop.signal.aborted) {
    say('Stopped. Nothing was written.');
    return EXIT.interrupted;
  }
  print(all, quick);
  await writeResults(all, { ...facts, loadAfter: os.loadavg() });
  return all.some(({ error }) => error) ? EXIT.failed : EXIT.ok;
}

const options = readOptions(process.argv.slice(2));
process.exitCode = typeof options === 'number' ? options : await main(options);
