import { hasCode, SarachiError } from '../../../errors.js';
import { shellQuote } from '../../../text.js';
import { commandWait, type Visit } from '../visit.js';
import { comeBack, isDrop } from './come-back.js';
import { createExpectation, type Expectation } from './expectation.js';
import {
  bodyBytes,
  type FillPlan,
  FOOTER_BYTES,
  LONG_FILE_BYTES,
  patternFileBytes,
} from './plan.js';

/** One file of the fill as the handset lists it. */
export interface FillFile {
  readonly name: string;
  readonly size: number;
}

const MAX_FILES = 200_000;

/** The files in the order in which they were written, with their sizes. */
export async function listFill(visit: Visit, plan: FillPlan): Promise<readonly FillFile[]> {
  const loop = (series: string) =>
    `i=0; while [ -e ${series}.$i ]; do stat -c '%n %s' ${series}.$i; i=$((i+1)); done`;
  const { stdout } = await visit.link.shell(
    `cd ${shellQuote(plan.directory)} && stat -c '%n %s' pp; ${loop('f')}; ${loop('g')}`,
    { ...commandWait(visit), maxBytes: 16 * 1024 * 1024 },
  );
  return parseFillFiles(stdout, plan);
}

/** Pure. A name or size that the plan does not allow is left out, so that it counts neither as written nor as read. */
export function parseFillFiles(text: string, plan: FillPlan): readonly FillFile[] {
  const limits: Readonly<Record<string, number>> = {
    p: patternFileBytes(plan),
    f: bodyBytes(plan) + FOOTER_BYTES,
    g: LONG_FILE_BYTES,
  };
  const files = new Map<string, FillFile>();
  for (const [, name, size] of text.matchAll(/^(pp|[fg]\.\d{1,7}) (\d{1,12})\r?$/gm)) {
    if (name === undefined || files.size >= MAX_FILES) continue;
    const bytes = Number(size);
    const limit = limits[name.charAt(0)] ?? 0;
    if (bytes > 0 && bytes <= limit && !files.has(name)) files.set(name, { name, size: bytes });
  }
  return [...files.values()];
}

export interface Mismatch {
  readonly file: string;
  readonly expected: string;
  readonly got: string;
}

/**
 * Has the handset hash every file in the order of writing and compares each with what was meant to be there. After a
 * drop it goes on with the first file that has no hash yet. Null: all matched.
 */
export async function readBack(
  visit: Visit,
  plan: FillPlan,
  files: readonly FillFile[],
): Promise<Mismatch | null> {
  const { context } = visit;
  const expectation = createExpectation(plan);
  // The host reckons while the handset reads; the wait is for the slower of the two.
  const ahead = hashAhead(expectation, files, context.signal);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let next = 0;
  let bytes = 0;
  for (let vain = 0; next < files.length; ) {
    const from = next;
    const got = await hashesFrom(visit, plan, files.slice(from));
    for (const { name, hash } of got) {
      const file = files[next];
      if (!file || file.name !== name)
        throw new SarachiError('handset-garbage', { command: 'sha256sum' });
      const expected = await ahead(name, file.size);
      if (hash !== expected) return { file: name, expected, got: hash };
      next += 1;
      bytes += file.size;
      context.progress({
        done: 0.5 + (bytes / total) * 0.5,
        step: 'read-back',
        bytesDone: bytes,
        bytesTotal: total,
      });
    }
    vain = next === from ? vain + 1 : 0;
    if (vain >= 3)
      throw new SarachiError('command-failed', {
        command: 'sha256sum',
        file: files[next]?.name ?? '',
      });
  }
  return null;
}

/** Begins to reckon every file's hash in order; what it has not got to yet is reckoned when it is asked for. */
function hashAhead(
  expectation: Expectation,
  files: readonly FillFile[],
  signal: AbortSignal,
): (name: string, size: number) => Promise<string> {
  const known = new Map<string, Promise<string>>();
  const hashOf = (name: string, size: number) => {
    const begun = known.get(name) ?? expectation.hashOf(name, size, signal);
    known.set(name, begun);
    return begun;
  };
  const run = async () => {
    for (const { name, size } of files) await hashOf(name, size);
  };
  // Whoever asks for the hash gets the error with it.
  run().catch(() => undefined);
  return hashOf;
}

/** As many hashes as came before the end or a drop. */
async function hashesFrom(
  visit: Visit,
  plan: FillPlan,
  files: readonly FillFile[],
): Promise<readonly { name: string; hash: string }[]> {
  let text = '';
  const { signal } = visit.context;
  const stall = new AbortController();
  const patience = visit.context.timing.stallSeconds * 1000;
  const end = () => stall.abort(new SarachiError('handset-timeout', { step: 'read-back' }));
  let timer = setTimeout(end, patience);
  try {
    await visit.link.shell(hashCommand(plan, files), {
      signal: AbortSignal.any([signal, stall.signal]),
      timeoutMs: visit.context.timing.stageHours * 3_600_000,
      maxBytes: 64 * 1024 * 1024,
      onStdout: (piece) => {
        text += piece;
        clearTimeout(timer);
        timer = setTimeout(end, patience);
      },
    });
  } catch (error) {
    if (signal.aborted || (!isDrop(error) && !hasCode(error, 'aborted'))) throw error;
    clearTimeout(timer);
    await comeBack(visit);
  } finally {
    clearTimeout(timer);
  }
  return parseHashes(text);
}

/** One process per file keeps the answer flowing; the names are built on the handset, so the command stays short. */
function hashCommand(plan: FillPlan, files: readonly FillFile[]): string {
  const parts = ['pp', 'f', 'g'].map((series) => {
    const own = files.filter(({ name }) => name === series || name.startsWith(`${series}.`));
    if (own.length === 0) return '';
    if (series === 'pp') return 'sha256sum pp;';
    const first = Number(own[0]?.name.slice(2));
    return `i=${first}; while [ $i -lt ${first + own.length} ]; do sha256sum ${series}.$i || exit 1; i=$((i+1)); done;`;
  });
  return `cd ${shellQuote(plan.directory)} || exit 1; ${parts.join(' ')}`;
}

/** Whole lines only: a drop may cut the last one. */
export function parseHashes(text: string): readonly { name: string; hash: string }[] {
  return [...text.matchAll(/^([0-9a-f]{64}) [ *]?(pp|[fg]\.\d{1,7})\r?\n/gm)].map(
    ([, hash, name]) => ({
      name: name ?? '',
      hash: hash ?? '',
    }),
  );
}
