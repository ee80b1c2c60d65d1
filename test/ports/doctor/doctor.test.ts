import t from 'tap';
import { ATTENTIONS, type AttentionCode } from '../../../src/attention.js';
import type { JsonObject } from '../../../src/evidence.js';
import type { EntryType, LedgerEntry } from '../../../src/ledger/entry.js';
import { type DoctorRules, diagnose } from '../../../src/ports/doctor/doctor.js';
import {
  forget,
  NO_HISTORY,
  type PortEventOfHistory,
  remember,
} from '../../../src/ports/doctor/doctor-history.js';
import { powerCycleDue } from '../../../src/ports/doctor/power-cycle.js';
import { workOrder } from '../../../src/ports/doctor/work-order.js';

const MINUTE = 60_000;
const ports = ['P01', 'P02', 'P03', 'P04', 'P11', 'P12', 'P13'];
const rules: DoctorRules = {
  after: 3,
  burstMs: MINUTE,
  controllers: new Map(ports.map((port) => [port, port < 'P10' ? 'A' : 'B'])),
};

/** `P01 A gone` at minute 0, then one each ten minutes; `same` stays at the minute before. */
function story(...lines: string[]): PortEventOfHistory[] {
  let minute = -10;
  return lines.map((line) => {
    const [port = '', who = '', what = '', when = ''] = line.split(' ');
    minute += when === 'same' ? 0 : 10;
    const kinds = { ok: 'success', mended: 'mended', redis: 'host' } as const;
    const codes = { gone: 'handset-gone', silent: 'handset-timeout', redis: 'redis-gone' } as const;
    return {
      ...{ port, at: minute * MINUTE, handset: who === '-' ? null : `android:${who}` },
      kind: kinds[what as keyof typeof kinds] ?? 'wire',
      code: codes[what as keyof typeof codes] ?? null,
    };
  });
}

const found = (...lines: string[]) =>
  diagnose(story(...lines), rules).map(({ whose, name }) => `${whose} ${name}`);

t.test('trouble has the owner that explains it', async (t) => {
  const cases: [string, string[], string[]][] = [
    ['nothing', [], []],
    ['one handset once', ['P01 A gone'], []],
    ['handsets drop off in one port', ['P01 A gone', 'P01 B gone', 'P01 C gone'], ['cable P01']],
    [
      'handsets stay and are silent',
      ['P01 A silent', 'P01 B silent', 'P01 B gone', 'P01 C silent'],
      ['port P01'],
    ],
    ['one handset in one port', ['P01 A gone', 'P01 A gone', 'P01 A gone'], ['unclear P01']],
    [
      'a handset that takes its trouble along',
      ['P01 B ok', 'P01 A gone', 'P02 A gone', 'P03 A gone'],
      ['handset android:A'],
    ],
    ['in two ports where nobody did well', ['P01 A gone', 'P02 A gone', 'P02 A gone'], []],
    [
      'handsets without a name are no witnesses',
      ['P01 - gone', 'P01 - gone', 'P01 - gone'],
      ['unclear P01'],
    ],
    [
      'handsets that do well since',
      ['P01 A gone', 'P01 B gone', 'P01 C gone', 'P01 D ok', 'P01 E ok', 'P01 F ok'],
      [],
    ],
    [
      'three ports of a controller at once',
      ['P01 A gone', 'P02 B gone same', 'P03 C gone same'],
      ['controller A'],
    ],
    [
      'two controllers at once',
      [
        'P01 A gone',
        'P02 B gone same',
        'P03 C gone same',
        'P11 D gone same',
        'P12 E gone same',
        'P13 F gone same',
      ],
      ['host host'],
    ],
    ['two ports at once', ['P01 A gone', 'P02 B gone same'], []],
    ['the host', ['P01 A redis', 'P02 B redis', 'P11 C redis'], ['host host']],
    ['mended', ['P01 A gone', 'P01 B gone', 'P01 C gone', 'P01 - mended'], []],
    [
      'a new cable did not help',
      [
        'P01 A gone',
        'P01 B gone',
        'P01 C gone',
        'P01 - mended',
        'P01 D gone',
        'P01 E gone',
        'P01 F gone',
      ],
      ['port P01'],
    ],
    [
      'a burst is not counted again for its ports',
      ['P01 A gone', 'P02 B gone same', 'P03 C gone same', 'P01 D gone', 'P01 E gone'],
      ['controller A'],
    ],
  ];
  for (const [name, lines, expected] of cases) t.strictSame(found(...lines), expected, name);
});

