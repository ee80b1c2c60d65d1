import { readFile } from 'node:fs/promises';
import t from 'tap';
import type { ResetMethod } from '../../../src/config.js';
import { foyerReport } from '../../../src/erasure-engines/android/foyer-report.js';
import { type GateReport, gatesOf } from '../../../src/erasure-engines/android/gates.js';
import { resetLadder } from '../../../src/erasure-engines/android/ladder.js';
import { parseScreen } from '../../../src/erasure-engines/android/parsers/screen.js';
import { parseTradeInStatus } from '../../../src/erasure-engines/android/parsers/trade-in-status.js';
import type {
  AndroidCapabilities,
  HandsetState,
} from '../../../src/erasure-engines/android/report.js';
import { readScreen, recipeFor } from '../../../src/erasure-engines/android/screen-match.js';
import { resetProof } from '../../../src/erasure-engines/proof.js';
import { EVIDENCE_KINDS, type Evidence, type EvidenceKind } from '../../../src/evidence.js';
import { IN_USE, statusJson } from './helpers/probe-answers.js';
import { policyOf } from './helpers/run-context.js';

const status = parseTradeInStatus(statusJson(IN_USE));
if (!status) throw new Error('golden status');
const FOYER = foyerReport(status);
const CAPABLE: AndroidCapabilities = {
  mode: 'authorised',
  sdk: 33,
  lockScreen: 'unknown',
  persistentDataBlock: true,
  testHarness: true,
  tradeIn: false,
  masterClearGranted: false,
  resetScreen: true,
  uiAutomator: true,
  memTotalBytes: 8e9,
  dataFileSystem: 'f2fs',
  telephony: true,
};
const CLEAN: HandsetState = {
  ...FOYER.state,
  owner: 'none',
  resetForbidden: false,
  users: 1,
  simInserted: false,
  batteryPercent: 80,
  powered: true,
};

function report(state: Partial<HandsetState> = {}, more: Partial<GateReport> = {}): GateReport {
  return {
    ...FOYER,
    capabilities: CAPABLE,
    state: { ...CLEAN, ...state },
    jpkiDeclared: false,
    imeiElsewhere: false,
    ...more,
  };
}

t.test('gates, in their order', async (t) => {
  const policy = policyOf();
  const jpki = policyOf({ requireJpkiDeclaration: true });
  const gate = (state: Partial<HandsetState>, more: Partial<GateReport> = {}) =>
    gatesOf(report(state, more), policy);
  t.equal(gate({}), null);
  t.equal(gate({ accounts: 1, frp: 'locked' }), 'account-present');
  t.equal(gate({ accounts: null }), 'account-present', 'unknown');
  t.equal(gate({ frp: 'locked', owner: 'managed' }), 'frp-locked');
  t.equal(gate({ frp: 'unknown' }), 'frp-locked');
  t.equal(gate({ owner: 'managed', resetForbidden: true }), 'managed-device');
  t.equal(gate({ owner: 'unknown' }), 'managed-device');
  t.equal(gate({ resetForbidden: true, users: 2 }), 'reset-forbidden');
  t.equal(gate({ resetForbidden: null }), null);
  t.equal(gate({ users: 2, simInserted: true }), 'several-users');
  t.equal(gate({ users: null }), 'several-users');
  t.equal(gate({ simInserted: true, batteryPercent: 1 }), 'sim-present');
  t.equal(gate({ simInserted: null }), null);
  t.equal(gate({ batteryPercent: 29 }), 'battery-low');
  t.equal(gate({ batteryPercent: null }), 'battery-low');
  t.equal(gate({ batteryPercent: 45, powered: false }), 'battery-low');
  t.equal(gatesOf(report(), jpki), 'jpki-declaration-missing');
  t.equal(gatesOf(report({}, { jpkiDeclared: true }), jpki), null);
  t.equal(gate({}, { imeiElsewhere: true }), 'duplicate-imei');
  const version = (sdk: number | null, probed = true) =>
    gate(
      {},
      {
        capabilities: { ...CAPABLE, sdk, testHarness: probed, tradeIn: false, resetScreen: probed },
      },
    );
  t.equal(version(25), 'unsupported-handset');
  t.equal(version(null), 'unsupported-handset');
  t.equal(version(26), null);
  t.equal(version(99), null, 'a later Android whose methods were probed');
  t.equal(version(99, false), 'unsupported-handset');
  const foyer = { ...FOYER, jpkiDeclared: false, imeiElsewhere: false };
  t.equal(gatesOf(foyer, policy), null);
  t.equal(gatesOf({ ...foyer, state: { ...foyer.state, frp: 'unknown' } }, policy), 'frp-locked');
});

