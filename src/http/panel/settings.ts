import { useState } from 'preact/hooks';
import type { Language } from './words/words.js';

export type Theme = 'auto' | 'light' | 'dark';
export const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

/** A choice of this browser, kept where that is possible. */
export function useSetting<T extends string>(
  name: string,
  fallback: T,
  isOne: (text: string) => text is T,
): readonly [T, (value: T) => void] {
  const key = `sarachi.${name}`;
  const [value, setValue] = useState<T | null>(() => {
    const kept = keptAt(key);
    return kept !== null && isOne(kept) ? kept : null;
  });
  const choose = (chosen: T) => {
    setValue(chosen);
    try {
      localStorage.setItem(key, chosen);
    } catch {
      // A browser that keeps nothing asks again next time.
    }
  };
  return [value ?? fallback, choose];
}

function keptAt(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function isLanguage(text: string): text is Language {
  return text === 'ja' || text === 'en';
}

export function isTheme(text: string): text is Theme {
  return THEMES.some((theme) => theme === text);
}

export function isName(text: string): text is string {
  return text.length <= 64;
}
