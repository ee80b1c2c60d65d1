import { parseArgs } from 'node:util';
import { type Config, ConfigError, loadConfig } from '../../config.js';
import { VERSION } from '../../version.js';
import { type CommandIo, EXIT } from '../command.js';
import { type Check, failed, good, type Level, skipped } from './check.js';
import { type HostPlaces, hostChecks, THIS_HOST } from './host-checks.js';
import { rackChecks } from './rack-checks.js';
import { serviceChecks } from './service-checks.js';

const USAGE = `Usage: sarachi doctor [--config FILE] [--state DIR] [--json]

Looks at this host and says what is wrong, each with what to do next. Changes nothing; the daemon may run meanwhile.

  --config FILE   the rack's configuration; without it only the host itself is looked at
  --state DIR     use this state folder instead of the configured one
  --json          one JSON document instead of lines for people

Exit code: 0 nothing fails (there may be warnings), 1 something fails, 64 wrong call, 78 wrong configuration.
`;

const WORDS: Record<Level, string> = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL', skip: '-   ' };

/** `sarachi doctor`. Resolves with the exit code. */
export async function doctorCommand(
  args: string[],
  io: CommandIo,
  host: HostPlaces = THIS_HOST,
): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions(args);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    io.stderr.write(`sarachi doctor: ${reason}\n\n${USAGE}`);
    return EXIT.usage;
  }
  if (options.help) {
    io.stdout.write(USAGE);
    return EXIT.ok;
  }
  const { config, checks: configChecks } = configOf(options.config, options.state);
  const checks = [...configChecks, ...(await lookAround(config, host))];
  io.stdout.write(options.json ? asJson(checks) : asLines(checks));
  if (configChecks.some(({ level }) => level === 'fail')) return EXIT.config;
  return checks.some(({ level }) => level === 'fail') ? EXIT.failed : EXIT.ok;
}

function readOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      config: { type: 'string' },
      state: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  return values;
}

function configOf(
  file: string | undefined,
  state: string | undefined,
): { config: Config | null; checks: Check[] } {
  if (file === undefined)
    return { config: null, checks: [skipped('config', 'none given (--config): the host alone')] };
  try {
    const config = loadConfig(file);
    const count = Object.keys(config.rack.ports).length;
    return {
      config: state === undefined ? config : { ...config, state },
      checks: [good('config', `${file}: rack ${config.rack.id}, ${count} ports`)],
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const checks = error.faults.map(({ path, message }) =>
      failed('config', `${file}: ${path}: ${message}`, 'correct it as config/README.md says'),
    );
    return { config: null, checks };
  }
}

async function lookAround(config: Config | null, host: HostPlaces): Promise<Check[]> {
  const ours = config ? Object.values(config.rack.ports).flatMap(({ usb }) => usb) : [];
  const checks = await Promise.all([
    hostChecks(host, ours),
    config ? serviceChecks(config) : [],
    config ? rackChecks(config, host.sysfs, Date.now) : [],
  ]);
  return checks.flat();
}

function asJson(checks: readonly Check[]): string {
  const ok = checks.every(({ level }) => level !== 'fail');
  return `${JSON.stringify({ version: VERSION, ok, checks }, null, 2)}\n`;
}

function asLines(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map(({ level, name, said, next }) => {
    const line = `${WORDS[level]}  ${name.padEnd(width)}  ${said}\n`;
    return next === null ? line : `${line}${' '.repeat(width + 8)}do: ${next}\n`;
  });
  const count = (level: Level) => checks.filter((check) => check.level === level).length;
  return `${lines.join('')}\n${count('fail')} failed, ${count('warn')} warnings, ${count('ok')} well\n`;
}