t.test('the ladder, as a table', async (t) => {
  const cases: Record<string, Partial<AndroidCapabilities>> = {
    'Android 13 in use': {},
    'Android 13, screen lock': { lockScreen: 'set' },
    'Android 13 without data block': { persistentDataBlock: false },
    'Android 9': { sdk: 28, testHarness: false, persistentDataBlock: true },
    'Android 16 in use': { sdk: 36, tradeIn: true },
    'Android 16 foyer': { mode: 'foyer', sdk: null, tradeIn: true },
    'Android 16 evaluation': { mode: 'evaluation', sdk: 36, tradeIn: true },
    'test harness': { mode: 'test-harness' },
    'userdebug with the grant': { masterClearGranted: true, resetScreen: false },
  };
  const table = Object.entries(cases).flatMap(([name, part]) =>
    (['first', 'closing'] as const).map((purpose) => {
      const { rungs, excluded } = resetLadder({ ...CAPABLE, ...part }, policyOf(), purpose);
      return `${name}, ${purpose}: ${rungs.join(' > ')} | ${excluded.map(({ method, reason }) => `${method}: ${reason}`).join('; ')}`;
    }),
  );
  const golden = await readFile('test/erasure-engines/android/fixtures/ladder.txt', 'utf8');
  t.same(table, golden.trimEnd().split('\n'));
  const only: ResetMethod[] = ['person'];
  t.same(resetLadder(CAPABLE, policyOf({ resetMethods: only })).rungs, only);
});

let clock = 0;
function fact(kind: EvidenceKind, holds = true, value: Evidence['value'] = {}): Evidence {
  clock += 1;
  return {
    kind,
    stage: 'reset-delete',
    method: 'test',
    at: new Date(clock).toISOString(),
    holds,
    value,
  };
}
const READY = [fact('before-reset'), fact('canary-planted')];
const BUS = [fact('left-bus'), fact('returned-same-port')];

t.test('proof of reset', async (t) => {
  const policy = policyOf();
  const proved = (...facts: Evidence[]) => resetProof([...READY, ...facts], policy);
  t.match(proved(...BUS, fact('canary-gone'), fact('android-id-changed')), {
    proved: true,
    missing: [],
  });
  t.match(
    proved(
      ...BUS,
      fact('usb-without-adb'),
      fact('person-confirmed', true, {
        attention: 'confirm-first-boot-screen',
        screen: 'first-boot',
      }),
    ),
    { proved: true },
  );
  t.match(
    proved(
      ...BUS,
      fact('usb-without-adb'),
      fact('person-confirmed', true, { attention: 'felica-clear-needed', felica: 'cleared' }),
    ),
    { proved: false },
  );
  t.match(proved(...BUS), { proved: false });
  t.match(proved(...BUS, fact('usb-without-adb')), { proved: false });
  t.match(
    proved(...BUS, fact('trade-in-foyer'), fact('usb-without-adb'), fact('setup-not-complete')),
    { proved: false },
    'ways to see one thing',
  );
  t.match(proved(fact('left-bus'), fact('canary-gone'), fact('android-id-changed')), {
    proved: false,
    signals: ['canary', 'system-identity'],
  });
  t.match(
    proved(
      ...BUS,
      fact('android-id-changed'),
      fact('storage-collapsed'),
      fact('no-accounts-no-apps'),
      fact('boot-reason-reset'),
    ),
    { proved: false, missing: ['decisive-signal'] },
  );
  t.match(
    proved(
      ...BUS,
      fact('test-harness-active'),
      fact('android-id-changed'),
      fact('canary-gone', false, { contradicts: true }),
    ),
    { proved: false, missing: ['contradicted:canary-gone'] },
  );
  t.match(
    proved(...BUS, fact('canary-gone'), fact('android-id-changed'), fact('rung-tried', false)),
    { proved: false },
    'a failed try voids what was seen in it',
  );
  t.match(resetProof([...BUS, fact('canary-gone'), fact('android-id-changed')], policy), {
    proved: false,
    missing: ['before-reset', 'canary-planted'],
  });
  const elsewhere = [...READY, ...BUS, fact('canary-gone'), fact('android-id-changed')].map(
    (one) => ({ ...one, stage: 'verify' as const }),
  );
  t.match(resetProof(elsewhere, policy), { proved: false }, 'only what reset-delete saw');
});

