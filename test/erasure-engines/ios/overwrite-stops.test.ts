import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import type { StageOutcome } from '../../../src/erasure-engines/engine.js';
import { AHEAD, askAhead } from '../../../src/erasure-engines/ios/overwrite/ahead.js';
import { hasCode } from '../../../src/errors.js';
import type { MemoryRun } from '../android/helpers/run-context.js';
import { attempt, type OverwritePhone, overwritePhone } from './helpers/overwrite-phone.js';
import { newRun } from './helpers/overwrite-proof.js';

t.test('what needs a person goes up, and silence is never waited for without end', async (t) => {
  const seconds = { stallSeconds: 1, returnSeconds: 1 };
  const during = async (
    made: OverwritePhone,
    trouble: () => void,
    timing: Partial<MemoryRun['timing']> = seconds,
  ): Promise<StageOutcome | unknown> => {
    const run = newRun({ timing });
    let once: (() => void) | null = trouble;
    const outcome = await attempt(made, run, {
      onProgress: () => {
        once?.();
        once = null;
      },
    }).catch((error: unknown) => error);
    t.notOk(run.kinds().includes('overwrite-read-back:true'));
    return outcome;
  };
  await t.test('it stays away', async (t) => {
    const made = await overwritePhone(t);
    const outcome = await during(made, () => made.phone.unplug());
    t.match(outcome, { kind: 'attention', code: 'handset-not-returning' });
  });
  await t.test('it stands still', async (t) => {
    const made = await overwritePhone(t);
    const outcome = await during(made, () => made.cable.freeze());
    t.match(outcome, { kind: 'again', code: 'overwrite-incomplete', detail: { step: 'stall' } });
  });
  await t.test('it restarts, and is locked', async (t) => {
    const made = await overwritePhone(t, { passcode: 'set' });
    const restart = () => made.phone.made.person.restartByHand();
    const outcome = await during(made, restart, { stallSeconds: 5, returnSeconds: 10 });
    t.ok(hasCode(outcome, 'iphone-locked', 'iphone-not-unlocked'), String(outcome));
  });
  await t.test('another comes back', async (t) => {
    const made = await overwritePhone(t);
    let other: Promise<unknown> | null = null;
    const outcome = await during(
      made,
      () => {
        made.phone.unplug();
        other = made.rack
          .iphone({ profile: 'iphone-12-ios-18' })
          .then((phone) => made.paired(phone));
      },
      { stallSeconds: 5, returnSeconds: 10 },
    );
    await other;
    t.ok(hasCode(outcome, 'handset-swapped'), String(outcome));
  });
});

t.test('however much is moved, the same few pieces are under way', async (t) => {
  const inUse = new Set<number>();
  let most = 0;
  const settled: number[] = [];
  await askAhead(
    { from: 3, to: 1003, unit: 10 },
    async ({ at, length, slot }) => {
      if (inUse.has(slot) || slot >= AHEAD) t.fail(`slot ${slot} is taken at ${at}`);
      inUse.add(slot);
      most = Math.max(most, inUse.size);
      // Answers come in any order.
      for (let turns = at % 7; turns > 0; turns -= 1) await turn();
      return { length, slot };
    },
    ({ length, slot }, at) => {
      inUse.delete(slot);
      settled.push(at);
      return length === 10;
    },
  );
  t.equal(most, AHEAD);
  t.same(
    settled,
    Array.from({ length: 100 }, (_, index) => 3 + index * 10),
  );
});
