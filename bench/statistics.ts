import { SarachiError } from '../src/errors.js';

/** Middle value; the mean of the two middle ones for an even count. Error: internal, for no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const high = sorted[half];
  const low = sorted.length % 2 === 0 ? sorted[half - 1] : high;
  if (high === undefined || low === undefined)
    throw new SarachiError('internal', { tag: 'median-of-nothing' });
  return (low + high) / 2;
}

/** Nearest-rank percentile, `part` from 0 to 1: the smallest value that so large a part of all does not exceed. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
  if (value === undefined) throw new SarachiError('internal', { tag: 'percentile-of-nothing' });
  return value;
}

/** `lowest to highest`, written by `show`. */
export function spread(values: readonly number[], show: (value: number) => string): string {
  return `${show(Math.min(...values))} to ${show(Math.max(...values))}`;
}
