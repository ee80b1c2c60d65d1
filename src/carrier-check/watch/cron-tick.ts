import { type Logger, schedule } from 'node-cron';
import { asSarachiError } from '../../errors.js';
import type { Log } from '../../log.js';

/** Runs `work` at the times of a cron pattern (time of Japan), never twice at once; returns how to end that. */
export function cronTick(
  pattern: string,
  log: Log,
  work: () => Promise<void>,
): () => Promise<void> {
  const task = schedule(pattern, work, {
    ...{ timezone: 'Asia/Tokyo', name: 'restriction-watch', noOverlap: true },
    // A late tick is none to warn about: what is due does not depend on it.
    suppressMissedWarning: true,
    logger: pinoLogger(log),
  });
  return async () => {
    await task.destroy();
  };
}

function pinoLogger(log: Log): Logger {
  const said = (text: string | Error, error?: Error) => {
    const err = error ?? (text instanceof Error ? text : null);
    return { from: 'node-cron', text: String(text), ...(err ? { err: asSarachiError(err) } : {}) };
  };
  return {
    info: (text) => log.debug(said(text), 'cron'),
    warn: (text) => log.warn(said(text), 'cron'),
    error: (text, error) => log.error(said(text, error), 'cron'),
    debug: (text, error) => log.debug(said(text, error), 'cron'),
  };
}
