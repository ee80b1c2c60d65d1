import { hasTradeInMode } from '../profile.js';
import type { SystemState } from '../system-state.js';
import { type FrameworkCommand, refuse, say } from './command.js';

/** Every property that the shell may read, sorted as getprop prints them. */
export function propertiesOf(state: SystemState): ReadonlyMap<string, string> {
  const { profile } = state;
  const fingerprint = `${profile.brand}/${profile.product}/${profile.device}:${profile.android}/${profile.buildId}/1:user/release-keys`;
  const slots = Array.from({ length: profile.simSlots }, (_, slot) =>
    state.sims.some((sim) => sim.slot === slot) ? 'LOADED' : 'ABSENT',
  );
  const pairs: Record<string, string> = {
    'gsm.sim.state': slots.join(','),
    'gsm.version.baseband': 'g5123b-112054-220131',
    'persist.sys.locale': state.language === 'ja' ? 'ja-JP' : 'en-US',
    'persist.sys.usb.config': state.adbEnabled ? 'adb' : 'none',
    'ro.adb.secure': '1',
    'ro.boot.bootreason': state.bootReason,
    'ro.boot.flash.locked': '1',
    'ro.boot.hardware.sku': profile.device,
    'ro.boot.serialno': state.serial,
    'ro.boot.vbmeta.device_state': 'locked',
    'ro.boot.verifiedbootstate': 'green',
    'ro.build.display.id': profile.buildId,
    'ro.build.fingerprint': fingerprint,
    'ro.build.id': profile.buildId,
    'ro.build.type': 'user',
    'ro.build.version.release': String(profile.android),
    'ro.build.version.sdk': String(profile.sdk),
    'ro.build.version.security_patch': profile.securityPatch,
    'ro.crypto.state': profile.encryption === 'none' ? 'unencrypted' : 'encrypted',
    'ro.crypto.type': profile.encryption,
    'ro.debuggable': '0',
    'ro.oem_unlock_supported': '1',
    'ro.product.brand': profile.brand,
    'ro.product.cpu.abi': 'arm64-v8a',
    'ro.product.device': profile.device,
    'ro.product.first_api_level': String(profile.launchLevel),
    'ro.product.manufacturer': profile.manufacturer,
    'ro.product.model': profile.model,
    'ro.product.name': profile.product,
    'ro.secure': '1',
    'ro.serialno': state.serial,
    'sys.boot.reason': state.bootReason,
    'sys.oem_unlock_allowed': '0',
  };
  if (state.bootCompleted) {
    pairs['sys.boot_completed'] = '1';
    pairs['dev.bootcomplete'] = '1';
  }
  if (state.firstBoot) pairs['ro.runtime.firstboot'] = '1700000000000';
  if (profile.metadataEncryption) pairs['ro.crypto.metadata.enabled'] = 'true';
  if (profile.frpPartition) pairs['ro.frp.pst'] = '/dev/block/by-name/frp';
  if (profile.esim) pairs['ro.setupwizard.esim_cid_ignore'] = '00000001';
  if (profile.brand === 'samsung') {
    pairs['ro.boot.warranty_bit'] = '0';
    pairs['ro.csc.country_code'] = 'Japan';
  }
  if (state.testHarness) pairs['persist.sys.test_harness'] = '1';
  if (hasTradeInMode(profile)) {
    const mode = { normal: '-1', foyer: '1', evaluation: '2' }[state.mode];
    pairs['persist.adb.tradeinmode'] = mode;
  }
  const all = { ...pairs, ...state.oddProperties };
  return new Map(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export const getprop: FrameworkCommand = (state, args) => {
  const properties = propertiesOf(state);
  const [name, fallback] = args;
  if (name !== undefined) return say([properties.get(name) || fallback || '']);
  return say([...properties].map(([key, value]) => `[${key}]: [${value}]`));
};

/** Properties are guarded by SELinux; the shell may set next to none of them. */
export const setprop: FrameworkCommand = (_state, args) => {
  const [name, value] = args;
  if (name === undefined || value === undefined) return refuse(1, 'usage: setprop NAME VALUE');
  if (/^(debug|log|persist\.log)\./.test(name)) return say('');
  return refuse(
    1,
    `Failed to set property '${name}' to '${value}'.`,
    'See dmesg for error reason.',
  );
};
