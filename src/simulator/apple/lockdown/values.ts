import { createPublicKey } from 'node:crypto';
import type { IphoneOs } from '../iphone-os.js';
import type { IphoneState } from '../iphone-state.js';
import { batteryDomain } from '../services/battery.js';
import { nvramValues } from '../services/diagnostics-relay.js';
import type { PlistDict } from '../wire/plist.js';

/** The phone's own public key, as pair records certify it. */
export function devicePublicKey(state: IphoneState): string {
  return createPublicKey(state.deviceKey).export({ type: 'pkcs1', format: 'pem' }).toString();
}

/** What every host may read. The subset is that of iOS 15 (appium-ios-device, lib/utilities.js). */
export function openValues(state: IphoneState): PlistDict {
  const { profile, identity } = state;
  return {
    BasebandVersion: '5.02.01',
    BoardId: profile.boardId,
    BuildVersion: profile.buildVersion,
    ChipID: profile.chipId,
    DeviceClass: 'iPhone',
    DeviceColor: '1',
    DeviceName: state.deviceName,
    DevicePublicKey: Buffer.from(devicePublicKey(state)),
    DieID: identity.ecid,
    HardwareModel: profile.hardwareModel,
    HasSiDP: true,
    PartitionType: 'GUID_partition_scheme',
    ProductName: 'iPhone OS',
    ProductType: profile.productType,
    ProductVersion: profile.productVersion,
    ProductionSOC: true,
    ProtocolVersion: '2',
    TelephonyCapability: true,
    UniqueChipID: identity.ecid,
    UniqueDeviceID: identity.udid,
    WiFiAddress: identity.wifiAddress,
  };
}

/** What a trusted host may read besides. */
export function trustedValues(state: IphoneState): PlistDict {
  const { profile, identity, sims } = state;
  const [imei, imei2] = identity.imeis;
  return {
    ...openValues(state),
    ActivationState: state.activated ? 'Activated' : 'Unactivated',
    ActivationStateAcknowledged: state.activated,
    BrickState: !state.activated,
    HostAttached: true,
    ...(imei === undefined ? {} : { InternationalMobileEquipmentIdentity: imei }),
    ...(imei2 === undefined ? {} : { InternationalMobileEquipmentIdentity2: imei2 }),
    ...(imei === undefined ? {} : { MobileEquipmentIdentifier: imei.slice(0, 14) }),
    MLBSerialNumber: `${identity.serial}MLB`,
    ModelNumber: profile.modelNumber,
    NonVolatileRAM: nvramValues(state),
    PasswordProtected: state.locked,
    RegionInfo: profile.regionInfo,
    SerialNumber: identity.serial,
    SIMStatus: `kCTSIMSupportSIMStatus${sims.status}`,
    SIMTrayStatus: sims.card ? 'kCTSIMSupportSIMTrayInsertedWithSIM' : 'kCTSIMSupportSIMTrayEmpty',
    ...(profile.esim ? { SIM2IsEmbedded: sims.esim } : {}),
    TimeZone: state.setupDone ? 'Asia/Tokyo' : 'US/Pacific',
    TrustedHostAttached: true,
  };
}

/** The domains of a trusted host; undefined: there is no such domain. */
export function domainValues({ state, storage }: IphoneOs, domain: string): PlistDict | undefined {
  switch (domain) {
    case 'com.apple.disk_usage':
      return {
        AmountDataAvailable: storage.free,
        AmountDataReserved: 0,
        TotalDataAvailable: storage.free,
        TotalDataCapacity: storage.capacity,
        TotalDiskCapacity: state.profile.claimedBytes,
        TotalSystemAvailable: 0,
        TotalSystemCapacity: state.profile.claimedBytes - storage.capacity,
      };
    case 'com.apple.mobile.battery':
      return batteryDomain(state);
    case 'com.apple.fmip':
      return { IsAssociated: state.findMy };
    case 'com.apple.PurpleBuddy':
      return { SetupDone: state.setupDone, SetupState: state.setupDone ? 'Done' : 'Started' };
    case 'com.apple.international':
      return { Language: state.language, Locale: state.language === 'ja' ? 'ja_JP' : 'en_US' };
    case 'com.apple.mobile.chaperone':
      return { DeviceIsChaperoned: state.supervision !== null };
    default:
      return undefined;
  }
}
