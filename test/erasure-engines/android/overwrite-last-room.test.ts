import { execFileSync } from 'node:child_process';
import { readdir, stat, writeFile } from 'node:fs/promises';
import t from 'tap';
import { createAndroidEngine } from '../../../src/erasure-engines/android/android-engine.js';
import { fillFolder, MARKER, makeStorage, markersIn, newRun, root } from './helpers/storage.js';

/** Fills a storage of which `ballast` bytes are taken, and tells what there is when no page goes in any more. */
async function fillBeside(ballast: number) {
  const storage = await makeStorage(64);
  try {
    await writeFile(`${storage.mount}/ballast`, Buffer.alloc(ballast));
    execFileSync('sync');
    const run = newRun();
    let left = -1;
    let sizes: readonly number[] = [];
    storage.link.intercept = async (command) => {
      if (!command.includes('sha256sum') || left >= 0) return null;
      execFileSync('sync');
      left = (await markersIn(storage.image)) * MARKER.length;
      const folder = await fillFolder(storage.work);
      const names = (await readdir(folder)).filter((name) => name.startsWith('f.'));
      sizes = await Promise.all(names.map(async (name) => (await stat(`${folder}/${name}`)).size));
      return null;
    };
    const engine = createAndroidEngine({ link: storage.link, places: storage });
    const outcome = await engine.overwriteErase(run.context('overwrite-erase'));
    const written = run.last('overwrite-written')?.value ?? {};
    const reserved = Number(run.last('not-covered')?.value['reservedBytes']);
    return { outcome, left, sizes, reserved, available: Number(written['availableAfterKb']) };
  } finally {
    await storage.close();
  }
}

t.test(
  'whatever room is left for the last file, ext4 sets no old blocks aside for it',
  { skip: !root },
  async (t) => {
    const { sizes } = await fillBeside(0);
    const tail = Math.min(...sizes);
    let nextToNothing = 0;
    for (const bytes of [0, 4096, 65_536]) {
      const filled = await fillBeside(tail - bytes);
      t.same(filled.outcome, { kind: 'done' });
      t.ok(filled.available <= 4, 'not a page goes in any more');
      t.ok(filled.left <= filled.reserved, `${filled.left} of ${filled.reserved} are left`);
      if (filled.left < filled.reserved / 10) nextToNothing += 1;
    }
    // Seen once beside a whole test run, cause not known: one fill left 496 blocks. Without the care for the last room all do.
    t.ok(nextToNothing >= 2, `${nextToNothing} of 3 fills left next to nothing`);
  },
);