t.test('a work order says what to do in both languages, and names no serial', async (t) => {
  const stories = [
    ['P01 A gone', 'P01 B gone', 'P01 C gone'],
    ['P01 A silent', 'P01 B silent', 'P01 C silent'],
    ['P01 A gone', 'P01 A gone', 'P01 A gone'],
    ['P01 B ok', 'P01 26061FDH2000AP gone', 'P02 26061FDH2000AP gone', 'P02 26061FDH2000AP gone'],
    ['P01 A gone', 'P02 B gone same', 'P03 C gone same'],
    ['P01 A redis', 'P01 B redis', 'P01 C redis'],
  ];
  const seen = new Set<string>();
  for (const lines of stories) {
    const [first] = diagnose(story(...lines), rules);
    if (!first) throw new Error(lines.join());
    seen.add(first.whose);
    const { ja, en } = workOrder(first);
    t.match(ja, /。$/);
    t.match(en, /\.$/);
    t.notMatch(ja + en, /26061FDH/);
    if (first.whose !== 'host') t.match(ja, /P01|00AP/);
  }
  t.equal(seen.size, 6, 'every owner has one');
});

/** Lines of a ledger as far as the doctor reads them. */
function entries(...rows: [EntryType, string | null, string | null, JsonObject][]): LedgerEntry[] {
  return rows.map(([type, run, port, body], n) => ({
    ...{ type, run, port, body, seq: n + 1, prev: '', hash: '' },
    at: new Date(n * 1000).toISOString(),
  }));
}

t.test('the ledger is what it goes by', async (t) => {
  const failed = (code: string) => ({ outcome: { kind: 'again', code, detail: {} } });
  const lines = entries(
    ['run-opened', 'r1', 'P01', { usbPath: '1-1', handset: 'android:A', policyVersion: '1' }],
    ['stage-ended', 'r1', 'P01', { stage: 'identify', fence: 1, outcome: { kind: 'done' } }],
    ['stage-ended', 'r1', 'P01', failed('handset-gone')],
    ['stage-ended', 'r1', 'P01', failed('reset-not-proved')],
    ['stage-ended', 'r1', 'P01', { outcome: { kind: 'attention', code: 'battery-low' } }],
    ['stage-ended', 'r1', 'P01', failed('redis-gone')],
    ['run-voided', 'r1', 'P01', { reason: 'gone-too-long' }],
    ['run-voided', 'r1', 'P01', { reason: 'operator' }],
    ['operator-acted', 'r1', 'P01', { action: 'release', by: 'x', statement: {} }],
    ['operator-acted', null, 'P01', { action: 'hold', by: 'x', statement: {} }],
    ['operator-acted', null, 'P01', { action: 'release', by: 'x', statement: {} }],
    ['stage-ended', 'r9', 'P01', failed('handset-gone')],
  );
  const history = lines.reduce(remember, NO_HISTORY);
  t.strictSame(
    history.events.map(({ kind, code, at }) => `${at / 1000} ${kind} ${code}`),
    [
      '1 success null',
      '2 wire handset-gone',
      '5 host redis-gone',
      '6 wire handset-gone',
      '10 mended null',
    ],
  );
  t.strictSame(history.events[1]?.handset, 'android:A');
  t.equal(forget(history, 6000).events.length, 2);
});

t.test('power is cycled where a handset is stuck and nothing is done to it', async (t) => {
  const rules = { policy: 'stuck-handsets', stuckMs: 60_000, perHour: 2 } as const;
  const stuck = {
    state: 'unready',
    condition: 'adb:offline',
    held: false,
    attention: null,
    since: new Date(0).toISOString(),
  } as const;
  t.ok(powerCycleDue(stuck, [], 60_000, rules));
  const asks = (code: AttentionCode) => {
    const attention = { code, ...ATTENTIONS[code] };
    return powerCycleDue({ ...stuck, state: 'attention', attention }, [], 60_000, rules);
  };
  t.ok(asks('handset-offline'));
  for (const code of Object.keys(ATTENTIONS) as AttentionCode[])
    if (code !== 'handset-offline') t.notOk(asks(code), code);
  t.notOk(powerCycleDue(stuck, [], 59_999, rules), 'too soon');
  for (const state of ['empty', 'opening', 'working', 'aborting', 'settled'] as const)
    t.notOk(powerCycleDue({ ...stuck, state }, [], 1e9, rules), state);
  for (const condition of [
    'adb:device',
    'adb:unauthorized',
    'mux:unpaired',
    'adb:unknown',
  ] as const)
    t.notOk(powerCycleDue({ ...stuck, condition }, [], 1e9, rules), condition);
  t.notOk(powerCycleDue({ ...stuck, condition: null }, [], 1e9, rules));
  t.notOk(powerCycleDue({ ...stuck, held: true }, [], 1e9, rules));
  t.notOk(powerCycleDue(stuck, [], 1e9, { ...rules, policy: 'never' }));
  t.notOk(powerCycleDue(stuck, [100_000], 159_000, rules), 'the last one is too young');
  t.ok(powerCycleDue(stuck, [100_000], 160_000, rules));
  t.notOk(powerCycleDue(stuck, [100_000, 200_000], 400_000, rules), 'two within the hour');
  t.ok(powerCycleDue(stuck, [100_000, 200_000], 3_800_000, rules));
});
