import { createAndroidEngine } from '../../src/erasure-engines/android/android-engine.js';
import { FILL_SCRIPT } from '../../src/erasure-engines/android/overwrite/fill-script.js';
import { SarachiError } from '../../src/errors.js';
import type { Evidence } from '../../src/evidence.js';
import { memoryContext } from './memory-context.js';
import type { Standing } from './one-handset.js';

/** One overwrite by the engine, from its first look at the handset to the trim. */
export interface EngineOverwrite {
  readonly seconds: number;
  /** Bytes that were written, read back and matched. */
  readonly bytes: number;
  readonly files: number;
  /** Seconds of each part: look, fill, readBack, remove. */
  readonly parts: Readonly<Record<'look' | 'fill' | 'readBack' | 'remove', number>>;
  /** Bytes over the cable: all, and those of one look at the filler and of the read-back of one file. */
  readonly wire: { readonly all: number; readonly look: number; readonly file: number };
  readonly looks: number;
  /** The same as the link itself counts it: payload only. */
  readonly linkBytes: number;
}

interface Mark {
  readonly at: number;
  readonly wire: number;
}

/** Rejects with `overwrite-incomplete` where the stage does not end with everything read back and matched. */
export async function overwriteByEngine(
  { link, wireBytes }: Standing,
  signal: AbortSignal,
): Promise<EngineOverwrite> {
  const facts = new Map<string, Mark & { readonly fact: Evidence }>();
  const looks: Mark[] = [];
  const now = (): Mark => ({ at: performance.now(), wire: wireBytes() });
  const context = memoryContext('overwrite-erase', signal, {
    onRecord: (fact) => facts.set(fact.kind, { ...now(), fact }),
    onProgress: ({ step }) => {
      if (step.startsWith('fill')) looks.push(now());
    },
  });
  const linkBefore = link.bytesMoved();
  const began = now();
  const outcome = await createAndroidEngine({ link }).overwriteErase(context);
  const ended = now();
  if (outcome.kind !== 'done')
    throw new SarachiError('overwrite-incomplete', { outcome: outcome.kind, code: outcome.code });
  const mark = (kind: string) => {
    const found = facts.get(kind);
    if (!found) throw new SarachiError('internal', { tag: 'bench-fact', kind });
    return found;
  };
  const planned = mark('overwrite-planned');
  const written = mark('overwrite-written');
  const read = mark('overwrite-read-back');
  const { value } = read.fact;
  if (!read.fact.holds) throw new SarachiError('overwrite-mismatch');
  const files = Number(value['files']);
  const seconds = (from: Mark, to: Mark) => (to.at - from.at) / 1000;
  const steps = looks.slice(1).map(({ wire }, index) => wire - (looks[index]?.wire ?? 0));
  return {
    seconds: seconds(began, ended),
    bytes: Number(value['bytes']),
    files,
    parts: {
      look: seconds(began, planned),
      fill: seconds(planned, written),
      readBack: seconds(written, read),
      remove: seconds(read, ended),
    },
    wire: {
      all: ended.wire - began.wire,
      look: lookBytes(steps),
      file: (read.wire - written.wire) / files,
    },
    looks: looks.length + 1,
    linkBytes: link.bytesMoved() - linkBefore,
  };
}

/** One look alone. The first step also carries the text that starts the filler; a quick fill has no other step. */
function lookBytes([first = 0, ...others]: readonly number[]): number {
  return others.length > 0 ? Math.min(...others) : Math.max(0, first - FILL_SCRIPT.length);
}
