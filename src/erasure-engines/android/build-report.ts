import type { HandsetIdentity } from '../../handset.js';
import { isImei } from '../../imei.js';
import { cleanField, cleanSerial } from '../../text.js';
import { felicaSigns } from './felica-signs.js';
import { parseAccounts } from './parsers/accounts.js';
import { parseBattery } from './parsers/battery.js';
import { frpState } from './parsers/frp.js';
import { pickImeis } from './parsers/imei.js';
import { parseOwner, parseResetForbidden } from './parsers/owners.js';
import { parseFeatures, parsePackages, parseUserCount } from './parsers/packages.js';
import { firstOf, type Properties, parseProperties } from './parsers/properties.js';
import { answered, type Sections } from './parsers/sections.js';
import { esimProfile, simInserted } from './parsers/sims.js';
import { parseDiskFree, parseLargestDisk, parseMemTotal } from './parsers/storage.js';
import { parseTradeInStatus, type TradeInStatus } from './parsers/trade-in-status.js';
import type { AndroidCapabilities, HandsetReport, HandsetState, Mode } from './report.js';

/** Puts the answers of one probe together. Pure; what was not answered is null or `unknown`. */
export function buildReport(sections: Sections): HandsetReport {
  const properties = parseProperties(sections.get('props')?.text ?? '');
  const status = parseTradeInStatus(answered(sections, 'trade-in') ?? '');
  const sdk = integer(properties.get('ro.build.version.sdk'));
  const state = readState(sections, properties, sdk);
  return {
    identity: readIdentity({ sections, properties, status, sdk, state }),
    capabilities: readCapabilities({ sections, properties, sdk }),
    state,
    serials: serialsOf(properties, status),
  };
}

interface Sources {
  readonly sections: Sections;
  readonly properties: Properties;
  readonly sdk: number | null;
}

function readIdentity(
  sources: Sources & { readonly status: TradeInStatus | null; readonly state: HandsetState },
): HandsetIdentity {
  const { sections, properties, status, sdk, state } = sources;
  const imeis = readImeis(sources);
  const field = (...names: string[]) => cleanField(firstOf(properties, ...names) ?? '');
  return {
    platform: 'android',
    serial: serialsOf(properties, status)[0] ?? null,
    imeis: imeis.imeis,
    imeiSource: imeis.source,
    manufacturer: field('ro.product.manufacturer'),
    brand: field('ro.product.brand'),
    model: field('ro.product.model'),
    device: field('ro.product.device'),
    osVersion: field('ro.build.version.release'),
    sdk,
    build: field('ro.build.fingerprint', 'ro.build.display.id', 'ro.build.id'),
    securityPatch: field('ro.build.version.security_patch'),
    storageBytes: status?.storageBytes ?? storageOf(sections, state),
    encryption: encryptionOf(state, sections),
    batteryPercent: state.batteryPercent,
    batteryCycles: status?.batteryCycles ?? null,
    felica:
      state.felica.found.length > 0
        ? 'present'
        : state.felica.looked.length > 0
          ? 'not-present'
          : 'unknown',
    esim: esimProfile(answered(sections, 'sims')),
  };
}

function readImeis({
  sections,
  properties,
  sdk,
  status,
}: Sources & { readonly status: TradeInStatus | null }): {
  imeis: readonly string[];
  source: string | null;
} {
  if (status && status.imeis.length > 0)
    return { imeis: status.imeis, source: 'tradeinmode getstatus' };
  const answers = new Map<string, string>();
  for (const [name, { text }] of sections) {
    if (name.startsWith('imei:')) answers.set(name.slice(5), text);
  }
  const operators = (properties.get('gsm.sim.operator.numeric') ?? '').split(',');
  const found = pickImeis(
    answers,
    sdk,
    operators.map((code) => code.trim()),
  );
  if (found.imeis.length > 0) return found;
  // Some makers leave it in a property; weaker than an answer of the radio, so only where that said nothing.
  const names = [
    'persist.radio.imei',
    'persist.radio.imei1',
    'persist.radio.imei2',
    'ro.ril.oem.imei',
    'ro.ril.oem.imei1',
    'ro.ril.oem.imei2',
  ];
  const values = names.map((name) => properties.get(name)?.trim() ?? '').filter(isImei);
  return { imeis: [...new Set(values)], source: values.length > 0 ? 'getprop' : null };
}

function storageOf(sections: Sections, state: HandsetState): number | null {
  const disk = parseLargestDisk(answered(sections, 'partitions') ?? '');
  if (disk !== null && disk > 0) return disk;
  return state.dataTotalKb === null ? null : state.dataTotalKb * 1024;
}

function encryptionOf(state: HandsetState, sections: Sections): HandsetIdentity['encryption'] {
  const { state: on, type } = state.crypto;
  if (on === 'encrypted') {
    if (type === 'file' || type === 'block') return type;
    return /^(?:native|emulated)\b/.test(answered(sections, 'fbe')?.trim() ?? '')
      ? 'file'
      : 'unknown';
  }
  return on === 'unencrypted' || on === 'unsupported' ? 'none' : 'unknown';
}

