import { SarachiError } from '../../src/errors.js';
import type { BareAnswer } from './bare-server-process.js';

/** One answer as it came. */
export interface Answered {
  readonly status: number;
  /** The lines of the head below the status line. */
  readonly head: string;
  readonly body: string;
}

/** What Node's HTTP server adds by itself to each answer. */
const ADDED = new Set(['date', 'connection', 'keep-alive', 'content-length']);

/** What a bare server must be told to answer the same. */
export function answerLike({ status, head, body }: Answered): BareAnswer {
  const headers = linesOf(head).filter(([name]) => !ADDED.has(name));
  return { status, headers: Object.fromEntries(headers), body };
}

/** One header of an answer; empty where it is not there. */
export function headerOf({ head }: Answered, name: string): string {
  return linesOf(head).find(([found]) => found === name)?.[1] ?? '';
}

/** Errors: internal, where two answers differ in anything but the date and the order of the headers. */
export function checkSame(ours: Answered, peer: Answered): void {
  const heads = [ours, peer].map(({ head }) =>
    linesOf(head)
      .filter(([name]) => name !== 'date')
      .map((line) => line.join(': '))
      .sort(),
  );
  const same = JSON.stringify(heads[0]) === JSON.stringify(heads[1]);
  if (!same || ours.status !== peer.status || ours.body !== peer.body)
    throw new SarachiError('internal', { tag: 'bench-bytes-differ', heads: JSON.stringify(heads) });
}

function linesOf(head: string): readonly (readonly [name: string, value: string])[] {
  return head.split('\r\n').map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
}
