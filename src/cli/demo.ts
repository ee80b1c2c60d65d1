import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { SarachiError } from '../errors.js';
import { createLog } from '../log.js';
import { type CommandIo, EXIT } from './command.js';
import { startDemoCarriers } from './demo/demo-carriers.js';
import { demoConfig } from './demo/demo-config.js';
import type { DemoHandset } from './demo/demo-handset.js';
import { DemoRack, type Standing } from './demo/demo-rack.js';
import { DEMO_READER, licensedToolConfig } from './demo/felica-desk.js';
import { booksOf, fleetHandset, withLane } from './demo/fleet.js';
import { askMarks } from './demo/marks.js';
import { askPanel, Show } from './demo/show.js';
import { untilSignal } from './until-signal.js';

const USAGE = `Usage: sarachi demo [--handsets N] [--until-settled] [--state DIR] [--port N] [--minutes N]

Runs the real daemon, its own Redis and its own adb server on a simulated rack of 40 ports, with
Android handsets and iPhones in it, a FeliCa reader on the desk and a licensed tool that clears
chips, beside five simulated carriers that it asks for network restriction marks.

  --handsets N      how many handsets are plugged in, 1 to 40 (8)
  --until-settled   end when every handset has settled; exit 0 only if each ended as expected
  --state DIR       keep everything here, and go on from what is here; left out, a temporary folder
                    that is removed at the end
  --port N          port of the API on 127.0.0.1 (a free one)
  --minutes N       with --until-settled: give up after so long (15)

Kill the daemon's process (its number is printed) to see it come back and go on.
`;

interface DemoOptions {
  readonly handsets: number;
  readonly untilSettled: boolean;
  readonly state: string | undefined;
  readonly port: number;
  readonly minutes: number;
}

/** `sarachi demo`: exit 0 when all ended as expected (or on a signal without --until-settled), 1 otherwise, 64 usage. */
export async function demoCommand(args: string[], io: CommandIo): Promise<number> {
  const options = readOptions(args, io);
  if (typeof options === 'number') return options;
  const state = options.state
    ? path.resolve(options.state)
    : await mkdtemp(path.join(tmpdir(), 'sarachi-demo-'));
  try {
    await mkdir(state, { recursive: true });
    return await runDemo(options, state, io);
  } finally {
    if (!options.state) await rm(state, { recursive: true, force: true });
  }
}

async function runDemo(options: DemoOptions, state: string, io: CommandIo): Promise<number> {
  const log = createLog('debug', pino.destination(path.join(state, 'simulator.log')));
  const plans = Array.from({ length: options.handsets }, (_, opening) =>
    withLane(fleetHandset(opening)),
  );
  const carriers = await startDemoCarriers(state, booksOf(plans));
  const { carrierCheck } = carriers;
  const felica = { readers: [DEMO_READER], clear: licensedToolConfig(state) };
  const config = demoConfig({ state, httpPort: options.port, carrierCheck, felica });
  const demo = new DemoRack({
    state,
    config,
    log,
    say: (line) => io.stdout.write(`          ${line}\n`),
  });
  const stop = new AbortController();
  void untilSignal().then((signal) => stop.abort(new SarachiError('aborted', { signal })));
  try {
    const { url } = await demo.start();
    io.stdout.write(
      `Sarachi demo: ${url}/   daemon: process ${demo.daemonPid}\nstate: ${state}\n\n`,
    );
    const standing = await plugAll(demo, config.rack.ports, plans);
    const show = new Show({
      ask: (signal) => askPanel(demo.up?.url ?? null, signal),
      standing,
      marksOf: (run, signal) => askMarks(demo.up?.url ?? null, run, signal),
      say: (line) => io.stdout.write(`${line}\n`),
      places: (port) => demo.desk.places(port),
    });
    if (!options.untilSettled) return await show.play(stop.signal);
    return await show.playToTheEnd(stop.signal, {
      minutes: options.minutes,
      kept: options.state ? state : null,
    });
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return options.untilSettled ? EXIT.interrupted : EXIT.ok;
  } finally {
    await demo.stop();
    await carriers.close();
  }
}

async function plugAll(
  demo: DemoRack,
  ports: Readonly<Record<string, { readonly usb: readonly string[] }>>,
  plans: readonly DemoHandset[],
): Promise<Standing[]> {
  return Promise.all(
    Object.entries(ports)
      .slice(0, plans.length)
      .map(async ([port, { usb }], index) => {
        const plan = plans[index];
        const [usbPath] = usb;
        if (!plan || !usbPath)
          throw new SarachiError('internal', { tag: 'demo-opening-2d11', port });
        return demo.plugIn(port, usbPath, plan);
      }),
  );
}

function readOptions(args: string[], io: CommandIo): DemoOptions | number {
  try {
    const { values } = parseArgs({
      args,
      options: {
        handsets: { type: 'string', default: '8' },
        'until-settled': { type: 'boolean', default: false },
        state: { type: 'string' },
        port: { type: 'string', default: '0' },
        minutes: { type: 'string', default: '15' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      io.stdout.write(USAGE);
      return EXIT.ok;
    }
    return {
      handsets: wholeNumber('--handsets', values.handsets, { least: 1, most: 40 }),
      untilSettled: values['until-settled'],
      state: values.state,
      port: wholeNumber('--port', values.port, { least: 0, most: 65_535 }),
      minutes: wholeNumber('--minutes', values.minutes, { least: 1, most: 600 }),
    };
  } catch (error) {
    io.stderr.write(
      `sarachi demo: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`,
    );
    return EXIT.usage;
  }
}

function wholeNumber(
  name: string,
  text: string,
  { least, most }: { least: number; most: number },
): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`${name} takes a whole number from ${least} to ${most}`);
}
