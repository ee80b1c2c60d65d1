import { randomBytes } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { MIB } from '../../simulator/apple/fixtures.js';
import { MemoryRun } from '../android/helpers/run-context.js';
import { attempt, lookAtFill, lookAtFreeSpace, overwritePhone } from './helpers/overwrite-phone.js';
import { newRun, provesAll, RECORDED } from './helpers/overwrite-proof.js';

t.test('every free byte is as the plan on record says, read back and given back', async (t) => {
  const made = await overwritePhone(t, { reservedBytes: 0 });
  const { phone } = made;
  const free = phone.made.storage.free;
  const before = await lookAtFreeSpace(phone);
  t.ok(before.markers > 0, `${before.markers} deleted photos can be read before`);
  const run = newRun();
  let under = { bytes: -1, markers: -1 };
  await provesAll(
    t,
    { made, run, free },
    {
      on: {
        'not-covered': async () => {
          under = await lookAtFreeSpace(phone);
        },
      },
    },
  );
  t.same(under, { bytes: 0, markers: 0 }, 'nothing of the seller is left under it');
  t.match(run.last('overwrite-planned')?.value, { scope: /^before the erase/, freeBytes: free });
  t.match(run.last('overwrite-written')?.value, { coveragePercent: 100, freeAfterBytes: 0 });
  t.match(run.last('overwrite-read-back')?.value, { connection: 'new', cache: 'not-excluded' });
  t.equal(phone.made.storage.free, free);
  t.equal((await lookAtFreeSpace(phone)).markers, 0);
  const told = run.progress.map(({ done }) => done);
  t.same(
    told,
    [...told].sort((a, b) => a - b),
    'progress never goes back',
  );
  t.match(run.progress.at(-1), {
    done: 1,
    step: 'read-back',
    bytesDone: free * 2,
    bytesTotal: free * 2,
  });
  t.same(await attempt(made, run), { kind: 'done' }, 'asked again it does nothing');
  t.same(run.kinds(), RECORDED);
});

t.test('what the system keeps back is left to the last block, and named', async (t) => {
  const made = await overwritePhone(t, { reservedBytes: 3 * MIB + 4096 });
  const run = newRun();
  run.intents.push({
    stage: 'reset-delete',
    fence: 1,
    step: 'reset',
    at: '',
    detail: { try: 1, method: 'profile-service' },
  });
  run.state('rung-tried', 'reset-delete', { try: 1 });
  t.same(await attempt(made, run), { kind: 'done' });
  t.match(run.last('overwrite-written')?.value, { freeAfterBytes: 3 * MIB + 4096 });
  t.match(run.last('not-covered')?.value, { leftOverBytes: 3 * MIB + 4096 });
  t.match(run.last('overwrite-planned')?.value, { scope: /^after the erase/ });
});

t.test('a torn tail is written anew; a wrong byte before it is never a success', async (t) => {
  const made = await overwritePhone(t, { reservedBytes: 0, storageBytes: 56 * MIB });
  const { faults, storage } = made.phone.made;
  const free = storage.free;
  const run = new MemoryRun({ fileBytes: 12 * MIB });
  const fileOf = (index: number) =>
    path.join(storage.media, String(run.intents.at(-1)?.detail['directory']), `f.${index}`);
  const spoil = async (index: number, at: number, bytes: number) => {
    const handle = await open(fileOf(index), 'r+');
    await handle.write(randomBytes(bytes), 0, bytes, at);
    await handle.close();
  };
  faults.afcFullAfter = 23 * MIB;
  t.match(await attempt(made, run), { kind: 'again', code: 'overwrite-incomplete' });
  const { size } = await stat(fileOf(1));
  await spoil(1, size - 70_000, 70_000);
  faults.afcFullAfter = null;
  t.match(await attempt(made, run, { on: { 'overwrite-written': () => spoil(0, 5_000_000, 1) } }), {
    kind: 'failed',
    code: 'overwrite-mismatch',
    detail: { file: 'f.0', offset: 4_997_120 },
  });
  t.same((await lookAtFill(made.phone, run)).wrong, ['f.0'], 'the tail is as it should be');
  t.equal((await lookAtFill(made.phone, run)).bytes, free);
  t.match(run.last('overwrite-read-back'), { holds: false, value: { file: 'f.0' } });
  t.equal(run.last('overwrite-removed'), undefined);
});

t.test(
  'a bit that is read wrong is found, and what an earlier run left is cleared away',
  async (t) => {
    const made = await overwritePhone(t, { reservedBytes: 0 });
    const { faults, storage } = made.phone.made;
    const free = storage.free;
    const run = newRun();
    faults.afcFlipsByteAt = 300_000;
    t.match(await attempt(made, run), { kind: 'failed', code: 'overwrite-mismatch' });
    const value = run.last('overwrite-read-back')?.value;
    t.match(value, { file: 'f.0', offset: 299_008, expected: /^[0-9a-f]{64}$/ });
    t.not(value?.['expected'], value?.['got']);
    faults.afcFlipsByteAt = null;
    await provesAll(t, { made, run: newRun(), free });
  },
);

t.test('an early end of the space is tried again from where it was', async (t) => {
  const made = await overwritePhone(t, { reservedBytes: 0 });
  const { faults, storage } = made.phone.made;
  const free = storage.free;
  const run = newRun();
  faults.afcFullAfter = 9 * MIB;
  const first = await attempt(made, run);
  t.match(first, { kind: 'again', code: 'overwrite-incomplete', detail: { step: 'early-full' } });
  t.same((await lookAtFill(made.phone, run)).wrong, []);
  t.ok(storage.free > 8 * MIB, 'plenty is free');
  faults.afcFullAfter = null;
  const planned = run.last('overwrite-planned');
  run.evidence = run.evidence.filter(({ kind }) => kind === 'overwrite-planned');
  await provesAll(t, { made, run, free });
  t.equal(run.last('overwrite-planned'), planned, 'the plan is the same');
});

t.test('files that are not served, and a policy that wants none, are told apart', async (t) => {
  const policyOf = (overwrite: 'required' | 'if-served' | 'off') => ({
    policy: { iphone: { overwrite, eraseMethods: ['person' as const] } },
  });
  const closed = await overwritePhone(t, { condition: 'already-erased', afcInSetup: false });
  const required = newRun(policyOf('required'));
  t.match(await attempt(closed, required), { kind: 'attention', code: 'iphone-storage-closed' });
  t.same(required.kinds(), []);
  const allowed = newRun(policyOf('if-served'));
  for (const _ of [1, 2]) t.same(await attempt(closed, allowed), { kind: 'done' });
  t.same(allowed.kinds(), ['overwrite-skipped:true']);
  t.match(allowed.last('overwrite-skipped')?.value, {
    why: 'files-not-served',
    said: 'ServiceProhibited',
  });

  const open = await overwritePhone(t);
  const off = newRun(policyOf('off'));
  for (const _ of [1, 2]) t.same(await attempt(open, off), { kind: 'done' });
  t.same(off.kinds(), ['overwrite-skipped:true']);
  t.same(off.last('overwrite-skipped')?.value, { why: 'policy' });
  t.equal(off.intents.length, 0);
});
