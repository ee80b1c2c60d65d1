const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `128 MiB`: at most one digit behind the point, rounded down, so that nothing looks like more than it is. */
export function shortBytes(bytes: number): string {
  const step = stepOf(bytes);
  if (step === 0) return `${bytes.toLocaleString('en-US')} B`;
  const whole = Math.floor((bytes / 1024 ** step) * 10) / 10;
  return `${whole.toFixed(1).replace(/\.0$/, '')} ${UNITS[step]}`;
}

/** `128 MiB (134,217,728 B)`. */
export function byteCount(bytes: number): string {
  const exact = `${bytes.toLocaleString('en-US')} B`;
  return stepOf(bytes) === 0 ? exact : `${shortBytes(bytes)} (${exact})`;
}

function stepOf(bytes: number): number {
  return Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), UNITS.length - 1);
}
