import { randomBytes } from 'node:crypto';
import { hasCode, SarachiError } from '../../errors.js';
import { sleep, withDeadline } from '../../wait.js';
import { buildReport } from './build-report.js';
import { foyerReport } from './foyer-report.js';
import { splitSections } from './parsers/sections.js';
import { parseTradeInStatus, type TradeInStatus } from './parsers/trade-in-status.js';
import { probeScript } from './probe-script.js';
import type { HandsetReport } from './report.js';
import { commandWait, type Visit } from './visit.js';

/** Some dozens of services are asked in one go; each may take its time on an old handset. */
const PROBE_FACTOR = 3;

/**
 * Everything the handset tells, in one round trip; where only trade-in mode is accepted, what that tells. Errors:
 * those of the link; handset-garbage when neither form can be read.
 */
export async function probe(visit: Visit): Promise<HandsetReport> {
  const marker = randomBytes(12).toString('hex');
  const wait = commandWait(visit);
  let answer: string;
  try {
    const result = await visit.link.shell(probeScript(marker, visit.places.work), {
      ...wait,
      timeoutMs: wait.timeoutMs * PROBE_FACTOR,
    });
    answer = result.stdout;
  } catch (error) {
    if (!hasCode(error, 'adb-closed')) throw error;
    return foyerReport(await tradeInStatus(visit, error));
  }
  const report = buildReport(splitSections(answer, marker));
  if (report.capabilities.sdk === null && report.serials.length === 0) {
    throw new SarachiError('handset-garbage', { command: 'probe', length: answer.length });
  }
  return report;
}

async function tradeInStatus(visit: Visit, closed: SarachiError): Promise<TradeInStatus> {
  const { stdout, stderr, exitCode } = await visit.link.shell(
    'tradeinmode getstatus',
    commandWait(visit),
  );
  const status = parseTradeInStatus(stdout);
  if (status) return status;
  // Right after boot the service is not there yet; anything else is an answer that cannot be used.
  const early =
    exitCode !== 0 || /can't find service|is the system running/i.test(`${stdout}${stderr}`);
  throw early
    ? new SarachiError('adb-closed', { command: 'tradeinmode', exitCode }, { cause: closed })
    : new SarachiError('handset-garbage', { command: 'tradeinmode' }, { cause: closed });
}

/** Errors that a handset gives while it is still booting. */
const NOT_YET = [
  'adb-closed',
  'adb-refused',
  'adb-protocol',
  'handset-gone',
  'handset-timeout',
  'command-failed',
] as const;

/**
 * Waits until the system behind adb has booted, or trade-in mode answers. Rejects with `adb-closed` where the handset
 * refused the shell to the end, `handset-timeout` otherwise.
 */
export async function untilAnswering(visit: Visit, timeoutMs: number): Promise<void> {
  let last = 'not-yet' as Answer;
  try {
    await withDeadline(
      { signal: visit.context.signal, timeoutMs },
      'handset-timeout',
      async (signal) => {
        const inner: Visit = { ...visit, context: { ...visit.context, signal } };
        for (let pause = 100; ; pause = Math.min(pause * 2, 3000)) {
          last = await answersNow(inner);
          if (last === 'yes') return;
          await sleep(pause, signal);
        }
      },
    );
  } catch (cause) {
    if (last !== 'refused' || !hasCode(cause, 'handset-timeout')) throw cause;
    throw refusedToTheEnd(cause);
  }
}

type Answer = 'yes' | 'not-yet' | 'refused';

function refusedToTheEnd(cause: SarachiError): SarachiError {
  return new SarachiError('adb-closed', { service: 'shell,v2' }, { cause });
}

async function answersNow(visit: Visit): Promise<Answer> {
  if (visit.link.sighting()?.condition !== 'adb:device') return 'not-yet';
  try {
    const { stdout } = await visit.link.shell(
      'getprop sys.boot_completed; pm list packages com.android.shell',
      commandWait(visit),
    );
    return /^1\s*$/m.test(stdout) && stdout.includes('package:') ? 'yes' : 'not-yet';
  } catch (error) {
    if (!hasCode(error, ...NOT_YET)) throw error;
    if (error.code !== 'adb-closed') return 'not-yet';
    return (await foyerAnswers(visit)) ? 'yes' : 'refused';
  }
}

async function foyerAnswers(visit: Visit): Promise<boolean> {
  try {
    await tradeInStatus(visit, new SarachiError('adb-closed'));
    return true;
  } catch (error) {
    if (!hasCode(error, ...NOT_YET, 'handset-garbage')) throw error;
    return false;
  }
}
