import { type ErrorCode, SarachiError } from '../../errors.js';
import { abortError, type WaitOptions } from '../../wait.js';

/**
 * Runs `work` with a signal that fires on the caller's abort or after `timeoutMs`, and waits until it has ended: unlike
 * with `withDeadline` no transfer is under way any more when this settles.
 */
export async function untilEnded<T>(
  { signal, timeoutMs }: WaitOptions,
  code: ErrorCode,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw abortError(signal);
  const own = new AbortController();
  const onAbort = () => own.abort(abortError(signal));
  const onTimeout = () => own.abort(new SarachiError(code, { timeoutMs }));
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(onTimeout, timeoutMs);
  try {
    return await work(own.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
