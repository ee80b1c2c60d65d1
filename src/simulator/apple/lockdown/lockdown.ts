import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { TrustedHost } from '../iphone-state.js';
import { isDict, type PlistDict } from '../wire/plist.js';
import { PlistChannel } from '../wire/plist-channel.js';
import { secure, type TlsRole } from '../wire/secure.js';
import { TlsRecords } from '../wire/tls-records.js';
import { answerLockdown, type Session } from './answers.js';
import type { LockdownPhone } from './lockdown-phone.js';

/** The port of lockdownd. */
export const LOCKDOWN_PORT = 62078;

/** The phone's role in TLS towards one host. */
export function roleFor({ state }: LockdownPhone, host: TrustedHost): TlsRole {
  return {
    key: state.deviceKey,
    certificate: host.deviceCertificate,
    newest: state.profile.newestTls,
    hosts: [host.hostCertificate, host.rootCertificate],
  };
}

/** One connection to lockdownd: plain until a session starts, TLS within it, plain again after it. */
export async function serveLockdown(stream: Duplex, phone: LockdownPhone): Promise<void> {
  for (;;) {
    const plain = new PlistChannel(stream);
    const session = await talk(plain, phone, null);
    plain.release();
    if (!session) return;
    if (!(await serveSession(stream, phone, session))) return;
  }
}

/** True: the session was stopped in good order, and plain requests follow. */
async function serveSession(
  stream: Duplex,
  phone: LockdownPhone,
  session: Session,
): Promise<boolean> {
  const records = new TlsRecords(stream);
  const tls = await secure(records, roleFor(phone, session.host));
  if (!tls) {
    stream.destroy();
    return false;
  }
  const stopped = (await talk(new PlistChannel(tls), phone, session)) === null;
  if (stopped) tls.end();
  else tls.destroy();
  return stopped && (await records.plainFollows);
}

/**
 * Answers until the session changes: returns the one that began, null where one was stopped or a plain host has left,
 * undefined where the host left its session without stopping it.
 */
async function talk(
  channel: PlistChannel,
  phone: LockdownPhone,
  session: Session | null,
): Promise<Session | null | undefined> {
  const gone = session ? undefined : null;
  for (;;) {
    const request = await channel.read();
    if (!isDict(request)) return gone;
    const answer = answerLockdown(phone, request, session);
    const alive = session
      ? await sayWithFaults(channel, phone, { request, reply: answer.reply })
      : await channel.write(answer.reply);
    if (!alive || answer.closes) return gone;
    if (answer.session !== undefined) return answer.session;
  }
}

async function sayWithFaults(
  channel: PlistChannel,
  phone: LockdownPhone,
  { request, reply }: { readonly request: PlistDict; readonly reply: PlistDict },
): Promise<boolean> {
  const faults = request['Request'] === 'GetValue' ? phone.faults.lockdown : {};
  if (faults.neverAnswers) return true;
  if (faults.answersAfterMs) await delay(faults.answersAfterMs);
  const other = faults.answersOtherKey;
  const said =
    other === undefined
      ? reply
      : answerLockdown(phone, { Request: 'GetValue', Key: other }, SOMEBODY).reply;
  if (faults.answersTwice) await channel.write(said);
  return channel.write(said);
}

/** A session that only reads a value. */
const SOMEBODY: Session = {
  id: '',
  host: {
    hostId: '',
    systemBuid: '',
    hostCertificate: '',
    rootCertificate: '',
    deviceCertificate: '',
  },
};
