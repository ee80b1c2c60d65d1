import { SarachiError } from '../../errors.js';
import type { WaitOptions } from '../../wait.js';
import { ByteStream, type ByteStreamOptions } from './byte-stream.js';
import { LOCKDOWN_PORT, Lockdown } from './lockdown/lockdown.js';
import { decodePairRecord, type PairRecord } from './lockdown/pair-record.js';
import { PlistChannel } from './lockdown/plist-channel.js';
import { upgradeToTls } from './lockdown/upgrade-to-tls.js';
import type { MuxClient } from './usbmux/mux-client.js';
import { udidOf } from './usbmux/mux-device.js';

/** How one handset is reached at the moment. */
export interface Reach {
  readonly mux: MuxClient;
  readonly deviceId: number;
  readonly udid: string;
  readonly onBytes?: ((count: number) => void) | undefined;
}

/** How long a session that is over anyway may take to say goodbye. */
const GOODBYE_MS = 1_000;

/**
 * A connection to lockdownd, without a session. Device numbers are used again after usbmuxd restarted, so the handset
 * must name itself first. Errors: handset-swapped, those of `MuxClient.connect` and of lockdown.
 */
export async function openLockdown(reach: Reach, options: WaitOptions): Promise<Lockdown> {
  const socket = await reach.mux.connect(
    { deviceId: reach.deviceId, port: LOCKDOWN_PORT },
    options,
  );
  const streamOptions = streamOptionsOf(reach);
  const channel = new PlistChannel(new ByteStream(socket, streamOptions));
  const lockdown = new Lockdown(channel, streamOptions);
  try {
    const named = await lockdown.value('UniqueDeviceID', options);
    if (typeof named !== 'string')
      throw new SarachiError('iphone-protocol', { reason: 'no UniqueDeviceID' });
    if (udidOf(named) !== reach.udid)
      throw new SarachiError('handset-swapped', { reason: 'another UDID answered' });
    return lockdown;
  } catch (error) {
    lockdown.destroy();
    throw error;
  }
}

/** A session of the pair record that usbmuxd keeps. Errors: iphone-unpaired (also without a record), pair-record-unusable. */
export async function openSession(
  reach: Reach,
  options: WaitOptions,
): Promise<{ readonly lockdown: Lockdown; readonly record: PairRecord }> {
  const bytes = await reach.mux.readPairRecord(reach.udid, options);
  if (bytes === null) throw new SarachiError('iphone-unpaired', { reason: 'no pair record' });
  const record = decodePairRecord(bytes);
  const lockdown = await openLockdown(reach, options);
  try {
    await lockdown.startSession(record, options);
    return { lockdown, record };
  } catch (error) {
    lockdown.destroy();
    throw error;
  }
}

/**
 * A connection to a service, encrypted where the handset wants it. With `escrow`, services start that would not while
 * the screen is locked. Errors: those of `openSession` and of `Lockdown.startService`.
 */
export async function openService(
  reach: Reach,
  service: string,
  options: WaitOptions & { readonly escrow?: boolean },
): Promise<ByteStream> {
  const { lockdown, record } = await openSession(reach, options);
  try {
    const escrowBag = options.escrow ? record.escrowBag : null;
    const { port, tls } = await lockdown.startService(service, { ...options, escrowBag });
    const socket = await reach.mux.connect({ deviceId: reach.deviceId, port }, options);
    const streamOptions = streamOptionsOf(reach);
    if (!tls) return new ByteStream(socket, streamOptions);
    return await upgradeToTls(socket, record, { ...streamOptions, ...options });
  } finally {
    await goodbye(lockdown, options);
  }
}

/** Ends a session politely; the service stays. */
export async function goodbye(lockdown: Lockdown, { signal }: WaitOptions): Promise<void> {
  // The session ends with its connection whatever the handset answers here.
  await lockdown.stopSession({ signal, timeoutMs: GOODBYE_MS }).catch(() => undefined);
  lockdown.destroy();
}

function streamOptionsOf({ onBytes }: Reach): ByteStreamOptions {
  return { whenEnded: 'iphone-closed', onBytes };
}
