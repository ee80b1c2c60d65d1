import t from 'tap';
import { checkConfig } from '../../src/config.js';
import type { ErrorCode } from '../../src/errors.js';
import { nextStep } from '../../src/pipeline/next-step.js';
import type { RunRecord } from '../../src/pipeline/run-record.js';

const { policy } = checkConfig({
  rack: { controllers: { A: {} }, ports: { P01: { usb: ['1-1'], controller: 'A' } } },
});
const AT = '2026-11-21T00:00:00.000Z';

function failedWith(code: ErrorCode, times: number): RunRecord {
  const attempt = (fence: number) => ({
    stage: 'identify',
    fence,
    startedAt: AT,
    endedAt: AT,
    outcome: { kind: 'again', code, detail: {} },
  });
  return {
    settled: null,
    voided: null,
    plan: null,
    acts: [],
    attempts: Array.from({ length: times }, (_, index) => attempt(index + 1)),
  } as unknown as RunRecord;
}

t.test('who is asked when trying again did not help', async (t) => {
  const cases = [
    ['usbmuxd-gone', 'host-trouble'],
    ['usbmuxd-protocol', 'host-trouble'],
    ['usbmuxd-refused', 'host-trouble'],
    ['adb-server-gone', 'host-trouble'],
    ['iphone-closed', 'handset-not-returning'],
    ['handset-gone', 'handset-not-returning'],
    ['adb-closed', 'unsupported-handset'],
  ] as const;
  for (const [code, attention] of cases) {
    t.match(nextStep(failedWith(code, 1), policy), { do: 'stage' }, `${code}: tried again`);
    const asked = nextStep(failedWith(code, policy.maximumAttempts), policy);
    t.match(asked, { do: 'attention', code: attention, trouble: code }, code);
  }
});
