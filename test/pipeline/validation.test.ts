import t from 'tap';
import type { EntryType, LedgerEntry } from '../../src/ledger/entry.js';
import { laneAfter } from '../../src/ledger/validation-lane.js';
import { grow, type RunRecord } from '../../src/pipeline/run-record.js';
import { refusalToValidate, validationState } from '../../src/pipeline/validation.js';

function recordOf(...lines: [EntryType, LedgerEntry['body']][]): RunRecord {
  const all: [EntryType, LedgerEntry['body']][] = [
    ['run-opened', { usbPath: '1-1', handset: null, policyVersion: '1' }],
    ...lines,
  ];
  let record: RunRecord | null = null;
  for (const [type, body] of all) {
    const at = '2026-11-02T01:00:00.000Z';
    const place = { seq: 1, at, run: 'r', port: 'P01', prev: '', hash: '' };
    record = grow(record, { ...place, type, body });
  }
  if (!record) throw new RangeError('no record');
  return record;
}

const act = (by: string): [EntryType, LedgerEntry['body']] => [
  'operator-acted',
  { action: 'retry', by, statement: {} },
];
const settled = (verdict: string, lane: string): [EntryType, LedgerEntry['body']] => [
  'run-settled',
  { verdict, lane, reasons: [] },
];
const PASSED = settled('passed', 'release');
const PEOPLE: Readonly<Record<string, string>> = {
  k1: 'Sato Aya',
  k2: 'ｓａｔｏ  ａｙａ',
  k3: 'Ito Ken',
};
const personOf = (key: string) => PEOPLE[key] ?? null;
const by = (key: string, decision: 'accept' | 'reject' = 'accept') => ({
  ...{ decision, by: key, person: PEOPLE[key] ?? '' },
});

t.test('whoever acted in a run does not validate it', async (t) => {
  const record = recordOf(act('k1'), PASSED);
  t.match(refusalToValidate(record, by('k1'), personOf), /this key acted/);
  t.match(refusalToValidate(record, by('k2'), personOf), /this person acted/, 'another key');
  t.equal(refusalToValidate(record, by('k3'), personOf), null);
  t.equal(refusalToValidate(recordOf(PASSED), by('k1'), personOf), null, 'the machine erased it');
  const unnamed = recordOf(act('unnamed'), PASSED);
  t.match(refusalToValidate(unnamed, by('k3'), personOf), /cannot be told/);
  t.equal(refusalToValidate(unnamed, by('k3', 'reject'), personOf), null, 'rejecting is safe');
});

t.test('only a settled run, once, and only a pass is accepted', async (t) => {
  t.match(refusalToValidate(recordOf(), by('k3'), personOf), /no verdict/);
  const failed = recordOf(settled('failed', 'quarantine'));
  t.match(refusalToValidate(failed, by('k3'), personOf), /did not pass/);
  const said = { decision: 'accept', by: 'k3', person: 'Ito Ken', note: null };
  const done = recordOf(PASSED, ['run-validated', said]);
  t.match(refusalToValidate(done, by('k1'), personOf), /already/);
  t.match(done.validation, { decision: 'accept', by: 'k3' });
  const twice = recordOf(
    PASSED,
    ['run-validated', said],
    ['run-validated', { ...said, decision: 'reject' }],
  );
  t.equal(twice.validation?.decision, 'accept', 'the first word counts');
});

t.test('nothing is released that waits or was rejected', async (t) => {
  const word = (decision: string): [EntryType, LedgerEntry['body']] => [
    'run-validated',
    { decision, by: 'k3', person: 'Ito Ken', note: null },
  ];
  const laneOf = (record: RunRecord, required: boolean) =>
    laneAfter(record.settled?.lane ?? 'attention', validationState(record, required));
  t.equal(laneOf(recordOf(PASSED), false), 'release');
  t.equal(laneOf(recordOf(PASSED), true), 'attention');
  t.equal(laneOf(recordOf(PASSED, word('accept')), true), 'release');
  for (const required of [true, false])
    t.equal(laneOf(recordOf(PASSED, word('reject')), required), 'quarantine');
  for (const lane of ['return', 'destroy', 'quarantine'])
    t.equal(laneOf(recordOf(settled('passed', lane)), true), lane);
});
