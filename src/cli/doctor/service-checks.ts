import { connect } from 'node:net';
import { Redis } from 'ioredis';
import type { Config } from '../../config.js';
import { parseMuxEndpoint } from '../../devices/apple/usbmux/endpoint.js';
import { openPower } from '../../devices/hub/open-hub.js';
import { SarachiError } from '../../errors.js';
import { cleanField } from '../../text.js';
import { type Check, failed, good, look, skipped, warned } from './check.js';
import { runProgram } from './run-program.js';

/** The first adb that pushes every change of state. */
const PUSHES_FROM = 31;
const ADB_PORT = 5037;
const LOOK_MS = 5_000;

/** What is wrong with the programs and services that the daemon needs. */
export async function serviceChecks(config: Config): Promise<Check[]> {
  const checks = await Promise.all([
    look('adb', 'apt-get install adb, or name another one in adb.binary', (signal) =>
      adb(config, signal),
    ),
    look('redis', redisAdvice(config), (signal) => redis(config, signal)),
    look('usbmuxd', 'see docs/operations.md, iPhones', (signal) => usbmuxd(config, signal)),
    look('hub', 'see docs/errors.md, hub-gone', (signal) => hub(config, signal)),
  ]);
  return checks.flat();
}

async function adb({ adb: { binary } }: Config, signal: AbortSignal): Promise<Check[]> {
  const said = await runProgram(binary, ['version'], signal);
  const version = /^Version (\d+)\.\S+/m.exec(said);
  const checks: Check[] = [];
  if (!version)
    checks.push(failed('adb', `${binary} is no adb`, 'name the adb program in adb.binary'));
  else if (Number(version[1]) < PUSHES_FROM)
    checks.push(
      warned(
        'adb',
        `${cleanField(version[0], 60)} does not push every change of state; it is asked every two seconds as well`,
        'install platform-tools 31 or newer and name it in adb.binary',
      ),
    );
  else checks.push(good('adb', cleanField(version[0], 60) ?? ''));
  if (await answers({ host: '127.0.0.1', port: ADB_PORT }, signal))
    checks.push(
      warned(
        'adb',
        'another adb server runs on port 5037 and fights over the same handsets',
        'adb kill-server, and find out who starts it',
      ),
    );
  return checks;
}

function redisAdvice({ redis: { url } }: Config): string {
  return url
    ? 'start that Redis, or look at SARACHI_REDIS_URL and redis.url'
    : 'apt-get install redis-server util-linux; then systemctl disable --now redis-server';
}

async function redis({ redis: { url } }: Config, signal: AbortSignal): Promise<Check> {
  if (!url) {
    const said = await runProgram('redis-server', ['--version'], signal);
    for (const program of ['setpriv', 'flock']) await runProgram(program, ['--version'], signal);
    return good('redis', `redis-server ${/v=(\d[\d.]*)/.exec(said)?.[1] ?? 'of unknown version'}`);
  }
  const options = { lazyConnect: true, retryStrategy: () => null, connectTimeout: LOOK_MS };
  const connection = new Redis(url, options);
  connection.on('error', () => undefined);
  try {
    await connection.connect();
    await connection.ping();
    return good('redis', 'answers');
  } catch (error) {
    throw gone(error);
  } finally {
    connection.disconnect();
  }
}

function gone(cause: unknown): SarachiError {
  return new SarachiError('redis-gone', {}, { cause });
}

async function usbmuxd({ usbmuxd: { address } }: Config, signal: AbortSignal): Promise<Check> {
  if (address === 'off') return skipped('usbmuxd', 'off: this rack has no iPhones');
  if (await answers(parseMuxEndpoint(address), signal)) return good('usbmuxd', 'answers');
  return warned(
    'usbmuxd',
    `nothing answers at ${address}: iPhones are not seen`,
    'run usbmuxd in a unit that stays (docs/operations.md, iPhones), or set usbmuxd.address: off',
  );
}

async function hub(config: Config, signal: AbortSignal): Promise<Check> {
  if (config.hub.driver === 'none') return skipped('hub', 'no driver: no lights, no port power');
  const power = openPower(config);
  try {
    const said = await power.look({ signal, timeoutMs: LOOK_MS });
    return good('hub', said);
  } finally {
    await power.close();
  }
}

/** Whether somebody takes a connection there. */
function answers(
  where: { host: string; port: number } | { path: string },
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...where, signal });
    socket.setTimeout(LOOK_MS, () => socket.destroy());
    socket.once('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
