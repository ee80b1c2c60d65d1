import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { IphoneOs } from '../iphone-os.js';
import type { TrustedHost } from '../iphone-state.js';
import type { Person } from '../person.js';
import { dataOf, isDict, type PlistDict, textOf } from '../wire/plist.js';

/** The names of lockdown's errors that pairing can end with (libimobiledevice, src/lockdown.c). */
export type PairRefusal =
  | 'MissingPairRecord'
  | 'InvalidPairRecord'
  | 'MCProtected'
  | 'PasswordProtected'
  | 'UserDeniedPairing'
  | 'PairingDialogResponsePending';

/**
 * What a phone makes of a Pair request: null when the host is trusted from now on. A phone that is not set up pairs
 * without asking anybody (usbmuxd, src/preflight.c).
 */
export function pair(phone: IphoneOs, person: Person, request: PlistDict): PairRefusal | null {
  const record = request['PairRecord'];
  if (!isDict(record)) return 'MissingPairRecord';
  const host = hostOf(record, createPublicKey(phone.state.deviceKey));
  if (!host) return 'InvalidPairRecord';
  const refusal = phone.state.setupDone ? gate(phone, person, host) : null;
  if (refusal) return refusal;
  phone.update((state) => ({
    ...state,
    hosts: [...state.hosts.filter((one) => one.hostId !== host.hostId), host],
  }));
  return null;
}

function gate({ state }: IphoneOs, person: Person, host: TrustedHost): PairRefusal | null {
  if (state.supervision && !state.supervision.allowPairing) return 'MCProtected';
  const known = state.hosts.find((one) => one.hostId === host.hostId);
  if (known?.rootCertificate === host.rootCertificate) return null;
  if (state.locked) return 'PasswordProtected';
  const said = person.saysTo(host.systemBuid);
  if (said === 'trust') return null;
  return said === 'deny' ? 'UserDeniedPairing' : 'PairingDialogResponsePending';
}

/** The host in a pair record, or null where the certificates do not hang together as they must. */
export function hostOf(record: PlistDict, deviceKey: KeyObject): TrustedHost | null {
  const [device, host, root] = ['DeviceCertificate', 'HostCertificate', 'RootCertificate'].map(
    (key) => certificate(dataOf(record, key)),
  );
  const hostId = textOf(record, 'HostID');
  const systemBuid = textOf(record, 'SystemBUID');
  if (!device || !host || !root || !hostId || !systemBuid) return null;
  const signed = [device, host, root].every((one) => one.verify(root.publicKey));
  if (!signed || !root.ca || host.ca || !device.publicKey.equals(deviceKey)) return null;
  return {
    hostId,
    systemBuid,
    hostCertificate: host.toString(),
    rootCertificate: root.toString(),
    deviceCertificate: device.toString(),
  };
}

function certificate(bytes: Buffer | null): X509Certificate | null {
  if (!bytes) return null;
  try {
    return new X509Certificate(bytes);
  } catch {
    // OpenSSL says in many ways that this is no certificate; one answer covers them.
    return null;
  }
}
