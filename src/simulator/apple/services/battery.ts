import type { IphoneState } from '../iphone-state.js';
import type { PlistDict } from '../wire/plist.js';

/** The IORegistry entry of the battery. `FullChargeCapacity` of the gauge has been 100 since iOS 12.2. */
export function batteryRegistry({ profile, battery }: IphoneState): PlistDict {
  const full = Math.round(profile.designCapacity * battery.health);
  const charge = {
    CycleCount: battery.cycles,
    DesignCapacity: profile.designCapacity,
    AppleRawMaxCapacity: full,
    NominalChargeCapacity: Math.min(full + 20, profile.designCapacity),
  };
  return {
    ...charge,
    AppleRawCurrentCapacity: Math.round((full * battery.percent) / 100),
    CurrentCapacity: battery.percent,
    MaxCapacity: 100,
    IsCharging: battery.charging,
    ExternalConnected: true,
    FullyCharged: battery.percent === 100,
    Temperature: battery.temperature,
    Voltage: 4100,
    InstantAmperage: battery.charging ? 480 : -220,
    AtCriticalLevel: battery.percent < 2,
    AtWarnLevel: battery.percent < 10,
    BatteryData: { ...charge, StateOfCharge: battery.percent },
  };
}

export function gasGauge({ profile, battery }: IphoneState): PlistDict {
  return {
    CycleCount: battery.cycles,
    DesignCapacity: profile.designCapacity,
    FullChargeCapacity: 100,
    Status: 'Success',
  };
}

/** The lockdown domain com.apple.mobile.battery. */
export function batteryDomain({ battery }: IphoneState): PlistDict {
  return {
    BatteryCurrentCapacity: battery.percent,
    BatteryIsCharging: battery.charging,
    ExternalChargeCapable: true,
    ExternalConnected: true,
    FullyCharged: battery.percent === 100,
    GasGaugeCapability: true,
    HasBattery: true,
  };
}
