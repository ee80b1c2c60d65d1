import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { createAndroidEngine } from '../../../../src/erasure-engines/android/android-engine.js';
import { SarachiError } from '../../../../src/errors.js';
import { LocalLink, sightingOf, writePrograms } from './local-link.js';
import { afterReset, type FakeHandset, programsOf } from './probe-answers.js';

/** How the handset behaves where a well-behaved one resets. */
export interface Manners {
  /** Commands that start a reset but do nothing. */
  readonly deaf?: RegExp;
  /** Leaves and comes back, and has erased nothing. */
  readonly onlyReboots?: boolean;
  /** Comes back with another serial on the bus. */
  readonly swapped?: boolean;
  /** What comes back after a reset. */
  readonly returnsAs?: 'test-harness' | 'no-adb' | 'foyer';
  /** After a reset adb lists for so long what was there before, and nothing answers. */
  readonly staleMs?: number;
}

const button = (id: string) =>
  `<node text="x" resource-id="com.android.settings:id/${id}" package="com.android.settings" clickable="true" enabled="true" checked="false" password="false" bounds="[0,0][100,100]" />`;

/** A handset made of small programs that can be reset, for tests of whole stages. */
export async function playHandset(
  start: FakeHandset,
  manners: Manners = {},
  mode: 'shell' | 'foyer' = 'shell',
) {
  const folder = await mkdtemp(`${tmpdir()}/sarachi-play-`);
  await chmod(folder, 0o755);
  const places = { work: `${folder}/work`, shared: `${folder}/shared` };
  const link = new LocalLink(`${folder}/bin`);
  let handset = start;
  let now: 'shell' | 'foyer' | 'evaluation' = mode;
  let transportId = 1;
  let taps = 0;
  let resets = 0;
  let stale = false;

  async function clear() {
    for (const place of [places.work, places.shared]) {
      await rm(place, { recursive: true, force: true });
      await mkdir(place);
      await chmod(place, 0o777);
    }
  }
  await clear();
  await writePrograms(`${folder}/bin`, programsOf(handset));

  function comeAs(returnsAs: NonNullable<Manners['returnsAs']>) {
    transportId += 1;
    const serial = manners.swapped ? 'android:OTHER99' : 'android:SERIAL01';
    now = returnsAs === 'foyer' ? 'foyer' : 'shell';
    link.move(
      sightingOf({
        transportId,
        handset: serial,
        condition: returnsAs === 'no-adb' ? 'usb:no-adb' : 'adb:device',
      }),
    );
  }

  async function reset(returnsAs: NonNullable<Manners['returnsAs']>) {
    resets += 1;
    link.move(null);
    await delay(30);
    if (manners.onlyReboots) {
      handset = { ...handset, bootId: `33333333-3333-4333-8333-00000000000${resets}` };
    } else {
      await clear();
      handset = {
        ...afterReset(handset),
        testHarness: returnsAs === 'test-harness',
        setUp: returnsAs === 'test-harness',
        tradeInMode: returnsAs === 'foyer' ? '1' : null,
      };
    }
    await writePrograms(`${folder}/bin`, programsOf(handset));
    if (manners.staleMs) {
      stale = true;
      link.move(sightingOf({ transportId }));
      await delay(manners.staleMs);
      stale = false;
    }
    comeAs(manners.onlyReboots ? 'test-harness' : returnsAs);
  }

  /** The power fails and comes back: another boot, everything else as it was. */
  async function restart() {
    link.move(null);
    handset = { ...handset, bootId: '77777777-7777-4777-8777-777777777777' };
    await writePrograms(`${folder}/bin`, programsOf(handset));
    comeAs('test-harness');
  }

  async function evaluate() {
    link.move(null);
    await delay(20);
    handset = { ...handset, tradeInMode: '2' };
    await writePrograms(`${folder}/bin`, programsOf(handset));
    comeAs('test-harness');
    now = 'evaluation';
  }

  const said = (stdout: string) => ({ stdout, stderr: '', exitCode: 0 });
  link.intercept = (command) => {
    if (stale) throw new SarachiError('adb-refused');
    if (now === 'foyer' && !command.startsWith('tradeinmode')) throw new SarachiError('adb-closed');
    if (manners.deaf?.test(command)) return said('');
    if (command === 'cmd testharness enable') {
      void reset(manners.returnsAs ?? 'test-harness');
      return said('');
    }
    if (command === 'tradeinmode evaluate') {
      void evaluate();
      return said('');
    }
    if (command.startsWith('am start')) taps = 0;
    if (command.startsWith('input tap')) {
      taps += 1;
      if (taps === 2) void reset(manners.returnsAs ?? 'no-adb');
      return said('');
    }
    if (command.includes('uiautomator dump'))
      return said(button(['initiate_main_clear', 'execute_main_clear'][taps] ?? 'none'));
    return null;
  };
  link.onReboot = () => {
    if (!manners.deaf?.test('reboot')) void reset('foyer');
  };
  return {
    restart,
    link,
    engine: createAndroidEngine({ link, places }),
    resets: () => resets,
    reset,
    /** A person walks through set-up and switches debugging on. */
    enableDebugging: () => comeAs('test-harness'),
    become: async (change: Partial<FakeHandset>) => {
      handset = { ...handset, ...change };
      await writePrograms(`${folder}/bin`, programsOf(handset));
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
