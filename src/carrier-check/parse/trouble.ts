import { noMark, type PageReading, type TroubleSigns } from './page.js';

/** `captcha` where the HTML holds a sign of a challenge, whatever the status: a person has to go there. */
export function captchaReading(
  html: string,
  excerpt: string,
  signs: TroubleSigns,
): PageReading | null {
  const sign = firstSign(html, signs.captcha);
  return sign ? noMark('captcha', `the page holds "${sign}"`, { excerpt }) : null;
}

/** What a status other than 2xx means; null for 2xx. A 5xx is never an answer. */
export function statusReading(
  status: number,
  text: string,
  signs: TroubleSigns,
): PageReading | null {
  if (status >= 200 && status < 300) return null;
  const seen = { excerpt: text };
  if (status === 403 || status === 429) return noMark('rate-limited', `HTTP ${status}`, seen);
  if (status >= 500 && firstSign(text, signs.maintenance)) {
    return noMark('maintenance', `HTTP ${status}`, seen);
  }
  return noMark('http-error', `HTTP ${status}`, seen);
}

/** Maintenance and rate limits that come with status 200. */
export function wordsReading(
  text: string,
  excerpt: string,
  signs: TroubleSigns,
): PageReading | null {
  const maintenance = firstSign(text, signs.maintenance);
  if (maintenance) return noMark('maintenance', `the page says "${maintenance}"`, { excerpt });
  const limited = firstSign(text, signs.rateLimited);
  return limited ? noMark('rate-limited', `the page says "${limited}"`, { excerpt }) : null;
}

function firstSign(text: string, signs: readonly string[]): string | undefined {
  const lower = text.toLowerCase();
  return signs.find((sign) => lower.includes(sign.toLowerCase()));
}
