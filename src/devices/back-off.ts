const FIRST_MS = 250;
const LONGEST_MS = 15_000;

/** How long to wait before the n-th try after a failure, n from 1, in milliseconds: doubling up to 15 seconds. */
export function backOffMs(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
}
