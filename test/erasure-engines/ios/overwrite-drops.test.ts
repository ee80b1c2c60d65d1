import { randomInt } from 'node:crypto';
import t from 'tap';
import { SarachiError } from '../../../src/errors.js';
import { MIB } from '../../simulator/apple/fixtures.js';
import { seeded } from '../../support/random.js';
import { attempt, type OverwritePhone, overwritePhone } from './helpers/overwrite-phone.js';
import { newRun, provesAll } from './helpers/overwrite-proof.js';

const seed = randomInt(2 ** 31);
const random = seeded(seed);
const somewhere = () => MIB + Math.floor(random() * 20 * MIB);

t.test(`it goes on after each kind of drop and leaves no byte out (seed ${seed})`, async (t) => {
  const drops: Readonly<Record<string, (made: OverwritePhone) => Promise<void>>> = {
    'the AFC connection dies in a write': async ({ phone }) => {
      phone.made.faults.afcDiesAfter = somewhere();
    },
    'the cable is out for a moment': async ({ phone }) => {
      phone.made.faults.cableDrop = { afterAfcBytes: somewhere(), forMs: 200 };
    },
    'both, one after the other': async ({ phone }) => {
      phone.made.faults.afcDiesAfter = somewhere();
      phone.made.faults.cableDrop = { afterAfcBytes: somewhere(), forMs: 50 };
    },
  };
  for (const [name, drop] of Object.entries(drops)) {
    await t.test(name, async (t) => {
      const made = await overwritePhone(t, { reservedBytes: 0 });
      const free = made.phone.made.storage.free;
      await drop(made);
      await provesAll(t, { made, run: newRun(), free });
      t.match(made.phone.made.faults, { afcDiesAfter: null, cableDrop: null }, 'it happened');
    });
  }

  for (const step of ['fill', 'read-back']) {
    await t.test(`usbmuxd is restarted, and the phone plugged anew, in the ${step}`, async (t) => {
      const made = await overwritePhone(t, { reservedBytes: 0 });
      const free = made.phone.made.storage.free;
      let restarts = 0;
      const restart = async () => {
        await made.rack.usbmuxd.stop();
        await made.rack.usbmuxd.start();
        restarts += 1;
        if (step === 'read-back') made.phone.unplug();
        if (step === 'read-back') made.phone.plug();
      };
      let restarting: Promise<void> | null = null;
      await provesAll(
        t,
        { made, run: newRun(), free },
        {
          onProgress: (progress) => {
            if (progress.step === step) restarting ??= restart();
          },
        },
      );
      await restarting;
      t.equal(restarts, 1);
    });

    await t.test(`the daemon is killed in the ${step}`, async (t) => {
      const made = await overwritePhone(t, { reservedBytes: 0 });
      const free = made.phone.made.storage.free;
      const run = newRun();
      const killed = new AbortController();
      const first = attempt(made, run, {
        signal: killed.signal,
        onProgress: (progress) => {
          if (progress.step === step) killed.abort(new SarachiError('aborted'));
        },
      });
      await t.rejects(first, { code: 'aborted' });
      const written = run.kinds().filter((kind) => kind === 'overwrite-written:true').length;
      t.equal(written, step === 'fill' ? 0 : 1);
      await provesAll(t, { made, run, free });
    });
  }
});
