import { execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { createAndroidEngine } from '../../../src/erasure-engines/android/android-engine.js';
import { LocalLink, SHELL_UID, sightingOf, writePrograms } from './helpers/local-link.js';
import { afterReset, IN_USE, programsOf } from './helpers/probe-answers.js';
import { MemoryRun } from './helpers/run-context.js';

const MARKER = Buffer.from('SELLERS-OLD-SECRET-DATA-7f3a9c1e');
const FILE_BYTES = 2 * 1024 * 1024;
const LARGE_FILE_BYTES = 8 * 1024 * 1024;
const root = process.getuid?.() === 0;

async function untilTrue(test: () => Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await test().catch(() => false))) {
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await delay(10);
  }
}

/** An ext4 file system on an image whose every block held the marker before, as after a reset without discard. */
async function makeStorage(megabytes: number) {
  const folder = await mkdtemp(`${tmpdir()}/sarachi-fill-`);
  const image = `${folder}/data.img`;
  const line = Buffer.alloc(1024 * 1024);
  for (let at = 0; at < line.length; at += MARKER.length) MARKER.copy(line, at);
  const file = await open(image, 'w');
  for (let count = 0; count < megabytes; count += 1) await file.write(line);
  await file.close();
  execFileSync('mkfs.ext4', [
    '-q',
    '-F',
    '-b',
    '4096',
    '-m',
    '2',
    '-E',
    'nodiscard,lazy_itable_init=0,lazy_journal_init=0',
    image,
  ]);
  const mount = `${folder}/data`;
  await mkdir(mount);
  await chmod(folder, 0o755);
  execFileSync('mount', ['-o', 'loop,nodiscard', image, mount]);
  const work = `${mount}/tmp`;
  await mkdir(work);
  await chown(work, SHELL_UID, SHELL_UID);
  const shared = `${mount}/shared`;
  await mkdir(shared);
  await chown(shared, SHELL_UID, SHELL_UID);
  const bin = `${folder}/bin`;
  await writePrograms(bin, programsOf({ ...afterReset(IN_USE), testHarness: true }));
  for (const applet of [
    'stat',
    'sha256sum',
    'df',
    'printf',
    'setsid',
    'nohup',
    'grep',
    'tail',
    'head',
    'ls',
    'mv',
    'rm',
    'sync',
    'sleep',
    'truncate',
  ]) {
    await symlink('/usr/bin/toybox', `${bin}/${applet}`);
  }
  await symlink('/usr/bin/mksh', `${bin}/sh`);
  const link = new LocalLink(bin);
  const close = async () => {
    for (const pid of await fillers(work)) process.kill(pid, 'SIGKILL');
    await untilTrue(async () => {
      execFileSync('umount', [mount], { stdio: 'ignore' });
      return true;
    }, 'unmounted');
    await rm(folder, { recursive: true, force: true });
  };
  return { image, mount, work, shared, link, close };
}

async function fillFolder(work: string): Promise<string> {
  const name = (await readdir(work)).find((one) => one.startsWith('sarachi-fill-'));
  if (!name) throw new Error('no fill folder');
  return `${work}/${name}`;
}

async function fillers(work: string): Promise<number[]> {
  const folder = await fillFolder(work).catch(() => null);
  const names = folder ? await readdir(folder) : [];
  const pid = Number(names.find((name) => name.startsWith('pid.'))?.slice(4) ?? 0);
  if (!pid) return [];
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return line.includes('sarachi-fill') ? [pid] : [];
}

async function markersIn(image: string): Promise<number> {
  let count = 0;
  let rest = Buffer.alloc(0);
  for await (const piece of createReadStream(image, { highWaterMark: 4 * 1024 * 1024 })) {
    const text = Buffer.concat([rest, piece as Buffer]);
    for (let at = text.indexOf(MARKER); at >= 0; at = text.indexOf(MARKER, at + MARKER.length))
      count += 1;
    rest = text.subarray(Math.max(0, text.length - MARKER.length + 1));
  }
  return count;
}

function newRun(fileBytes = FILE_BYTES): MemoryRun {
  return new MemoryRun({
    fileBytes,
    timing: { returnSeconds: 20, leaveSeconds: 1, settleSeconds: 0.2 },
  });
}

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
