import { hasCode } from '../../errors.js';
import { normaliseImei } from '../../imei.js';
import type { Log } from '../../log.js';
import { abortError, type Clock, type WaitOptions, withDeadline } from '../../wait.js';
import type { CarrierAnswer } from '../answer.js';
import { type CarrierPage, noMark, type PageReading } from '../parse/page.js';
import { type AnswerAbout, buildAnswer, noPage } from './build-answer.js';

/** What a source needs of the daemon. */
export interface SourceDeps {
  readonly clock: Clock;
  readonly log: Log;
}

/** A reading and the page it came from. */
export interface Settled {
  readonly reading: PageReading;
  readonly page: CarrierPage | null;
}

/** Asks one question to its end. Every trouble is an answer, also a late one; only the caller's own abort rejects. */
export async function settle(
  about: Omit<AnswerAbout, 'at'>,
  options: WaitOptions,
  deps: SourceDeps,
  ask: (signal: AbortSignal) => Promise<Settled>,
): Promise<CarrierAnswer> {
  const { carrier, imei } = about;
  const { reading, page } = notAsked(imei) ?? (await inTime(options, ask));
  const { outcome, why } = reading;
  if (outcome !== 'ok') deps.log.warn({ carrier, imei, outcome, why }, 'carrier look-up');
  return buildAnswer({ ...about, at: deps.clock() }, reading, page);
}

async function inTime(
  options: WaitOptions,
  ask: (signal: AbortSignal) => Promise<Settled>,
): Promise<Settled> {
  try {
    return await withDeadline(options, 'deadline-passed', ask);
  } catch (error) {
    if (options.signal.aborted) throw abortError(options.signal);
    if (!hasCode(error, 'deadline-passed')) throw error;
    return { reading: noPage(`no answer within ${options.timeoutMs} ms`), page: null };
  }
}

/** Numbers that no carrier is bothered with. */
function notAsked(imei: string): Settled | null {
  const read = normaliseImei(imei, 'typed');
  if (read.kind === 'imei' && read.imei === imei) return null;
  const seen = { excerpt: '' };
  if (read.kind === 'meid') {
    return { reading: noMark('not-applicable', 'a MEID, not an IMEI', seen), page: null };
  }
  const why = read.kind === 'refused' ? read.why : 'not written as 15 digits';
  return { reading: noMark('skipped', `not asked: ${why}`, seen), page: null };
}
