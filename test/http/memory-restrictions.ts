import type { CarrierAnswer } from '../../src/carrier-check/answer.js';
import type { CarrierView } from '../../src/carrier-check/broker/carrier-view.js';
import type { StatedAnswer } from '../../src/carrier-check/restrictions/restriction-history.js';
import { SarachiError } from '../../src/errors.js';
import type { Changes, RestrictionApi } from '../../src/http/restriction-api.js';

const IMEI = '353644930127905';

const ANSWER: CarrierAnswer = {
  ...{ carrier: 'docomo', imei: IMEI, mark: 'cross', outcome: 'ok', rawGlyph: '×' },
  ...{ rawText: '利用制限中です。', source: 'web', checkedAt: '2026-11-20T01:00:00.000Z' },
  evidence: {
    sha256: 'ab'.repeat(32),
    excerpt: '× 利用制限中です。',
    parser: 'docomo-html/1 rules 1',
  },
  scope: 'carrier',
};

const STATED: StatedAnswer = {
  ...{ seq: 40, at: '2026-11-20T01:00:01.000Z', run: null, by: 'watch', reason: 'recheck' },
  ...{ answer: ANSWER, withdrawn: null },
};

const CHANGE: Changes['changes'][number] = {
  ...{ seq: 41, at: '2026-11-20T01:00:02.000Z', carrier: 'docomo', imei: IMEI },
  ...{ from: 'circle', to: 'cross', scope: 'carrier', runs: ['run-1'], withdrawn: false },
  certificates: [{ run: 'run-1', sha256: 'cd'.repeat(32) }],
};

const CARRIER_STATE: CarrierView = {
  ...{ carrier: 'docomo', waiting: 3, active: 1, askedAgain: 0 },
  rate: { spacingMs: 3000, jitterMs: 500.5, usedToday: 40, perDay: 1000 },
  breaker: { state: 'parked', outcome: 'captcha', since: '2026-11-20T01:00:00.000Z', until: null },
  canary: {
    ...{ configured: 1, due: false, answersSince: 9 },
    last: { at: '2026-11-20T00:00:00.000Z', right: true },
  },
};

/** What carriers said, with every field filled. */
export function memoryRestrictions(): RestrictionApi {
  const withdrawn = { seq: 43, at: '2026-11-20T02:00:00.000Z', why: 'canary-wrong' };
  return {
    history: (imei) => ({
      imei,
      carriers: [
        { carrier: 'docomo', newest: STATED, answers: [{ ...STATED, seq: 42, withdrawn }, STATED] },
        { carrier: 'kddi', newest: null, answers: [] },
      ],
      changes: [CHANGE],
      runs: [
        {
          ...{ run: 'run-1', port: 'P02', settledAt: '2026-11-02T02:00:00.000Z' },
          ...{ verdict: 'passed', lane: 'release', certificate: 'cd'.repeat(32) },
        },
      ],
    }),
    changes: () => ({ changes: [CHANGE], nextCursor: 'next', more: true }),
    recheck: async () => ['docomo'],
    state: async () => 1,
    importCsv: async (bytes) =>
      bytes.length > 3
        ? { lines: 3, imported: 2, known: 1, changed: 0 }
        : [{ line: 2, field: 'imei', message: 'is no IMEI: empty' }],
    carriers: async () => [CARRIER_STATE],
    resume: async (carrier) => {
      if (carrier !== 'docomo') throw new SarachiError('not-found', { carrier });
      return CARRIER_STATE;
    },
  };
}
