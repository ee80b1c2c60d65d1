import { type Evidence, type JsonObject, toJson } from '../../evidence.js';
import type { Signal } from '../signal.js';
import type { CanaryState } from './canary.js';
import type { HandsetReport, HandsetState } from './report.js';

/** What `before-reset` keeps for the comparison. */
export interface Before {
  readonly androidId: string | null;
  readonly bootId: string | null;
  readonly accounts: number | null;
  readonly addedApps: number | null;
  readonly dataUsedKb: number | null;
  readonly mode: string;
}

/** Used storage must fall below this part of what it was to count as collapsed. */
const COLLAPSED = 0.9;
/** Reasons that init or a maker's recovery leave behind (AOSP system/core bootstat, init/reboot). */
const RESET_REASON = /factory_reset|master_clear|tradeinmode,wipe|wipe_data|recovery,wipe/i;

export function beforeReset(report: HandsetReport): JsonObject {
  const { identity, capabilities, state, serials } = report;
  return toJson({
    serials,
    imeis: identity.imeis,
    build: identity.build,
    mode: capabilities.mode,
    androidId: state.androidId,
    bootId: state.bootId,
    accounts: state.accounts,
    addedApps: state.addedApps,
    dataUsedKb: state.dataUsedKb,
    batteryPercent: state.batteryPercent,
  });
}

export function readBefore(fact: Evidence | null): Before | null {
  if (!fact) return null;
  const text = (key: string) =>
    typeof fact.value[key] === 'string' ? (fact.value[key] as string) : null;
  const number = (key: string) =>
    typeof fact.value[key] === 'number' ? (fact.value[key] as number) : null;
  return {
    androidId: text('androidId'),
    bootId: text('bootId'),
    accounts: number('accounts'),
    addedApps: number('addedApps'),
    dataUsedKb: number('dataUsedKb'),
    mode: text('mode') ?? '',
  };
}

export function canarySignal(
  looks: readonly { readonly path: string; readonly state: CanaryState }[],
): Signal {
  const survived = looks.some(({ state }) => state === 'survived');
  return {
    kind: 'canary-gone',
    method: 'adb shell test -e, ls',
    holds: !survived && looks.some(({ state }) => state === 'gone'),
    value: { contradicts: survived, canaries: looks.map(({ path, state }) => ({ path, state })) },
  };
}

/** Every signal that a full look from inside gives, compared with the state before. Pure. */
export function insideSignals(before: Before, report: HandsetReport): readonly Signal[] {
  const { state, capabilities } = report;
  return [
    identitySignal(before, state),
    emptySignal(before, state),
    storageSignal(before, state),
    {
      kind: 'setup-not-complete',
      method: 'settings get secure user_setup_complete; settings get global device_provisioned',
      holds: state.setupComplete === false && state.provisioned === false,
      value: { setupComplete: state.setupComplete, provisioned: state.provisioned },
    },
    {
      kind: 'boot-reason-reset',
      method: 'getprop sys.boot.reason',
      holds: RESET_REASON.test(state.bootReason ?? ''),
      value: { bootReason: state.bootReason },
    },
    encryptionSignal(state),
    ...(capabilities.mode === 'test-harness' && before.mode !== 'test-harness'
      ? [
          {
            kind: 'test-harness-active' as const,
            method: 'getprop persist.sys.test_harness',
            holds: state.testHarnessActive,
            value: { active: state.testHarnessActive },
          },
        ]
      : []),
  ];
}

function identitySignal(before: Before, state: HandsetState): Signal {
  const both = before.androidId !== null && state.androidId !== null;
  return {
    kind: 'android-id-changed',
    method: 'settings get secure android_id',
    holds: both && before.androidId !== state.androidId,
    value: {
      contradicts: both && before.androidId === state.androidId,
      before: before.androidId,
      after: state.androidId,
    },
  };
}

/** Never contradicts: the gates saw no account before the reset, so one that is there now was added after it. */
function emptySignal(before: Before, state: HandsetState): Signal {
  return {
    kind: 'no-accounts-no-apps',
    method: 'dumpsys account; pm list packages -3; pm list users',
    holds: state.accounts === 0 && state.addedApps === 0 && state.users === 1,
    value: {
      accounts: state.accounts,
      addedApps: state.addedApps,
      addedAppsBefore: before.addedApps,
      users: state.users,
    },
  };
}

function storageSignal(before: Before, state: HandsetState): Signal {
  const both = before.dataUsedKb !== null && state.dataUsedKb !== null;
  return {
    kind: 'storage-collapsed',
    method: 'df -k',
    holds: both && (state.dataUsedKb ?? 0) <= (before.dataUsedKb ?? 0) * COLLAPSED,
    value: { beforeKb: before.dataUsedKb, afterKb: state.dataUsedKb },
  };
}

export function encryptionSignal(state: HandsetState): Signal {
  const { crypto } = state;
  return {
    kind: 'encryption-state',
    method: 'getprop ro.crypto.state, ro.crypto.type, ro.crypto.metadata.enabled',
    holds: crypto.state === 'encrypted',
    value: { state: crypto.state, type: crypto.type, metadata: crypto.metadata },
  };
}
