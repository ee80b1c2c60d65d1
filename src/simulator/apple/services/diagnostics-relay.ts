import type { Duplex } from 'node:stream';
import type { IphoneOs } from '../iphone-os.js';
import type { IphoneState } from '../iphone-state.js';
import { isDict, type PlistDict, type PlistValue, textOf } from '../wire/plist.js';
import { PlistChannel } from '../wire/plist-channel.js';
import { batteryRegistry, gasGauge } from './battery.js';

const OK: PlistDict = { Status: 'Success' };

/** com.apple.mobile.diagnostics_relay (libimobiledevice, src/diagnostics_relay.c). */
export async function diagnosticsRelay(stream: Duplex, phone: IphoneOs): Promise<void> {
  const channel = new PlistChannel(stream);
  for (;;) {
    const request = await channel.read();
    if (!isDict(request)) return;
    if (!(await channel.write(answerTo(request, phone)))) return;
    if (request['Request'] === 'Goodbye') return;
  }
}

function answerTo(request: PlistDict, phone: IphoneOs): PlistDict {
  switch (request['Request']) {
    case 'IORegistry':
      return { ...OK, Diagnostics: registry(request, phone.state) };
    case 'MobileGestalt':
      return { ...OK, Diagnostics: { MobileGestalt: gestalt(request, phone.state) } };
    case 'All':
    case 'GasGauge':
      return { ...OK, Diagnostics: { GasGauge: gasGauge(phone.state) } };
    case 'Restart':
      phone.restart();
      return OK;
    case 'Shutdown':
      phone.shutDown();
      return OK;
    case 'Sleep':
    case 'Goodbye':
      return OK;
    default:
      return { Status: 'UnknownRequest' };
  }
}

/** An entry that the phone does not have is left out, without an error. */
function registry(request: PlistDict, state: IphoneState): PlistDict {
  const name = textOf(request, 'EntryName');
  if (name === 'options') return { IORegistry: nvramValues(state) };
  const battery =
    name === state.profile.batteryEntry || request['EntryClass'] === 'IOPMPowerSource';
  if (battery) return { IORegistry: batteryRegistry(state) };
  if (name === null && request['EntryClass'] === undefined)
    return { IORegistry: { name: 'device-tree', IOPolledInterface: 'simulated' } };
  return {};
}

/** The NVRAM as a host sees it: bytes, whatever the variable holds. */
export function nvramValues({ nvram }: IphoneState): PlistDict {
  return Object.fromEntries(
    Object.entries(nvram).map(([key, text]) => [key, Buffer.from(text) as PlistValue]),
  );
}

function gestalt(request: PlistDict, { profile }: IphoneState): PlistDict {
  if (profile.gestaltDeprecated) return { Status: 'MobileGestaltDeprecated' };
  const known: PlistDict = {
    ProductType: profile.productType,
    HardwareModel: profile.hardwareModel,
    HasBaseband: true,
  };
  const keys = request['MobileGestaltKeys'];
  const asked = Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [];
  const found = asked.flatMap((key): [string, PlistValue][] => {
    const value = known[key];
    return value === undefined ? [] : [[key, value]];
  });
  return { Status: 'Success', ...Object.fromEntries(found) };
}
