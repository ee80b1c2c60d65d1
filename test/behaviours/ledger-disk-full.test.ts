import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import t from 'tap';
import { verifyLedger } from '../../src/ledger/verify-ledger.js';
import { World } from '../support/world.js';

const run = promisify(execFile);

t.test(
  'the ledger disk is full: nothing destructive starts, a person is told, and the run goes on when there is room',
  { skip: process.getuid?.() === 0 ? false : 'mounting a small disk needs root' },
  async (t) => {
    const world = await World.start(t, {
      beforeStart: async (state) => {
        // A disk of its own for the ledger, small enough to be filled.
        await run('mkdir', ['-p', path.join(state, 'ledger')]);
        await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'ledger', path.join(state, 'ledger')]);
      },
    });
    const folder = path.join(world.state, 'ledger');
    t.teardown(() => run('umount', ['-l', folder]).then(() => undefined));
    await writeFile(path.join(folder, 'ballast'), Buffer.alloc(1024 * 1024)).catch(() => undefined);
    const { handset } = await world.plug('P01', {
      spec: { profile: 'google-pixel-9', condition: 'in-use' },
    });
    const stuck = await world.until('P01', ({ attention }) => attention?.code === 'host-trouble');
    t.equal(stuck.error?.code, 'ledger-unwritable');
    t.equal(handset.resets, 0, 'the handset was not touched');
    const ready = await world.get<{ ready?: boolean; checks: { name: string; ok: boolean }[] }>(
      '/readyz',
    );
    t.notOk(ready.checks.find(({ name }) => name === 'ledger')?.ok, 'readyz names the ledger');

    await rm(path.join(folder, 'ballast'));
    await world.until('P01', ({ actions }) => actions.includes('retry'));
    // The daemon looks at a failed disk once a second at most, and says 503 until it has.
    let answer = 503;
    for (let tries = 0; tries < 50 && answer === 503; tries += 1) {
      answer = await world.act('P01', 'retry');
      if (answer === 503) await delay(100);
    }
    t.equal(answer, 202);
    const end = await world.settled('P01', 110);
    t.equal(end.verdict, 'passed', end.reasons.join(', '));
    const report = await verifyLedger(folder);
    t.strictSame(report.faults, [], 'the chain is whole');
  },
);
