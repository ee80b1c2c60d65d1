import type { SarachiError } from '../errors.js';
import { sleep } from '../wait.js';
import { backOffMs } from './back-off.js';

/** A refused connection to a local server costs nothing, and handsets wait for the next one. */
const LONGEST_RETRY_MS = 1_000;

/** A server of this host whose list is followed. */
export interface Followed {
  /** One connection, until it breaks; resolves with what broke it. */
  session(signal: AbortSignal): Promise<SarachiError>;
  /** Whether the last connection got as far as an answer. */
  connected(): boolean;
  /** It is gone: `news` where it was there before. */
  lost(error: SarachiError, news: boolean): void;
}

/** Connects again and again until the signal, with pauses that grow while nobody answers. */
export async function followServer(server: Followed, signal: AbortSignal): Promise<void> {
  for (let failures = 1; !signal.aborted; failures += 1) {
    const error = await server.session(signal);
    if (signal.aborted) return;
    if (server.connected()) failures = 1;
    server.lost(error, failures === 1);
    await sleep(Math.min(backOffMs(failures), LONGEST_RETRY_MS), signal).catch(() => undefined);
  }
}