t.test(
  'no random evidence proves a reset without a decisive fact, and none in spite of a contradiction',
  async (t) => {
    const kinds = Object.keys(EVIDENCE_KINDS) as EvidenceKind[];
    const decisive: EvidenceKind[] = [
      'canary-gone',
      'trade-in-foyer',
      'usb-without-adb',
      'test-harness-active',
      'obliteration-recorded',
    ];
    let seed = 12345;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return seed % below;
    };
    let proofs = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const facts = Array.from({ length: random(14) }, () => {
        const holds = random(4) > 0;
        return fact(
          kinds[random(kinds.length)] ?? 'gates',
          holds,
          holds || random(2) ? {} : { contradicts: true },
        );
      });
      const all = [...(random(5) ? READY : []), ...facts, ...(random(3) ? BUS : [])];
      const { proved } = resetProof(all, policyOf());
      if (!proved) continue;
      proofs += 1;
      const failure = all.findLastIndex(({ kind, holds }) => kind === 'rung-tried' && !holds);
      const newest = new Map(all.slice(failure + 1).map((one) => [one.kind, one]));
      if (!decisive.some((kind) => newest.get(kind)?.holds))
        t.fail('proved without a decisive fact');
      if ([...newest.values()].some(({ value }) => value['contradicts']))
        t.fail('proved in spite of a contradiction');
      if (!newest.get('left-bus')?.holds && !newest.get('canary-gone')?.holds && newest.size < 3)
        t.fail('too little');
    }
    t.ok(proofs > 20, `${proofs} proofs among the random runs`);
  },
);

t.test('reset screens: known buttons are found, nothing else is', async (t) => {
  const node = (text: string, id: string, extra = '', owner = 'com.android.settings') =>
    `<node text="${text}" resource-id="${id}" package="${owner}" clickable="true" enabled="true" ${extra} bounds="[0,100][200,200]" />`;
  const at = (xml: string, from = 0, maker = 'Google') =>
    readScreen(parseScreen(xml), recipeFor(maker), from);
  const id = 'com.android.settings:id/';
  t.match(at(node('x', `${id}initiate_main_clear`)), {
    kind: 'tap',
    index: 1,
    node: { x: 100, y: 150 },
  });
  t.match(at(node('RESET PHONE', '')), { kind: 'tap', step: { name: 'initiate' } });
  t.match(at(node('すべてのデータを消去', ''), 2), {
    kind: 'tap',
    step: { name: 'execute', final: true },
  });
  t.match(at(node('全て削除', ''), 2, 'samsung'), { kind: 'tap', step: { final: true } });
  t.match(at(node('リセット', ''), 0, 'samsung'), { kind: 'tap', step: { name: 'initiate' } });
  t.same(
    at(node('Erase all data', '', '', 'com.evil.app')),
    { kind: 'unknown' },
    'another package',
  );
  t.same(at(node('Proceed', 'com.vendor.settings:id/btn_proceed', '', 'com.vendor.settings')), {
    kind: 'unknown',
  });
  t.same(at(node('', `${id}password_entry`, 'password="true"')), { kind: 'secret' });
  t.same(
    at(`${node('Erase all data', '')}${node('Erase all data', '')}`),
    { kind: 'unknown' },
    'two fit',
  );
  t.match(
    at(`${node('x', `${id}initiate_main_clear`)}${node('', `${id}erase_esim`, 'checked="false"')}`),
    { kind: 'tick' },
  );
  t.match(
    at(`${node('x', `${id}initiate_main_clear`)}${node('', `${id}erase_esim`, 'checked="true"')}`),
    { kind: 'tap' },
  );
  t.same(at(node('x', `${id}initiate_main_clear`), 2), { kind: 'unknown' }, 'never back a step');
  t.same(at(''), { kind: 'unknown' });
});
