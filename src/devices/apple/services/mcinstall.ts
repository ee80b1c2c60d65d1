import { hasCode, SarachiError } from '../../../errors.js';
import type { WaitOptions } from '../../../wait.js';
import type { AppleLink } from '../apple-link.js';
import type { PlistChannel } from '../lockdown/plist-channel.js';
import { dictOf, isDict, type PlistDict } from '../plist/plist-value.js';
import { requireStatus } from './service-status.js';

/** The service of configuration profiles. Source of its requests: pymobiledevice3 services/mobile_config.py. */
export const MCINSTALL_SERVICE = 'com.apple.mobile.MCInstall';
const ASK_MS = 30_000;

/** How the handset took an order to erase itself. Neither proves that it does. */
export type EraseReply = 'acknowledged' | 'closed';

/** Supervision and enrolment, as the handset tells them: IsSupervised, IsMDMUnremovable, ConfigurationURL and so on. */
export function cloudConfiguration(link: AppleLink, options: WaitOptions): Promise<PlistDict> {
  return link.service(MCINSTALL_SERVICE, options, async (channel, signal) => {
    const reply = await ask(channel, 'GetCloudConfiguration', signal);
    const configuration = dictOf(reply, 'CloudConfiguration');
    if (configuration) return configuration;
    throw new SarachiError('iphone-protocol', { reason: 'no CloudConfiguration' });
  });
}

/** The installed profiles: OrderedIdentifiers, ProfileManifest, ProfileMetadata. */
export function profileList(link: AppleLink, options: WaitOptions): Promise<PlistDict> {
  return link.service(MCINSTALL_SERVICE, options, (channel, signal) =>
    ask(channel, 'GetProfileList', signal),
  );
}

/**
 * The order to erase all content and settings, the eSIM included. Up to iOS 10 the handset knows no options, and before
 * 14 not both of them. Source: Apple's documentation of the MDM command EraseDevice. Pure.
 */
export function eraseRequest(iosMajor: number): PlistDict {
  const request = { RequestType: 'EraseDevice' };
  if (iosMajor < 11) return request;
  if (iosMajor < 14) return { ...request, PreserveDataPlan: false };
  return { ...request, PreserveDataPlan: false, DisallowProximitySetup: true };
}

/**
 * Orders the erase. A handset that obeys may leave the bus before it answers, so that the end of the connection after
 * the order counts as one of its answers. Errors: iphone-refused with the handset's words, those of the link.
 */
export async function eraseDevice(
  link: AppleLink,
  iosMajor: number,
  options: WaitOptions,
): Promise<EraseReply> {
  let sent = false;
  try {
    return await link.service(MCINSTALL_SERVICE, options, async (channel, signal) => {
      await ask(channel, 'Flush', signal);
      const wait = { signal, timeoutMs: ASK_MS };
      const reply = await channel.exchange(wait, async ({ send, receive }) => {
        await send(eraseRequest(iosMajor));
        sent = true;
        return receive();
      });
      requireStatus(isDict(reply) ? reply : {}, 'Acknowledged', 'EraseDevice');
      return 'acknowledged' as const;
    });
  } catch (error) {
    if (sent && hasCode(error, 'iphone-closed', 'iphone-tls', 'handset-gone')) return 'closed';
    throw error;
  }
}

async function ask(
  channel: PlistChannel,
  request: string,
  signal: AbortSignal,
): Promise<PlistDict> {
  const reply = await channel.ask({ RequestType: request }, { signal, timeoutMs: ASK_MS });
  requireStatus(reply, 'Acknowledged', request);
  return reply;
}
