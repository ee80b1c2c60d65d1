import process from 'node:process';
import { parseArgs } from 'node:util';
import { type Config, ConfigError, loadConfig } from '../config.js';
import { startDaemon } from '../daemon/start-daemon.js';
import { LibusbBus } from '../devices/usb/libusb-bus.js';
import { loadLibusb } from '../devices/usb/load-libusb.js';
import { asSarachiError, type ErrorCode } from '../errors.js';
import { createLog, type Log } from '../log.js';
import { type CommandIo, EXIT } from './command.js';
import { onLevelSignal } from './level-signal.js';
import { ServiceNotify } from './service-notify.js';
import { untilSignal } from './until-signal.js';

const USAGE = `Usage: sarachi start --config FILE [--state DIR]

Runs the daemon on this machine's USB bus until SIGINT or SIGTERM. Work under way is stopped cleanly
and goes on after the next start. Logs are JSON lines on stdout.

SIGUSR2 switches the log to debug and back.

  --config FILE   the configuration (config/sarachi.example.yaml explains every key)
  --state DIR     use this state folder instead of the configured one
`;

const LINGER_MS = 2_000;

const EXIT_OF: Partial<Record<ErrorCode, number>> = {
  'config-invalid': EXIT.config,
  'state-in-use': EXIT.locked,
  'usb-unavailable': EXIT.unavailable,
  'adb-binary-missing': EXIT.unavailable,
  'redis-binary-missing': EXIT.unavailable,
  'redis-gone': EXIT.unavailable,
  'adb-server-gone': EXIT.unavailable,
};

/** `sarachi start`: exit 0 after a signal, 64 usage, 69 something is missing on this host, 75 state in use, 78 bad configuration. */
export async function startCommand(args: string[], io: CommandIo): Promise<number> {
  const options = readOptions(args, io);
  if (typeof options === 'number') return options;
  let config: Config;
  try {
    config = loadConfig(options.config);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const { path, message } of error.faults)
      io.stderr.write(`${options.config}: ${path}: ${message}\n`);
    return EXIT.config;
  }
  if (options.state) config = { ...config, state: options.state };
  const log = createLog(config.log.level);
  return runDaemon(config, log, io);
}

async function runDaemon(config: Config, log: Log, io: CommandIo): Promise<number> {
  const { redis, ...shown } = config;
  log.info(
    { config: { ...shown, redis: { url: redis.url ? '(set)' : undefined } } },
    'configuration',
  );
  try {
    const usbBus = new LibusbBus({ log: log.child({ part: 'usb' }), load: loadLibusb });
    const daemon = await startDaemon(config, { usbBus }, log);
    const manager = new ServiceNotify({ env: process.env, pid: process.pid, log });
    await manager.ready(`listening on ${daemon.url}`, () => void daemon.service.view());
    const unfollow = onLevelSignal(config.log.level, daemon.service, log);
    const signal = await untilSignal();
    unfollow();
    log.info({ signal }, 'stopping');
    await manager.stopping();
    await daemon.stop();
    // Whatever a part that did not stop left open must not keep the process.
    setTimeout(() => process.exit(EXIT.ok), LINGER_MS).unref();
    return EXIT.ok;
  } catch (thrown) {
    const error = asSarachiError(thrown);
    log.fatal({ code: error.code, class: error.blame, err: error }, 'sarachi cannot start');
    for (const { path, message } of thrown instanceof ConfigError ? thrown.faults : [])
      io.stderr.write(`${path}: ${message}\n`);
    io.stderr.write(`sarachi: ${error.code}: ${error.message}. See docs/errors.md#${error.code}\n`);
    return EXIT_OF[error.code] ?? EXIT.software;
  }
}

function readOptions(
  args: string[],
  io: CommandIo,
): { config: string; state: string | undefined } | number {
  try {
    const { values } = parseArgs({
      args,
      options: {
        config: { type: 'string' },
        state: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      io.stdout.write(USAGE);
      return EXIT.ok;
    }
    if (values.config) return { config: values.config, state: values.state };
    io.stderr.write(`sarachi start: --config is missing\n\n${USAGE}`);
  } catch (error) {
    io.stderr.write(
      `sarachi start: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`,
    );
  }
  return EXIT.usage;
}
