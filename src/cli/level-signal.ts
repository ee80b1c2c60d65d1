import process from 'node:process';
import type { RackApi } from '../http/rack-api.js';
import type { Log, LogLevel } from '../log.js';

/**
 * SIGUSR2 switches the log between debug and the configured level, for whoever has a shell and no HTTP; returns the
 * function that ends that.
 */
export function onLevelSignal(
  configured: LogLevel,
  service: Pick<RackApi, 'logLevel' | 'setLogLevel'>,
  log: Log,
): () => void {
  const onSignal = () => {
    const wanted = service.logLevel() === 'debug' ? configured : 'debug';
    service
      .setLogLevel(wanted, 'SIGUSR2')
      .catch((error: unknown) => log.error({ err: error }, 'the log level stays'));
  };
  process.on('SIGUSR2', onSignal);
  return () => void process.off('SIGUSR2', onSignal);
}
