import type { Duplex } from 'node:stream';
import type { IphoneOs } from '../iphone-os.js';
import { send } from '../wire/byte-source.js';
import { isDict } from '../wire/plist.js';
import { PlistChannel } from '../wire/plist-channel.js';

/** com.apple.mobile.notification_proxy: takes what it is asked to observe, and says good-bye. */
export async function notificationProxy(stream: Duplex): Promise<void> {
  const channel = new PlistChannel(stream);
  for (;;) {
    const request = await channel.read();
    if (!isDict(request)) return;
    if (request['Command'] !== 'Shutdown') continue;
    await channel.write({ Command: 'ProxyDeath' });
    return;
  }
}

/** com.apple.mobileactivationd: what can be said without Apple's server. One command for each connection. */
export async function mobileActivation(stream: Duplex, phone: IphoneOs): Promise<void> {
  const channel = new PlistChannel(stream);
  const request = await channel.read();
  if (!isDict(request)) return;
  await channel.write(
    request['Command'] === 'GetActivationStateRequest'
      ? { Value: phone.state.activated ? 'Activated' : 'Unactivated' }
      : { Error: 'Server unreachable' },
  );
}

/** com.apple.crashreportmover: says that all reports are where the copying service shows them. */
export async function crashReportMover(stream: Duplex): Promise<void> {
  await send(stream, Buffer.from('ping\0'));
}
