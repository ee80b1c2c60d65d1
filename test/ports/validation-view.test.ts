import t from 'tap';
import type { ValidationState } from '../../src/ledger/validation-lane.js';
import { type ViewInput, viewOf } from '../../src/ports/port-view.js';

const SETTLED = {
  at: 'settled',
  run: 'r',
  handset: 'android:X1',
  verdict: 'passed',
  lane: 'release',
  voided: null,
  watched: true,
  goneSince: null,
} as const;

function shown(validation: ValidationState, watched = true) {
  const input: ViewInput = {
    port: { port: 'P01', usbPaths: ['1-1'], controller: 'A' },
    state: { ...SETTLED, watched },
    ...{ held: false, workOrder: null, condition: null, since: 0, trouble: null, blinking: false },
    facts: {
      ...{ identity: null, progress: null, waiting: null, reasons: [], error: null },
      validation,
    },
    ...{ now: 0, settleMs: 0 },
  };
  const { lane, light, reasons } = viewOf(input);
  return { lane, light: light.name, reasons };
}

t.test('green only once a second person has accepted', async (t) => {
  t.same(shown('not-needed'), { lane: 'release', light: 'passed', reasons: [] });
  t.same(shown('accepted'), { lane: 'release', light: 'passed', reasons: [] });
  t.same(shown('waiting'), {
    ...{ lane: 'attention', light: 'check', reasons: ['note:waits-for-validation'] },
  });
  const rejected = { lane: 'quarantine', light: 'quarantine-erased' };
  t.match(shown('rejected'), { ...rejected, reasons: ['note:validation-rejected'] });
  t.match(shown('rejected', false), rejected, 'also after a restart');
  t.equal(shown('accepted', false).lane, 'attention', 'somebody may have had it out meanwhile');
});
