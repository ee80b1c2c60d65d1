import { SarachiError } from '../../../errors.js';

/** Statuses of AFC by number. Source: libimobiledevice include/libimobiledevice/afc.h. */
const STATUSES = {
  1: 'unknown-error',
  2: 'header-invalid',
  3: 'no-resources',
  4: 'read-error',
  5: 'write-error',
  6: 'unknown-packet-type',
  7: 'invalid-argument',
  8: 'not-found',
  9: 'is-directory',
  10: 'permission-denied',
  11: 'not-connected',
  12: 'timeout',
  13: 'too-much-data',
  14: 'end-of-data',
  15: 'not-supported',
  16: 'exists',
  17: 'busy',
  18: 'no-space',
  19: 'would-block',
  20: 'io-error',
  21: 'interrupted',
  22: 'in-progress',
  23: 'internal-error',
  30: 'mux-error',
  31: 'no-memory',
  32: 'not-enough-data',
  33: 'directory-not-empty',
} as const;

export type AfcStatus = (typeof STATUSES)[keyof typeof STATUSES];

const NAMES = new Map<number, string>(
  Object.entries(STATUSES).map(([number, name]) => [Number(number), name]),
);

/** What a status says; null for success. */
export function statusError(status: bigint, operation: number): SarachiError | null {
  if (status === 0n) return null;
  const number = Number(BigInt.asUintN(32, status));
  const name = NAMES.get(number) ?? 'unlisted';
  return new SarachiError('afc-refused', { status: name, number, operation });
}

/** Whether the phone refused with one of these statuses, as `no-space` at the end of a fill. */
export function refusedWith(error: unknown, ...statuses: AfcStatus[]): error is SarachiError {
  return (
    error instanceof SarachiError &&
    error.code === 'afc-refused' &&
    statuses.some((status) => status === error.detail['status'])
  );
}
