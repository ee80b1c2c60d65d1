import { askShell } from './ask-shell.js';
import type { Rung } from './rung.js';

/** Answers of AOSP TestHarnessModeService and of later builds, and what each one means. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/there is a lock screen/i, 'screen-lock'],
  [/FRP is active/i, 'frp-active'],
  [/Can't find service/i, 'no-service'],
  [/Failed to enable Test Harness Mode/i, 'no-persistent-data-block'],
];

/** `cmd testharness enable`, Android 10 and later: resets, keeps the adb keys and skips the set-up wizard. */
export const testHarnessRung: Rung = {
  method: 'test-harness',
  async ask(visit) {
    const { said, exitCode } = await askShell(visit, 'cmd testharness enable');
    const refusal = REFUSALS.find(([pattern]) => pattern.test(said));
    if (refusal) return { kind: 'refused', why: refusal[1], said };
    if (exitCode !== null && exitCode !== 0)
      return { kind: 'refused', why: `exit-code-${exitCode}`, said };
    return { kind: 'asked', said };
  },
};
