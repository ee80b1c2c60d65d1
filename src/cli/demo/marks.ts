import { z } from 'zod';
import { CARRIERS, type Carrier } from '../../carrier-check/marks.js';

/** What one carrier said, as it is shown in one line. */
export interface ShownMark {
  readonly carrier: string;
  /** One character as printed; `?` where nothing was said. */
  readonly glyph: string;
  /** Why nothing was said; null where something was. */
  readonly why: string | null;
}
export type Marks = readonly ShownMark[];

const ASK_TIMEOUT_MS = 5_000;

const evidence = z.object({
  evidence: z.array(z.object({ kind: z.string(), value: z.record(z.string(), z.unknown()) })),
});
const markValue = z.object({
  carrier: z.string(),
  glyph: z.string(),
  outcome: z.string(),
  slot: z.number(),
});

/** The marks of a run as the daemon's API has them on record; null where it does not answer. */
export async function askMarks(
  url: string | null,
  run: string,
  signal: AbortSignal,
): Promise<Marks | null> {
  if (url === null) return null;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ASK_TIMEOUT_MS)]);
  try {
    const answer = await fetch(`${url}/api/v1/runs/${run}/evidence`, { signal: limit });
    return answer.ok ? marksIn(evidence.parse(await answer.json())) : null;
  } catch {
    // The daemon may just be coming back; whoever looks asks again.
    return null;
  }
}

function marksIn(answer: z.infer<typeof evidence>): Marks {
  const newest = new Map<string, ShownMark>();
  for (const { kind, value } of answer.evidence) {
    const mark = kind === 'carrier-mark' ? markValue.safeParse(value).data : undefined;
    if (mark?.slot !== 1) continue;
    const { carrier, glyph, outcome } = mark;
    const said = outcome === 'ok';
    newest.set(carrier, { carrier, glyph: said ? glyph : '?', why: said ? null : outcome });
  }
  return [...newest.values()].sort((a, b) => orderOf(a.carrier) - orderOf(b.carrier));
}

function orderOf(carrier: string): number {
  return CARRIERS.indexOf(carrier as Carrier);
}

/** `docomo ○ kddi － softbank ▲ rakuten － mineo ? (http-error)` */
export function marksLine(marks: Marks): string {
  return marks
    .map(({ carrier, glyph, why }) => `${carrier} ${glyph}${why === null ? '' : ` (${why})`}`)
    .join(' ');
}
