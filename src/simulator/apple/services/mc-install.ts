import type { Duplex } from 'node:stream';
import type { IphoneOs } from '../iphone-os.js';
import type { IphoneState } from '../iphone-state.js';
import { isDict, type PlistDict } from '../wire/plist.js';
import { PlistChannel } from '../wire/plist-channel.js';

const ACKNOWLEDGED: PlistDict = { Status: 'Acknowledged' };

/** com.apple.mobile.MCInstall (public source: go-ios, ios/mcinstall; pymobiledevice3, services/mobile_config.py). */
export async function mcInstall(stream: Duplex, phone: IphoneOs): Promise<void> {
  const channel = new PlistChannel(stream);
  for (;;) {
    const request = await channel.read();
    if (!isDict(request)) return;
    const answer =
      request['RequestType'] === 'EraseDevice'
        ? erase(request, phone)
        : answerTo(request, phone.state);
    if (answer === 'closes') return;
    if (answer !== 'never-answers' && !(await channel.write(answer))) return;
  }
}

function answerTo(request: PlistDict, state: IphoneState): PlistDict {
  switch (request['RequestType']) {
    case 'HelloHostIdentifier':
    case 'Flush':
      return ACKNOWLEDGED;
    case 'GetCloudConfiguration':
      return { ...ACKNOWLEDGED, CloudConfiguration: cloudConfiguration(state) };
    case 'GetProfileList':
      return { ...ACKNOWLEDGED, ...profileList(state) };
    default:
      return refused('MCMDMErrorDomain', 12021, 'The request type is not recognised.');
  }
}

function refused(domain: string, code: number, text: string): PlistDict {
  const error = { ErrorDomain: domain, ErrorCode: code, LocalizedDescription: text };
  return { Status: 'Error', ErrorChain: [error] };
}

function cloudConfiguration({ supervision, setupDone }: IphoneState): PlistDict {
  const complete: PlistDict = setupDone ? { CloudConfigurationUIComplete: true } : {};
  if (!supervision) return { IsSupervised: false, AllowPairing: true, ...complete };
  return {
    IsSupervised: true,
    IsMandatory: supervision.mandatory,
    IsMDMUnremovable: supervision.mandatory,
    AllowPairing: supervision.allowPairing,
    OrganizationName: supervision.organization,
    ConfigurationSource: 2,
    ...complete,
  };
}

function profileList({ configurationProfiles }: IphoneState): PlistDict {
  const manifest = configurationProfiles.map((one) => [
    one.identifier,
    { Status: 'Installed', IsActive: true, Description: one.displayName },
  ]);
  const metadata = configurationProfiles.map((one) => [
    one.identifier,
    {
      PayloadDisplayName: one.displayName,
      PayloadRemovalDisallowed: !one.removable,
      PayloadUUID: one.identifier,
      PayloadVersion: 1,
    },
  ]);
  return {
    OrderedIdentifiers: configurationProfiles.map((one) => one.identifier),
    ProfileManifest: Object.fromEntries(manifest),
    ProfileMetadata: Object.fromEntries(metadata),
  };
}

/** Before iOS 14 DisallowProximitySetup stood alone (Apple, MDM command EraseDevice). */
function badFormat(request: PlistDict, ios: number): boolean {
  const both = 'PreserveDataPlan' in request && 'DisallowProximitySetup' in request;
  return ios < 14 && both;
}

function erase(request: PlistDict, phone: IphoneOs): PlistDict | 'closes' | 'never-answers' {
  const { profile } = phone.state;
  const fault = phone.faults.eraseAnswer;
  const answer = fault === 'as-model' ? profile.eraseAnswer : fault;
  if (answer === 'format-error' || badFormat(request, profile.ios))
    return { Status: 'CommandFormatError' };
  if (answer === 'refuses')
    return refused('MCInstallationErrorDomain', 4001, 'The device could not be erased.');
  const keepsEsim = request['PreserveDataPlan'];
  phone.erase(keepsEsim === true || keepsEsim === 1);
  return answer === 'acknowledges' ? ACKNOWLEDGED : answer;
}
