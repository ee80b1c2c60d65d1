import { shellQuote } from '../../text.js';
import type { ImeiCall } from './parsers/imei.js';

const IMEI_CALLS: readonly ImeiCall[] = ['1', '3:0', '3:1', '4:0', '4:1', '5:0', '5:1'];

/** Name of each section and the command behind it. Order is the order of running. */
const COMMANDS: readonly (readonly [name: string, command: string])[] = [
  ['props', 'getprop'],
  ['id', 'id -u'],
  ['boot-id', 'cat /proc/sys/kernel/random/boot_id'],
  ['meminfo', 'grep MemTotal /proc/meminfo'],
  ['partitions', 'cat /proc/partitions'],
  ['mounts', "grep ' /data ' /proc/mounts"],
  ['battery', 'dumpsys battery'],
  // Only the lines that are read: the rest of the dump is a history of the person's accounts.
  ['account', "dumpsys account | grep -e Accounts: -e 'Account {'"],
  ['users', 'pm list users'],
  ['packages', 'pm list packages'],
  ['added', 'pm list packages -3'],
  ['features', 'pm list features'],
  ['android-id', 'settings get secure android_id'],
  ['setup', 'settings get secure user_setup_complete'],
  ['provisioned', 'settings get global device_provisioned'],
  ['frp-mode', 'settings get global secure_frp_mode'],
  ['pdb', 'dumpsys persistent_data_block'],
  ['owners', 'dpm list-owners'],
  ['policy', 'dumpsys device_policy'],
  ['user-dump', 'dumpsys user'],
  ['sims', 'content query --uri content://telephony/siminfo --projection sim_id:is_embedded'],
  ['fbe', 'sm get-fbe-mode'],
  ['lock-off', 'locksettings get-disabled'],
  ['harness-service', 'service check testharness'],
  ['trade-in-service', 'service check tradeinmode'],
  ['trade-in', 'tradeinmode getstatus'],
  ['master-clear', "dumpsys package com.android.shell | grep 'android.permission.MASTER_CLEAR'"],
  [
    'reset-screen',
    'cmd package resolve-activity --brief -a com.android.settings.action.FACTORY_RESET',
  ],
  ['uiautomator', 'command -v uiautomator'],
  [
    'felica-files',
    `ls -d ${['/product', '/vendor', '/system', '/system_ext', '/odm']
      .flatMap((root) => [
        `${root}/etc/felica/common.cfg`,
        `${root}/framework/com.felicanetworks.felica.jar`,
      ])
      .join(' ')} /dev/felica 2>/dev/null; true`,
  ],
];

/**
 * One command line that prints every section between marker lines, for `splitSections`. Runs in mksh with toybox of
 * Android 7 and later: no arrays, no process substitution, each answer capped by `head -c`.
 * @param marker random letters and digits, new for every call
 * @param dataPath a path on the file system that holds the person's data
 */
export function probeScript(marker: string, dataPath: string): string {
  const imei = IMEI_CALLS.map((call): [string, string] => {
    const [code, slot] = call.split(':');
    const argument = slot === undefined ? '' : ` i32 ${slot}`;
    return [`imei:${call}`, `service call iphonesubinfo ${code}${argument} s16 com.android.shell`];
  });
  const all = [...COMMANDS, ...imei, ['df', `df -k ${shellQuote(dataPath)}`] as const];
  const lines = all.map(([name, command]) => `S ${name} ${shellQuote(command)}`);
  return [
    `M=${marker}`,
    // The end marker goes through the same pipe, so a capped answer has none and is known to be cut.
    'S(){ echo "$M begin $1"; { eval "$2" 2>&1 </dev/null; r=$?; echo; echo "$M end $r"; } | head -c 98304; echo; }',
    ...lines,
  ].join('\n');
}
