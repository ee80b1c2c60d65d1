import { hasCode, SarachiError } from '../../../errors.js';
import type { WaitOptions } from '../../../wait.js';
import type { AppleLink } from '../apple-link.js';
import type { Turn } from '../lockdown/plist-channel.js';
import { binaryPlist } from '../plist/binary-writer.js';
import { integerOf, isDict, type PlistDict, type PlistValue } from '../plist/plist-value.js';
import type { EraseReply } from './mcinstall.js';

/** Source: pymobiledevice3 services/device_link.py and services/mobilebackup2.py. */
export const BACKUP_SERVICE = 'com.apple.mobilebackup2';
const TALK_MS = 60_000;

/**
 * Orders the erase through the service of backups, for iOS 9 and newer where the service of profiles does not know the
 * order. It has no choice about the eSIM. Errors: iphone-refused, iphone-protocol, those of the link.
 */
export async function eraseByBackupService(
  link: AppleLink,
  udid: string,
  options: WaitOptions,
): Promise<EraseReply> {
  let sent = false;
  const escrow = { ...options, escrow: true };
  try {
    return await link.service(BACKUP_SERVICE, escrow, (channel, signal) =>
      channel.exchange({ signal, timeoutMs: TALK_MS }, async (turn) => {
        await greet(turn);
        await process(turn, { MessageName: 'EraseDevice', TargetIdentifier: udid });
        sent = true;
        checked(await turn.receive());
        return 'acknowledged' as const;
      }),
    );
  } catch (error) {
    if (sent && hasCode(error, 'iphone-closed', 'iphone-tls', 'handset-gone')) return 'closed';
    throw error;
  }
}

/** Both sides agree on a version of DeviceLink, then on one of the service. */
async function greet(turn: Turn): Promise<void> {
  const [, major] = message(await turn.receive(), 'DLMessageVersionExchange');
  if (typeof major !== 'number') throw wrong('a version');
  await turn.send(['DLMessageVersionExchange', 'DLVersionsOk', major], binaryPlist);
  message(await turn.receive(), 'DLMessageDeviceReady');
  await process(turn, { MessageName: 'Hello', SupportedProtocolVersions: [2.1] });
  checked(await turn.receive());
}

async function process(turn: Turn, body: PlistDict): Promise<void> {
  await turn.send(['DLMessageProcessMessage', body], binaryPlist);
}

function message(value: PlistValue, name: string): readonly PlistValue[] {
  if (!Array.isArray(value) || value[0] !== name) throw wrong(name);
  return value;
}

function checked(value: PlistValue): void {
  const [, body] = message(value, 'DLMessageProcessMessage');
  if (!isDict(body)) throw wrong('a message');
  const number = integerOf(body, 'ErrorCode');
  if (number === null) throw wrong('an error code');
  if (number !== 0) throw new SarachiError('iphone-refused', { request: 'EraseDevice', number });
}

function wrong(expected: string): SarachiError {
  return new SarachiError('iphone-protocol', { expected });
}
