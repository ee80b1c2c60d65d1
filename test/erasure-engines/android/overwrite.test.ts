import { execFileSync } from 'node:child_process';
import { open, readdir, rm, stat } from 'node:fs/promises';
import t from 'tap';
import { createAndroidEngine } from '../../../src/erasure-engines/android/android-engine.js';
import { sightingOf } from './helpers/local-link.js';
import {
  fillers,
  fillFolder,
  MARKER,
  makeStorage,
  markersIn,
  newRun,
  root,
  untilTrue,
} from './helpers/storage.js';

const LARGE_FILE_BYTES = 8 * 1024 * 1024;

t.test(
  'the storage is filled to the last block, read back and removed, and next to nothing old is left',
  { skip: !root },
  async (t) => {
    const storage = await makeStorage(128);
    t.teardown(storage.close);
    const { link, image } = storage;
    const run = newRun(LARGE_FILE_BYTES);
    const engine = createAndroidEngine({ link, places: storage });
    let leftWhenFull = -1;
    link.intercept = async (command) => {
      if (command.includes('sha256sum') && leftWhenFull < 0) {
        execFileSync('sync');
        leftWhenFull = await markersIn(image);
      }
      return null;
    };
    const outcome = await engine.overwriteErase(run.context('overwrite-erase'));
    t.same(outcome, { kind: 'done' });
    t.same(run.kinds(), [
      'gates:true',
      'overwrite-planned:true',
      'overwrite-written:true',
      'not-covered:true',
      'overwrite-read-back:true',
      'overwrite-removed:true',
    ]);

    const written = run.last('overwrite-written')?.value ?? {};
    t.ok(Number(written['availableAfterKb']) <= 4, 'not a page goes in any more');
    t.ok(Number(written['coveragePercent']) > 98, `coverage ${written['coveragePercent']}`);
    const reserved = Number(run.last('not-covered')?.value['reservedBytes']);
    t.ok(reserved > 2_000_000, `the reserve of ${reserved} bytes is named`);
    // A plain fill leaves old data in every block that is held back.
    const left = leftWhenFull * MARKER.length;
    t.ok(left < reserved / 10, `${left} old bytes are left where ${reserved} are held back`);
    t.ok(link.bytesMoved() < 2_000_000, `${link.bytesMoved()} bytes moved`);
    t.same(
      (await readdir(storage.work)).filter((name) => name.startsWith('sarachi')),
      [],
    );
    t.ok(run.progress.some(({ step }) => step === 'read-back'));
  },
);

t.test('a killed filler and a pulled cable cost nothing but time', { skip: !root }, async (t) => {
  const storage = await makeStorage(64);
  t.teardown(storage.close);
  const { link, work } = storage;
  const run = newRun();
  const engine = createAndroidEngine({ link, places: storage });
  const stop = new AbortController();
  const first = engine.overwriteErase(run.context('overwrite-erase', stop.signal));
  first.catch(() => undefined);
  await untilTrue(
    async () => (await stat(`${await fillFolder(work)}/f.2`)).size > 0,
    'third file begun',
  );
  stop.abort();
  await t.rejects(first, { code: 'aborted' });
  const [pid] = await fillers(work);
  if (pid) process.kill(pid, 'SIGKILL');
  const planned = run.evidence.filter(({ kind }) => kind === 'overwrite-planned');

  let pulled = 0;
  link.intercept = (command) => {
    if (!command.includes('sha256sum') || pulled > 0) return null;
    pulled += 1;
    setTimeout(() => link.move(null), 150);
    setTimeout(() => link.move(sightingOf({ transportId: 2 })), 400);
    return null;
  };
  t.same(await engine.overwriteErase(run.context('overwrite-erase')), { kind: 'done' });
  t.same(
    run.evidence.filter(({ kind }) => kind === 'overwrite-planned'),
    planned,
    'the plan was not made anew',
  );
  t.equal(run.last('overwrite-read-back')?.holds, true);
  t.same(
    await engine.overwriteErase(run.context('overwrite-erase')),
    { kind: 'done' },
    'a third call does nothing',
  );
});

t.test('one flipped byte is found', { skip: !root }, async (t) => {
  const storage = await makeStorage(32);
  t.teardown(storage.close);
  const { link, work } = storage;
  const run = newRun();
  let flipped = false;
  link.intercept = async (command) => {
    if (!command.includes('sha256sum') || flipped) return null;
    flipped = true;
    const file = await open(`${await fillFolder(work)}/f.3`, 'r+');
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, 777_777);
    byte[0] = (byte[0] ?? 0) ^ 0x10;
    await file.write(byte, 0, 1, 777_777);
    await file.close();
    return null;
  };
  const outcome = await createAndroidEngine({ link, places: storage }).overwriteErase(
    run.context('overwrite-erase'),
  );
  t.same(outcome, { kind: 'failed', code: 'overwrite-mismatch', detail: { file: 'f.3' } });
  t.match(run.last('overwrite-read-back'), { holds: false, value: { file: 'f.3', offset: null } });
});

t.test(
  'a hot battery pauses the filler, and a wiped storage restarts the stage',
  { skip: !root },
  async (t) => {
    const storage = await makeStorage(64);
    t.teardown(storage.close);
    const { link, work } = storage;
    const run = newRun();
    let hot = 0;
    let wiped = false;
    const heldSizes: number[] = [];
    link.intercept = async (command) => {
      if (!command.includes('echo state.*')) return null;
      const folder = await fillFolder(work).catch(() => null);
      if (!folder) return { stdout: 'lost\n', stderr: '', exitCode: 0 };
      if (hot === 3) {
        if (!wiped) {
          wiped = true;
          for (const pid of await fillers(work)) process.kill(pid, 'SIGKILL');
          await rm(folder, { recursive: true, force: true });
          return { stdout: 'lost\n', stderr: '', exitCode: 0 };
        }
        return null;
      }
      if ((await readdir(folder)).includes('hold')) heldSizes.push(hot);
      hot += 1;
      return {
        stdout: `state.filling\nalive\n/dev/x 100000 50000 ${40000 - hot} 50% /data\n  temperature: 470\n`,
        stderr: '',
        exitCode: 0,
      };
    };
    const engine = createAndroidEngine({ link, places: storage });
    t.match(await engine.overwriteErase(run.context('overwrite-erase')), {
      kind: 'again',
      code: 'handset-gone',
      detail: { restart: true },
    });
    t.ok(heldSizes.length > 0, 'it was told to hold');
    t.same(await engine.overwriteErase(run.context('overwrite-erase')), { kind: 'done' });
    t.equal(
      run.evidence.filter(({ kind }) => kind === 'overwrite-planned').length,
      2,
      'a new seed for the new storage',
    );
  },
);