function readCapabilities({ sections, properties, sdk }: Sources): AndroidCapabilities {
  const resolved = sections.get('reset-screen');
  const frpPartition = properties.get('ro.frp.pst');
  return {
    mode: modeOf(properties),
    sdk,
    lockScreen: lockScreenOf(sections),
    persistentDataBlock: properties.size === 0 ? null : Boolean(frpPartition?.trim()),
    testHarness: serviceFound(sections, 'harness-service'),
    tradeIn: serviceFound(sections, 'trade-in-service'),
    masterClearGranted: /android\.permission\.MASTER_CLEAR:[^\n]*\bgranted=true\b/.test(
      sections.get('master-clear')?.text ?? '',
    ),
    resetScreen: resolved?.exitCode === 0 ? /^[\w.]+\/[\w.$]+\s*$/m.test(resolved.text) : null,
    uiAutomator:
      sections.get('uiautomator')?.exitCode === null
        ? null
        : answered(sections, 'uiautomator') !== null,
    memTotalBytes: parseMemTotal(answered(sections, 'meminfo') ?? ''),
    dataFileSystem: cleanField((answered(sections, 'mounts') ?? '').split(/\s+/)[2] ?? '', 16),
    telephony: hasTelephony(sections),
  };
}

/** AOSP PackageManager FEATURE_TELEPHONY. A list without any feature is no list. */
function hasTelephony(sections: Sections): boolean | null {
  const features = parseFeatures(answered(sections, 'features') ?? '');
  return features.size === 0 ? null : features.has('android.hardware.telephony');
}

function modeOf(properties: Properties): Mode {
  if (properties.get('persist.adb.tradeinmode') === '2') return 'evaluation';
  return properties.get('persist.sys.test_harness') === '1' ? 'test-harness' : 'authorised';
}

function lockScreenOf(sections: Sections): AndroidCapabilities['lockScreen'] {
  return answered(sections, 'lock-off')?.trim() === 'true' ? 'none' : 'unknown';
}

function serviceFound(sections: Sections, name: string): boolean | null {
  const said = answered(sections, name) ?? '';
  if (/: not found\s*$/m.test(said)) return false;
  return /: found\s*$/m.test(said) ? true : null;
}

function readState(sections: Sections, properties: Properties, sdk: number | null): HandsetState {
  const battery = parseBattery(answered(sections, 'battery') ?? '');
  const accounts = parseAccounts(answered(sections, 'account') ?? '');
  const packages = parsePackages(answered(sections, 'packages') ?? '');
  const policy = answered(sections, 'policy');
  const disk = parseDiskFree(answered(sections, 'df') ?? '');
  const setting = (name: string) => truth(answered(sections, name));
  return {
    bootId: pattern(answered(sections, 'boot-id'), /^[0-9a-f-]{36}$/),
    androidId: pattern(answered(sections, 'android-id'), /^[0-9a-f]{8,16}$/),
    bootReason: cleanField(firstOf(properties, 'sys.boot.reason', 'ro.boot.bootreason') ?? ''),
    accounts: accounts.count,
    accountTypes: accounts.types,
    addedApps: packages.length === 0 ? null : countOrNull(answered(sections, 'added')),
    users: parseUserCount(answered(sections, 'users') ?? ''),
    owner: parseOwner(answered(sections, 'owners'), policy),
    resetForbidden: parseResetForbidden(answered(sections, 'user-dump'), policy),
    frp: frpState({
      sdk,
      dump: answered(sections, 'pdb'),
      setting: answered(sections, 'frp-mode'),
      partition: firstOf(properties, 'ro.frp.pst'),
    }),
    simInserted: simInserted(answered(sections, 'sims'), properties.get('gsm.sim.state') ?? null),
    batteryPercent: battery.percent,
    powered: battery.powered,
    setupComplete: setting('setup'),
    provisioned: setting('provisioned'),
    testHarnessActive: properties.get('persist.sys.test_harness') === '1',
    dataTotalKb: disk?.totalKb ?? null,
    dataUsedKb: disk?.usedKb ?? null,
    dataAvailableKb: disk?.availableKb ?? null,
    crypto: {
      state: cleanField(firstOf(properties, 'ro.crypto.state') ?? '', 24),
      type: cleanField(firstOf(properties, 'ro.crypto.type') ?? '', 24),
      metadata: properties.get('ro.crypto.metadata.enabled') === 'true',
    },
    felica: felicaSigns({
      packages,
      features: parseFeatures(answered(sections, 'features') ?? ''),
      files: answered(sections, 'felica-files'),
    }),
  };
}

function serialsOf(properties: Properties, status: TradeInStatus | null): readonly string[] {
  const said = [firstOf(properties, 'ro.serialno'), firstOf(properties, 'ro.boot.serialno')];
  const clean = [...said.map((serial) => cleanSerial(serial ?? '')), status?.serial ?? null];
  return [...new Set(clean.filter((serial) => serial !== null))];
}

function countOrNull(added: string | null): number | null {
  return added === null ? null : parsePackages(added).length;
}

function pattern(text: string | null, allowed: RegExp): string | null {
  const trimmed = text?.trim().toLowerCase() ?? '';
  return allowed.test(trimmed) ? trimmed : null;
}

/** A setting that was never written reads as `null` and means not yet. */
function truth(text: string | null): boolean | null {
  const trimmed = text?.trim();
  if (trimmed === '1') return true;
  return trimmed === '0' || trimmed === 'null' ? false : null;
}

function integer(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,4}$/.test(text.trim()) ? Number(text) : null;
}
