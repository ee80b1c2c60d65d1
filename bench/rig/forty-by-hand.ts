import { setMaxListeners } from 'node:events';
import path from 'node:path';
import { connectTcp, disconnectTcp } from '../../src/devices/adb/adb-host.js';
import { AdbServer } from '../../src/devices/adb/adb-server.js';
import { parcelString } from '../../src/erasure-engines/android/parsers/imei.js';
import { createLog } from '../../src/log.js';
import { SimulatedRack } from '../../src/simulator/rack.js';
import { TcpCables } from '../../src/simulator/tcp-cables.js';
import { raceAbort } from '../../src/wait.js';
import { adbKey, endpointOf } from './adb-key.js';
import { command } from './command.js';
import { fortyHandsets, type Identified, type Waiting } from './forty-handsets.js';

const DOOR_MS = 30_000;
const LONGEST_MS = 300_000;

/** What the daemon asks for, as one asks by hand: a call of `adb` for each fact. Argument: serial. */
const BY_HAND = `
a() { adb -s "$1" shell "$2"; }
adb -s "$1" wait-for-device
a "$1" getprop
a "$1" 'service call iphonesubinfo 4 i32 0 s16 com.android.shell'
a "$1" 'service call iphonesubinfo 4 i32 1 s16 com.android.shell'
a "$1" 'dumpsys battery'
a "$1" 'dumpsys account'
a "$1" 'df -k /data/local/tmp'
a "$1" 'pm list packages'
a "$1" 'pm list packages -3'
a "$1" 'pm list features'
a "$1" 'pm list users'
a "$1" 'cat /proc/sys/kernel/random/boot_id'
a "$1" 'cat /proc/meminfo'
a "$1" 'cat /proc/partitions'
a "$1" 'cat /proc/mounts'
a "$1" 'settings get secure android_id'
a "$1" 'settings get secure user_setup_complete'
a "$1" 'settings get global device_provisioned'
a "$1" 'settings get global secure_frp_mode'
a "$1" 'dumpsys persistent_data_block'
a "$1" 'dpm list-owners'
a "$1" 'dumpsys device_policy'
a "$1" 'dumpsys user'
a "$1" 'content query --uri content://telephony/siminfo --projection sim_id:is_embedded'
a "$1" 'sm get-fbe-mode'
a "$1" 'locksettings get-disabled'
a "$1" 'service check testharness'
a "$1" 'service check tradeinmode'
a "$1" 'dumpsys package com.android.shell'
a "$1" 'cmd package resolve-activity --brief -a com.android.settings.action.FACTORY_RESET'
a "$1" 'command -v uiautomator'
a "$1" 'ls -d /product/etc/felica/common.cfg /vendor/etc/felica/common.cfg /system/etc/felica/common.cfg /dev/felica'
`;

/** How often the script calls `adb` for one handset. */
export const CALLS_BY_HAND = BY_HAND.match(/^(adb -s|a )/gm)?.length ?? 0;

/** Forty handsets to an adb server at once, and one script for each; from the plug to the end of its script. */
export async function fortyByHand(state: string, signal: AbortSignal): Promise<Identified> {
  const server = new AdbServer({ folder: path.join(state, 'adb'), log: createLog('silent') });
  const wait = () => ({ signal, timeoutMs: DOOR_MS });
  const scripts = new Map<string, (address: string) => void>();
  const cables = new TcpCables({
    connect: async (address, usbPath) => {
      scripts.get(usbPath)?.(address);
      await connectTcp(server.endpoint, endpointOf(address), wait());
      return true;
    },
    disconnect: (address) =>
      disconnectTcp(server.endpoint, endpointOf(address), {
        signal: new AbortController().signal,
        timeoutMs: DOOR_MS,
      }),
  });
  const rack = new SimulatedRack({
    stateDir: state,
    cable: (handset, usbPath) => cables.cable(handset, usbPath),
  });
  const late = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
  setMaxListeners(0, late);
  try {
    await server.start(wait());
    const waiting = await fortyHandsets(rack, state, await adbKey(server.publicKeyPath));
    const plugged = new Map<string, number>();
    const ends = waiting.map(
      (one) =>
        new Promise<Ended>((resolve) => {
          scripts.set(one.usbPath, (address) => {
            scripts.delete(one.usbPath);
            const script = { address, port: server.endpoint.port, signal: late };
            const from = () => plugged.get(one.port) ?? 0;
            void byHand(one, script).then((known) =>
              resolve({ port: one.port, ms: known ? Date.now() - from() : null }),
            );
          });
        }),
    );
    for (const { port, usbPath, handset } of waiting) {
      plugged.set(port, Date.now());
      rack.plug(usbPath, handset);
    }
    const all = await raceAbort(Promise.all(ends), signal);
    return {
      latenciesMs: all.flatMap(({ ms }) => (ms === null ? [] : [ms])),
      lost: all.filter(({ ms }) => ms === null).map(({ port }) => port),
    };
  } finally {
    try {
      await rack.close();
    } finally {
      await server.stop();
    }
  }
}

interface Ended {
  readonly port: string;
  /** Null where it was not identified. */
  readonly ms: number | null;
}

interface Script {
  readonly address: string;
  /** Of the adb server. */
  readonly port: number;
  readonly signal: AbortSignal;
}

/** Whether the script for one handset came to its end and made it known. */
async function byHand(one: Waiting, { address, port, signal }: Script): Promise<boolean> {
  const env = { ANDROID_ADB_SERVER_PORT: String(port) };
  const options = { signal, env, anyExit: true };
  return await command('sh', ['-c', BY_HAND, 'by-hand', address], options).then(
    (said) => isIdentified(said, one),
    () => false,
  );
}

/** Whether the answers hold what makes a handset known: its serial, its IMEIs, its accounts. */
function isIdentified(said: string, { handset }: Waiting): boolean {
  const imeis = said
    .split('Result: ')
    .slice(1)
    .map((answer) => parcelString(answer));
  return (
    said.includes(`[ro.serialno]: [${handset.serial}]`) &&
    handset.state.imeis.every((imei) => imeis.includes(imei)) &&
    said.includes('Accounts: 1')
  );
}
