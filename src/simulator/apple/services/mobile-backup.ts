import type { Duplex } from 'node:stream';
import type { IphoneOs } from '../iphone-os.js';
import { isDict, type PlistDict, type PlistValue } from '../wire/plist.js';
import { PlistChannel } from '../wire/plist-channel.js';

/**
 * com.apple.mobilebackup2, as far as an erase needs it (public source: pymobiledevice3, device_link.py and
 * mobilebackup2.py). The phone speaks first, leaves without an answer when it erases, and refuses while not activated.
 */
export async function mobileBackup(stream: Duplex, phone: IphoneOs): Promise<void> {
  const channel = new PlistChannel(stream);
  await channel.write(['DLMessageVersionExchange', 300, 0]);
  const agreed = await channel.read();
  if (!Array.isArray(agreed) || agreed[1] !== 'DLVersionsOk') return;
  await channel.write(['DLMessageDeviceReady']);
  for (;;) {
    const message = asked(await channel.read());
    if (!message) return;
    const answer = answerTo(message, phone);
    if (!answer || !(await channel.write(['DLMessageProcessMessage', answer]))) return;
  }
}

function asked(message: PlistValue | null): PlistDict | null {
  if (!Array.isArray(message) || message[0] !== 'DLMessageProcessMessage') return null;
  const body: PlistValue = message[1];
  return isDict(body) ? body : null;
}

/** Null: the phone is on its way down. */
function answerTo(message: PlistDict, phone: IphoneOs): PlistDict | null {
  const name = message['MessageName'];
  if (name === 'Hello') return { MessageName: 'Response', ErrorCode: 0, ProtocolVersion: 2.1 };
  const target = message['TargetIdentifier'] ?? phone.state.identity.udid;
  const possible = phone.state.activated && target === phone.state.identity.udid;
  if (name !== 'EraseDevice' || !possible)
    return { MessageName: 'Response', ErrorCode: 1, ErrorDescription: 'The operation failed.' };
  phone.erase(false);
  return null;
}
