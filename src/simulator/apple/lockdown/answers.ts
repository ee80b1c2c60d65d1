import { randomBytes, randomUUID } from 'node:crypto';
import type { TrustedHost } from '../iphone-state.js';
import { SERVICES } from '../services/service.js';
import { isDict, type PlistDict, type PlistValue, textOf } from '../wire/plist.js';
import type { LockdownPhone } from './lockdown-phone.js';
import { pair } from './pairing.js';
import { domainValues, openValues, trustedValues } from './values.js';

export interface Session {
  readonly id: string;
  readonly host: TrustedHost;
}

/** What is answered, and what becomes of the session with it; left out: it stays as it is. */
export interface LockdownAnswer {
  readonly reply: PlistDict;
  readonly session?: Session | null;
  readonly closes?: boolean;
}

type Handler = (
  phone: LockdownPhone,
  request: PlistDict,
  session: Session | null,
) => LockdownAnswer;

/** One request of a host (public sources: libimobiledevice, src/lockdown.c; pymobiledevice3, lockdown.py). */
export function answerLockdown(
  phone: LockdownPhone,
  request: PlistDict,
  session: Session | null,
): LockdownAnswer {
  const handler = HANDLERS.get(textOf(request, 'Request') ?? '');
  return handler ? handler(phone, request, session) : failed(request, 'InvalidRequest');
}

function done(request: PlistDict, values: PlistDict = {}): LockdownAnswer {
  return { reply: { Request: request['Request'] ?? '', Result: 'Success', ...values } };
}

function failed(request: PlistDict, error: string, values: PlistDict = {}): LockdownAnswer {
  return {
    reply: { Request: request['Request'] ?? '', Result: 'Failure', Error: error, ...values },
  };
}

/** Domain and key of a request, to be said again in its answer. */
function asked(request: PlistDict): PlistDict {
  const keys = ['Domain', 'Key'].flatMap((name): [string, PlistValue][] => {
    const text = textOf(request, name);
    return text === null ? [] : [[name, text]];
  });
  return Object.fromEntries(keys);
}

function getValue(
  phone: LockdownPhone,
  request: PlistDict,
  session: Session | null,
): LockdownAnswer {
  const domain = textOf(request, 'Domain');
  const key = textOf(request, 'Key');
  const all = domain ? domainValues(phone, domain) : trustedValues(phone.state);
  const open = domain ? {} : openValues(phone.state);
  const visible = session ? all : open;
  if (key === null)
    return visible && (session || !domain)
      ? done(request, { ...asked(request), Value: visible })
      : failed(request, session ? 'MissingValue' : 'GetProhibited', asked(request));
  const value = visible && Object.hasOwn(visible, key) ? visible[key] : undefined;
  if (value !== undefined) return done(request, { ...asked(request), Value: value });
  const hidden = !session && all !== undefined && Object.hasOwn(all, key);
  return failed(request, hidden ? 'GetProhibited' : 'MissingValue', asked(request));
}

/** The device's name is all that a host may change here. */
function setValue(
  phone: LockdownPhone,
  request: PlistDict,
  session: Session | null,
): LockdownAnswer {
  const name = textOf(request, 'Value');
  if (!session) return failed(request, 'SessionInactive', asked(request));
  if (request['Key'] !== 'DeviceName' || request['Domain'] || name === null)
    return failed(request, 'SetProhibited', asked(request));
  phone.update((state) => ({ ...state, deviceName: name }));
  return done(request, asked(request));
}

function pairRequest(phone: LockdownPhone, request: PlistDict): LockdownAnswer {
  const refusal = pair(phone, phone.person, request);
  return refusal ? failed(request, refusal) : done(request, { EscrowBag: randomBytes(32) });
}

function recordedHost(phone: LockdownPhone, request: PlistDict): TrustedHost | undefined {
  const record = request['PairRecord'];
  const hostId = isDict(record) ? textOf(record, 'HostID') : textOf(request, 'HostID');
  return phone.state.hosts.find((one) => one.hostId === hostId);
}

function unpair(phone: LockdownPhone, request: PlistDict): LockdownAnswer {
  const host = recordedHost(phone, request);
  if (!host) return failed(request, 'InvalidHostID');
  phone.update((state) => ({ ...state, hosts: state.hosts.filter((one) => one !== host) }));
  return done(request);
}

function startSession(
  phone: LockdownPhone,
  request: PlistDict,
  session: Session | null,
): LockdownAnswer {
  if (session) return failed(request, 'SessionActive');
  if (textOf(request, 'HostID') === null) return failed(request, 'MissingHostID');
  if (phone.faults.forgetsHosts) {
    phone.faults.forgetsHosts = false;
    phone.update((state) => ({ ...state, hosts: [] }));
  }
  const host = recordedHost(phone, request);
  if (!host) return failed(request, 'InvalidHostID');
  const id = randomUUID().toUpperCase();
  return {
    ...done(request, { SessionID: id, EnableSessionSSL: true }),
    session: { id, host },
  };
}

function stopSession(
  _phone: LockdownPhone,
  request: PlistDict,
  session: Session | null,
): LockdownAnswer {
  if (!session) return failed(request, 'SessionInactive');
  if (request['SessionID'] !== session.id) return failed(request, 'InvalidSessionID');
  return { ...done(request), session: null };
}

function startService(
  phone: LockdownPhone,
  request: PlistDict,
  session: Session | null,
): LockdownAnswer {
  const name = textOf(request, 'Service');
  if (name === null) return failed(request, 'MissingService');
  const service = Object.hasOwn(SERVICES, name) ? SERVICES[name] : undefined;
  const echo = { Service: name };
  if (!session && !service?.open) return failed(request, 'SessionInactive', echo);
  if (!service) return failed(request, 'InvalidService', echo);
  if (service.needsUnlock && !phone.state.unlockedSinceBoot)
    return failed(request, request['EscrowBag'] ? 'MissingValue' : 'PasswordProtected', echo);
  if (name === 'com.apple.afc' && !phone.state.activated && !phone.afcInSetup)
    return failed(request, 'ServiceProhibited', echo);
  const host = service.open ? null : (session?.host ?? null);
  const port = phone.openPort(name, host);
  return done(request, { ...echo, Port: port, EnableServiceSSL: host !== null });
}

const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['QueryType', (_phone, request) => done(request, { Type: 'com.apple.mobile.lockdown' })],
  ['GetValue', getValue],
  ['SetValue', setValue],
  ['RemoveValue', (_phone, request) => failed(request, 'RemoveProhibited', asked(request))],
  ['Pair', pairRequest],
  [
    'ValidatePair',
    (phone, request) =>
      recordedHost(phone, request) ? done(request) : failed(request, 'InvalidHostID'),
  ],
  ['Unpair', unpair],
  ['StartSession', startSession],
  ['StopSession', stopSession],
  ['StartService', startService],
  ['Goodbye', (_phone, request) => ({ ...done(request), closes: true })],
]);
