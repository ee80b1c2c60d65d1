import type { AndroidProfile } from './profile.js';

export interface Account {
  readonly name: string;
  readonly type: string;
}

export interface Battery {
  readonly level: number;
  readonly charging: boolean;
  /** Tenths of a degree Celsius. */
  readonly temperature: number;
  readonly cycles: number;
}

export interface Sim {
  readonly slot: number;
  readonly iccId: string;
  readonly embedded: boolean;
}

export interface UserRow {
  readonly id: number;
  readonly name: string;
  readonly flags: string;
}

export type SettingsTable = Readonly<Record<string, string>>;

export type Screen =
  | 'setup-wizard'
  | 'launcher'
  | 'lock'
  | 'confirm-credential'
  | 'reset-first'
  | 'reset-final'
  | 'reset-forbidden'
  | 'reset-vendor'
  | 'erasing';

/** What the running system knows. Survives an ordinary reboot; `factoryReset` says what a reset leaves. */
export interface SystemState {
  readonly profile: AndroidProfile;
  readonly serial: string;
  readonly imeis: readonly string[];
  readonly language: 'ja' | 'en';
  /** MASTER_CLEAR given to the shell: never so on retail builds. */
  readonly shellMayMasterClear: boolean;
  readonly mode: 'normal' | 'foyer' | 'evaluation';
  readonly adbEnabled: boolean;
  /** Base64 of each trusted host key. */
  readonly trustedKeys: readonly string[];
  readonly testHarness: boolean;
  readonly bootId: string;
  readonly bootReason: string;
  readonly bootCompleted: boolean;
  readonly firstBoot: boolean;
  readonly settings: {
    readonly global: SettingsTable;
    readonly secure: SettingsTable;
    readonly system: SettingsTable;
  };
  readonly accounts: readonly Account[];
  readonly packages: readonly string[];
  readonly users: readonly UserRow[];
  readonly deviceOwner: { readonly component: string; readonly organisation: boolean } | null;
  readonly restrictions: readonly string[];
  readonly screenLock: string | null;
  /** The persistent data block: outlives every reset that is not asked for on the Settings screen. */
  readonly frp: { readonly challengeBytes: number; readonly active: boolean };
  readonly battery: Battery;
  readonly sims: readonly Sim[];
  readonly screen: Screen;
  /** What a test or an odd maker puts over a property. */
  readonly oddProperties: Readonly<Record<string, string>>;
}

export const OWNER: UserRow = { id: 0, name: 'Owner', flags: 'c13' };

/** Who asked for a reset. Only the first two are trusted and clear the persistent data block. */
export type ResetBy = 'settings-screen' | 'person' | 'test-harness' | 'broadcast' | 'trade-in';

/** What only a new boot or a new system makes up. */
export interface FreshIds {
  readonly bootId: string;
  readonly androidId: string;
}

const FRP_FROM_SDK = 22;

export function afterReboot(state: SystemState, bootId: string): SystemState {
  return {
    ...state,
    bootId,
    bootReason: 'reboot',
    bootCompleted: false,
    firstBoot: false,
    screen:
      state.screen === 'setup-wizard' ? 'setup-wizard' : state.screenLock ? 'lock' : 'launcher',
  };
}

/** The state in which a handset stands after a factory reset (AOSP TestHarnessModeService, MainClearConfirm, tradeinmode). */
export function factoryReset(state: SystemState, by: ResetBy, ids: FreshIds): SystemState {
  const trusted = by === 'settings-screen' || by === 'person';
  const harness = by === 'test-harness';
  const locked = !trusted && state.frp.challengeBytes > 0 && state.profile.sdk >= FRP_FROM_SDK;
  const foyer = state.profile.sdk >= 36 && !harness;
  const flag = harness ? '1' : '0';
  return {
    ...state,
    mode: foyer ? 'foyer' : 'normal',
    adbEnabled: foyer || harness,
    trustedKeys: harness ? state.trustedKeys : [],
    testHarness: harness,
    bootId: ids.bootId,
    bootReason: by === 'trade-in' ? 'reboot,tradeinmode,wipe' : 'reboot,factory_reset',
    bootCompleted: false,
    firstBoot: true,
    settings: {
      global: {
        device_provisioned: flag,
        adb_enabled: foyer || harness ? '1' : '0',
        secure_frp_mode: locked ? '1' : '0',
        development_settings_enabled: flag,
        ...(harness
          ? {
              package_verifier_include_adb: '0',
              stay_on_while_plugged_in: '15',
              ota_disable_automatic_update: '1',
              adb_allowed_connection_time: '0',
            }
          : {}),
      },
      secure: {
        android_id: ids.androidId,
        user_setup_complete: flag,
        ...(harness ? { location_mode: '3' } : {}),
      },
      system: { screen_off_timeout: '60000' },
    },
    accounts: [],
    packages: [],
    users: [OWNER],
    deviceOwner: null,
    restrictions: [],
    screenLock: null,
    frp: trusted ? { challengeBytes: 0, active: false } : { ...state.frp, active: locked },
    screen: harness ? 'launcher' : 'setup-wizard',
  };
}

/** A broken reset: the set-up flags are cleared and nothing else. */
export function settingsOnlyReset(state: SystemState, by: ResetBy, bootId: string): SystemState {
  const { secure } = state.settings;
  const reset = factoryReset(state, by, { bootId, androidId: secure['android_id'] ?? '' });
  return { ...reset, packages: state.packages, bootReason: 'reboot', firstBoot: false };
}
