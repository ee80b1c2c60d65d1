import {
  dictOf,
  entryOf,
  integerOf,
  type PlistDict,
  textOf,
} from '../../devices/apple/plist/plist-value.js';
import { udidOf } from '../../devices/apple/usbmux/mux-device.js';
import type { HandsetIdentity } from '../../handset.js';
import { isImei } from '../../imei.js';
import { cleanField, cleanSerial } from '../../text.js';
import { felicaOfModel, generationOf, modelName } from './models.js';
import type { RawLook } from './raw-look.js';
import type { IphoneReport, IphoneState } from './report.js';

/** iPhone XS and XR, the first with an eSIM. */
const FIRST_ESIM_GENERATION = 11;

/** Everything one look says, as typed facts; whatever is missing or of another kind is null. Pure. */
export function buildReport(raw: RawLook): IphoneReport {
  const { values } = raw;
  const version = field(values, 'ProductVersion');
  const activation = field(values, 'ActivationState');
  return {
    identity: identityFrom(raw),
    capabilities: {
      ios: majorOf(version),
      activated: activation === null ? null : activation !== 'Unactivated',
      files: raw.files,
    },
    state: stateFrom(raw),
  };
}

function identityFrom({ values, disk, battery, gauge }: RawLook): HandsetIdentity {
  const productType = field(values, 'ProductType');
  const imeis = ['InternationalMobileEquipmentIdentity', 'InternationalMobileEquipmentIdentity2']
    .map((key) => field(values, key))
    .filter((text) => text !== null)
    .filter((text) => isImei(text));
  return {
    platform: 'apple',
    serial: cleanSerial(textOf(values, 'SerialNumber') ?? ''),
    udid: udidOf(textOf(values, 'UniqueDeviceID') ?? ''),
    ecid: hexOf(entryOf(values, 'UniqueChipID')),
    imeis: [...new Set(imeis)],
    imeiSource: imeis.length > 0 ? 'lockdown' : null,
    manufacturer: 'Apple',
    brand: 'Apple',
    model: modelName(productType),
    device: productType,
    osVersion: field(values, 'ProductVersion'),
    sdk: null,
    build: field(values, 'BuildVersion'),
    securityPatch: null,
    storageBytes: disk ? integerOf(disk, 'TotalDiskCapacity') : null,
    // Every iPhone since iOS 8 keeps each file under a key of its own (Apple Platform Security, Data Protection).
    encryption: majorOf(field(values, 'ProductVersion')) === null ? 'unknown' : 'file',
    batteryPercent: battery ? percent(integerOf(battery, 'BatteryCurrentCapacity')) : null,
    batteryCycles: cyclesFrom(gauge),
    felica: felicaOfModel(productType, field(values, 'RegionInfo')),
    esim: esimFrom(values, productType),
  };
}

function stateFrom(raw: RawLook): IphoneState {
  const { values, disk, battery, setup, international, cloud, profiles, nvram } = raw;
  const total = disk ? integerOf(disk, 'TotalDataCapacity') : null;
  const available = disk
    ? (integerOf(disk, 'TotalDataAvailable') ?? integerOf(disk, 'AmountDataAvailable'))
    : null;
  return {
    activation: field(values, 'ActivationState'),
    findMy: bool(raw.findMy),
    activationLocked: yesOrNo(nvram.activationLocked),
    supervised: supervisedFrom(cloud),
    organisation: cloud ? field(cloud, 'OrganizationName') : null,
    profiles: profiles ? identifiersFrom(profiles) : null,
    locked: bool(entryOf(values, 'PasswordProtected')),
    simStatus: field(values, 'SIMStatus'),
    simInserted: simFrom(values),
    batteryPercent: battery ? percent(integerOf(battery, 'BatteryCurrentCapacity')) : null,
    powered: battery ? bool(entryOf(battery, 'ExternalConnected')) : null,
    deviceName: field(values, 'DeviceName'),
    language: international ? field(international, 'Language') : null,
    setupDone: setup ? bool(entryOf(setup, 'SetupDone')) : null,
    dataTotalBytes: total,
    dataAvailableBytes: available,
    nvram,
  };
}

function field(dict: PlistDict, key: string): string | null {
  return cleanField(textOf(dict, key) ?? '');
}

/** A whole number that is a chip's; up to 64 bits. */
function hexOf(value: unknown): string | null {
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value);
  return whole && (value as bigint) > 0 ? (value as bigint).toString(16).slice(0, 16) : null;
}

function bool(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null;
}

function yesOrNo(text: string | null): boolean | null {
  if (text === 'YES') return true;
  return text === 'NO' ? false : null;
}

function majorOf(version: string | null): number | null {
  const digits = /^(\d{1,3})(\.|$)/.exec(version ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}

function percent(value: number | null): number | null {
  return value !== null && value >= 0 && value <= 100 ? value : null;
}

/** The count stands in the entry itself or, on newer systems, one level deeper. */
function cyclesFrom(gauge: PlistDict | null): number | null {
  if (!gauge) return null;
  const deeper = dictOf(gauge, 'BatteryData');
  const count = integerOf(gauge, 'CycleCount') ?? (deeper ? integerOf(deeper, 'CycleCount') : null);
  return count !== null && count >= 0 && count < 100_000 ? count : null;
}

function esimFrom(values: PlistDict, productType: string | null): HandsetIdentity['esim'] {
  const told = ['SIM1IsEmbedded', 'SIM2IsEmbedded'].some((key) => Object.hasOwn(values, key));
  if (told) return 'present';
  const generation = generationOf(productType);
  return generation !== null && generation < FIRST_ESIM_GENERATION ? 'not-present' : 'unknown';
}

/** The tray says whether a card is in; without a tray's word the baseband's about a missing card counts. */
function simFrom(values: PlistDict): boolean | null {
  const tray = textOf(values, 'SIMTrayStatus') ?? '';
  if (/InsertedWithSIM$/.test(tray)) return true;
  if (/(Empty|InsertedNoSIM|Removed|Absent)$/.test(tray)) return false;
  return /NotInserted$/.test(textOf(values, 'SIMStatus') ?? '') ? false : null;
}

/** An answer that names neither supervision nor an enrolment that cannot be removed is a no; no answer is none. */
function supervisedFrom(cloud: PlistDict | null): boolean | null {
  if (!cloud) return null;
  const told = bool(entryOf(cloud, 'IsSupervised'));
  const bound = ['IsMandatory', 'IsMDMUnremovable'].some((key) => entryOf(cloud, key) === true);
  return bound || textOf(cloud, 'ConfigurationURL') !== null ? true : told;
}

const MAX_PROFILES = 100;

function identifiersFrom(profiles: PlistDict): readonly string[] | null {
  const list = entryOf(profiles, 'OrderedIdentifiers');
  if (!Array.isArray(list)) return null;
  return list
    .slice(0, MAX_PROFILES)
    .flatMap((item) => (typeof item === 'string' ? (cleanField(item) ?? []) : []));
}
