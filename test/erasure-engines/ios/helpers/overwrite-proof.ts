import type { Test } from 'tap';
import { MIB } from '../../../simulator/apple/fixtures.js';
import { MemoryRun } from '../../android/helpers/run-context.js';
import { type Attempted, attempt, lookAtFill, type OverwritePhone } from './overwrite-phone.js';

/** What an overwrite that went well leaves, however often it was interrupted. */
export const RECORDED = [
  'overwrite-planned:true',
  'overwrite-written:true',
  'not-covered:true',
  'overwrite-read-back:true',
  'overwrite-removed:true',
];
const FILE = 4 * MIB;

export function newRun(options: ConstructorParameters<typeof MemoryRun>[0] = {}): MemoryRun {
  return new MemoryRun({ fileBytes: FILE, ...options });
}

/** One attempt that is meant to succeed: every byte on the phone is right when it says so, and counted right. */
export async function provesAll(
  t: Test,
  { made, run, free }: { made: OverwritePhone; run: MemoryRun; free: number },
  attempted: Attempted = {},
): Promise<void> {
  let looked = { bytes: -1, files: -1, wrong: ['never looked'] as readonly string[] };
  const outcome = await attempt(made, run, {
    ...attempted,
    on: {
      ...attempted.on,
      'overwrite-read-back': async () => {
        looked = await lookAtFill(made.phone, run);
      },
    },
  });
  t.same(outcome, { kind: 'done' });
  t.same(looked, { bytes: free, files: Math.ceil(free / FILE), wrong: [] });
  t.same(run.kinds(), RECORDED);
  t.same(
    run.intents.map(({ step }) => step),
    ['overwrite-fill'],
  );
  t.match(run.last('overwrite-written')?.value, { bytes: free, files: looked.files });
  t.match(run.last('overwrite-read-back')?.value, { bytes: free, files: looked.files });
}
