/**
 * Requests of about a mebibyte that are asked for before the first is answered. AFC's own window bounds what is on the
 * cable; this bounds what is made for it, so that memory stays the same however much is moved.
 */
export const AHEAD = 4;

interface Asked<T> {
  readonly at: number;
  readonly length: number;
  readonly answer: Promise<T>;
}

export interface Span {
  readonly from: number;
  readonly to: number;
  /** Bytes of one request. */
  readonly unit: number;
}

/** What became of a piece: `false` ends the asking, and what was asked for after it is waited for and dropped. */
export type Settle<T> = (answer: T, at: number, length: number) => boolean;

/**
 * Asks for the pieces of a span in their order, several under way, and settles their answers in the same order. Rejects
 * with the first failure. The answers to all that was asked for have come when it ends well. `slot`, below AHEAD, is
 * that of no other piece whose answer is not settled yet.
 */
export async function askAhead<T>(
  { from, to, unit }: Span,
  ask: (piece: {
    readonly at: number;
    readonly length: number;
    readonly slot: number;
  }) => Promise<T>,
  settle: Settle<T>,
): Promise<void> {
  const asked: Asked<T>[] = [];
  let at = from;
  let count = 0;
  for (;;) {
    for (; asked.length < AHEAD && at < to; at += unit) {
      const length = Math.min(unit, to - at);
      const answer = ask({ at, length, slot: count % AHEAD });
      count += 1;
      // Those behind a failure are nobody's any more.
      answer.catch(() => undefined);
      asked.push({ at, length, answer });
    }
    const first = asked.shift();
    if (!first) return;
    if (settle(await first.answer, first.at, first.length)) continue;
    for (const { answer } of asked) await answer;
    return;
  }
}
