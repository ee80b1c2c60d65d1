import { z } from 'zod';
import { CLEAR_OUTCOMES } from '../../../config-felica.js';
import { cleanField } from '../../../text.js';
import type { ClearAnswer } from './clearing-method.js';

/** The most that is read of what a tool writes. */
export const MOST_BYTES = 64 * 1024;
const LINE = 200;

/** What a tool answers in JSON; members of its own are let be. */
export const saidSchema = z.object({
  job: z.string().max(200).optional(),
  outcome: z.enum(CLEAR_OUTCOMES),
  code: z.union([z.string().max(100), z.int()]).nullish(),
  message: z.string().max(10_000).nullish(),
});
export type Said = z.infer<typeof saidSchema>;

/** The answer in one JSON text; null where it is none. */
export function parseSaid(text: string): Said | null {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return null;
  }
  return saidSchema.safeParse(document).data ?? null;
}

export function answerOf({ outcome, code, message }: Said): ClearAnswer {
  const nativeCode = code === null || code === undefined ? null : cleanField(String(code));
  return { outcome, nativeCode, said: cleanField(message ?? '', LINE) };
}

/** One short line of what a tool wrote. */
export function lineOf(text: string): string | null {
  return cleanField(text, LINE);
}
