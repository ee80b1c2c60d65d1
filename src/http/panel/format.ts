import type { Language } from './words/words.js';

/** Time of day with seconds, of the place where the panel stands. */
export function clockTime(iso: string, language: Language): string {
  return new Date(iso).toLocaleTimeString(language === 'ja' ? 'ja-JP' : 'en-GB', { hour12: false });
}

/** Date and time, of the place where the panel stands. */
export function dateTime(iso: string, language: Language): string {
  return new Date(iso).toLocaleString(language === 'ja' ? 'ja-JP' : 'en-GB', {
    ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false },
  });
}

/** `128 GB`, decimal as on the box of a handset. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3), units.length - 1);
  const value = count / 1000 ** step;
  return `${value >= 100 || step === 0 ? Math.round(value) : value.toFixed(1)} ${units[step]}`;
}

/** Whole percent, never 100 before it is done. */
export function percent(done: number): number {
  return done >= 1 ? 100 : Math.max(0, Math.min(99, Math.floor(done * 100)));
}

/** An object of a record in one line, as data: nothing of it is ever markup. */
export function oneLine(value: unknown, limit = 300): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}
