import process from 'node:process';
import { EXIT } from './command.js';

/**
 * Resolves with the first SIGINT or SIGTERM. A second one ends the process at once, for whoever cannot wait: what
 * was under way is found in the ledger at the next start.
 */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const onSignal = (signal: NodeJS.Signals) => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) {
        process.off(name, onSignal);
        process.once(name, () => process.exit(EXIT.interrupted));
      }
      resolve(signal);
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}
