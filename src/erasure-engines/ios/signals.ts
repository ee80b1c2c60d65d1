import type { HostName } from '../../devices/apple/lockdown/lockdown.js';
import type { Nvram } from '../../devices/apple/services/nvram.js';
import { type Evidence, type JsonObject, toJson } from '../../evidence.js';
import type { Signal } from '../signal.js';
import type { CanaryState } from './canary.js';
import type { IphoneReport, IphoneState } from './report.js';

/** What `before-reset` keeps for the comparison. */
export interface Before {
  readonly host: HostName | null;
  readonly activation: string | null;
  readonly obliteration: string | null;
  readonly obliterationFailure: string | null;
  readonly dataUsedBytes: number | null;
  /** When the state was read, by this host's clock, milliseconds since the epoch. */
  readonly at: number;
}

/** Used storage must fall below this part of what it was to count as collapsed. */
const COLLAPSED = 0.9;
/** How much the handset's clock may be behind this host's. The entry must be a new one besides. */
const CLOCK_SKEW_MS = 120_000;
const NEW_NAME = 'iPhone';

export function beforeReset(report: IphoneReport, host: HostName | null): JsonObject {
  const { state, identity } = report;
  return toJson({
    udid: identity.udid,
    serial: identity.serial,
    imeis: identity.imeis,
    host,
    activation: state.activation,
    obliteration: state.nvram.obliteration,
    obliterationFailure: state.nvram.obliterationFailure,
    dataUsedBytes: usedBytes(state),
    batteryPercent: state.batteryPercent,
  });
}

export function readBefore(fact: Evidence | null): Before | null {
  if (!fact) return null;
  const { value } = fact;
  const text = (key: string) => (typeof value[key] === 'string' ? (value[key] as string) : null);
  const host = value['host'] as JsonObject | null | undefined;
  const used = value['dataUsedBytes'];
  return {
    host: host ? { hostId: String(host['hostId']), systemBuid: String(host['systemBuid']) } : null,
    activation: text('activation'),
    obliteration: text('obliteration'),
    obliterationFailure: text('obliterationFailure'),
    dataUsedBytes: typeof used === 'number' ? used : null,
    at: Date.parse(fact.at),
  };
}

export function canarySignal(
  looks: readonly { readonly path: string; readonly state: CanaryState }[],
): Signal {
  const survived = looks.some(({ state }) => state === 'survived');
  return {
    kind: 'canary-gone',
    method: 'AFC file info',
    holds: !survived && looks.some(({ state }) => state === 'gone'),
    value: { contradicts: survived, canaries: looks.map(({ path, state }) => ({ path, state })) },
  };
}

/** Every signal that a look after the erase gives, compared with the state before. Pure. */
export function signalsOf(
  before: Before,
  report: IphoneReport,
  knowsHost: boolean | null,
): readonly Signal[] {
  const { state } = report;
  return [
    obliterationSignal(before, state.nvram),
    {
      kind: 'not-activated',
      method: 'lockdown ActivationState',
      holds: before.activation !== 'Unactivated' && state.activation === 'Unactivated',
      value: { before: before.activation, after: state.activation },
    },
    {
      kind: 'pairing-forgotten',
      method: 'lockdown StartSession with the host id of before',
      holds: knowsHost === false,
      value: { contradicts: knowsHost === true, known: knowsHost },
    },
    {
      kind: 'settings-as-new',
      method: 'lockdown DeviceName, com.apple.PurpleBuddy SetupDone',
      holds: state.setupDone === false && state.deviceName === NEW_NAME,
      value: { setupDone: state.setupDone, newName: state.deviceName === NEW_NAME },
    },
    storageSignal(before, state),
    {
      kind: 'encryption-state',
      method: 'the version of iOS',
      holds: report.identity.encryption === 'file',
      value: {
        state: report.identity.encryption === 'file' ? 'encrypted' : 'unknown',
        why: 'iOS keeps every file under a key of its own, and destroys the keys above them in an erase (Apple Platform Security)',
      },
    },
  ];
}

/** The firmware's own record: a new entry, and no older than the order where it names a time. */
function obliterationSignal(before: Before, nvram: Nvram): Signal {
  const { obliteration, obliterationFailure } = nvram;
  const changed = obliteration !== null && obliteration !== before.obliteration;
  const epoch = epochOf(obliteration);
  const inTime = epoch === null || epoch * 1000 >= before.at - CLOCK_SKEW_MS;
  const failure =
    obliterationFailure !== null && obliterationFailure !== before.obliterationFailure;
  return {
    kind: 'obliteration-recorded',
    method: 'NVRAM obliteration, oblit-failure',
    holds: changed && inTime && !failure,
    value: {
      contradicts: failure,
      before: before.obliteration,
      after: obliteration,
      failure: obliterationFailure,
      orderedAt: new Date(before.at).toISOString(),
    },
  };
}

/** Seconds since the epoch in `EACS Done @1760000000`; null where the text names none. */
function epochOf(text: string | null): number | null {
  const digits = /@(\d{9,11})\b/.exec(text ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}

function storageSignal(before: Before, state: IphoneState): Signal {
  const after = usedBytes(state);
  const was = before.dataUsedBytes;
  return {
    kind: 'storage-collapsed',
    method: 'lockdown com.apple.disk_usage',
    holds: was !== null && after !== null && after <= was * COLLAPSED,
    value: { beforeBytes: was, afterBytes: after },
  };
}

function usedBytes({ dataTotalBytes, dataAvailableBytes }: IphoneState): number | null {
  return dataTotalBytes === null || dataAvailableBytes === null
    ? null
    : Math.max(0, dataTotalBytes - dataAvailableBytes);
}
