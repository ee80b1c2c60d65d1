import { hasCode, SarachiError } from '../../../errors.js';
import { cleanField } from '../../../text.js';
import type { WaitOptions } from '../../../wait.js';
import type { ByteStreamOptions } from '../byte-stream.js';
import {
  dictOf,
  entryOf,
  integerOf,
  isData,
  type PlistDict,
  type PlistValue,
  textOf,
} from '../plist/plist-value.js';
import { errorOf, saidBy } from './lockdown-error.js';
import { type PairRecord, pairRequestRecord } from './pair-record.js';
import { PlistChannel } from './plist-channel.js';
import { upgradeToTls } from './upgrade-to-tls.js';

/** The TCP port of lockdownd on every handset. */
export const LOCKDOWN_PORT = 62078;
const LABEL = 'sarachi';
const VERSION = '2';

/** What a host calls itself in a pairing. */
export interface HostName {
  readonly hostId: string;
  readonly systemBuid: string;
}

interface AskOptions extends WaitOptions {
  /** The names of requests that a reply may bear; default: that of the request. */
  readonly answeredAs?: readonly string[];
}

export interface StartedService {
  readonly port: number;
  readonly tls: boolean;
}

/**
 * One connection to lockdownd. Every reply must name the request, and the key and domain that were asked for: anything
 * else is iphone-protocol and ends the connection, because what came could be the answer to another question.
 * Errors of every request: those of `PlistChannel.ask`, iphone-protocol, and what the handset said (lockdown-error.ts).
 * Source of the requests: libimobiledevice src/lockdown.c.
 */
export class Lockdown {
  #channel: PlistChannel;
  readonly #streamOptions: ByteStreamOptions;
  #session: string | null = null;
  #record: PairRecord | null = null;

  constructor(channel: PlistChannel, streamOptions: ByteStreamOptions) {
    this.#channel = channel;
    this.#streamOptions = streamOptions;
  }

  /** `com.apple.mobile.lockdown`, or another name in restore mode. */
  async queryType(options: WaitOptions): Promise<string> {
    return this.#textFrom(await this.#ask({ Request: 'QueryType' }, options), 'Type');
  }

  /** One value; undefined where the handset has none. What needs a session is iphone-refused without one. */
  async value(
    key: string,
    options: WaitOptions & { readonly domain?: string },
  ): Promise<PlistValue | undefined> {
    const { domain } = options;
    const asked = domain === undefined ? { Key: key } : { Domain: domain, Key: key };
    return this.#valueOf(asked, options);
  }

  /** All values of a domain, or of the one without a name; undefined where the handset has none. */
  async values(domain: string | null, options: WaitOptions): Promise<PlistDict | undefined> {
    const value = await this.#valueOf(domain === null ? {} : { Domain: domain }, options);
    if (value === undefined) return undefined;
    const dict = dictOf({ value }, 'value');
    if (dict === null) throw this.#wrong('GetValue', 'values that are no dictionary');
    return dict;
  }

  /** Who this rack was to the handset when the session began; null without a session. No secret. */
  get host(): HostName | null {
    const record = this.#record;
    return record && { hostId: record.hostId, systemBuid: record.systemBuid };
  }

  /**
   * Whether the handset would begin a session with a host of this name, which it forgets in an erase. The connection is
   * of no use after it.
   */
  async knowsHost({ hostId, systemBuid }: HostName, options: WaitOptions): Promise<boolean> {
    try {
      const request = { Request: 'StartSession', HostID: hostId, SystemBUID: systemBuid };
      await this.#ask(request, options);
      return true;
    } catch (error) {
      if (hasCode(error, 'iphone-unpaired')) return false;
      throw error;
    } finally {
      this.destroy();
    }
  }

  /** Has the handset forget the pairing of this session. Error besides those of every request: internal without one. */
  async unpair(options: WaitOptions): Promise<void> {
    if (!this.#record) throw new SarachiError('internal', { tag: 'unpair-without-session' });
    const record = pairRequestRecord(this.#record);
    // Handsets answer it under the name of the request that it is a kind of (libimobiledevice src/lockdown.c).
    const answeredAs = ['Unpair', 'ValidatePair'];
    const request = { Request: 'Unpair', PairRecord: record, ProtocolVersion: VERSION };
    await this.#ask(request, { ...options, answeredAs });
  }

  /** Asks to be trusted. Answers the escrow bag, null where the handset gave none. */
  async pair(record: PairRecord, options: WaitOptions): Promise<Uint8Array | null> {
    const request = {
      Request: 'Pair',
      PairRecord: pairRequestRecord(record),
      ProtocolVersion: VERSION,
      PairingOptions: { ExtendedPairingErrors: true },
    };
    const bag = entryOf(await this.#ask(request, options), 'EscrowBag');
    return isData(bag) ? bag : null;
  }

  /** Whether the handset still knows this record: iphone-unpaired where not. */
  async validatePair(record: PairRecord, options: WaitOptions): Promise<void> {
    const pairRecord = pairRequestRecord(record);
    const request = { Request: 'ValidatePair', PairRecord: pairRecord, ProtocolVersion: VERSION };
    await this.#ask(request, options);
  }

  /** Begins a session and, where the handset wants it, TLS. Errors: iphone-unpaired, iphone-tls, pair-record-unusable. */
  async startSession(record: PairRecord, options: WaitOptions): Promise<void> {
    const { hostId: HostID, systemBuid: SystemBUID } = record;
    const reply = await this.#ask({ Request: 'StartSession', HostID, SystemBUID }, options);
    this.#session = this.#textFrom(reply, 'SessionID');
    this.#record = record;
    if (entryOf(reply, 'EnableSessionSSL') !== true) return;
    const duplex = this.#channel.release();
    const stream = await upgradeToTls(duplex, record, { ...this.#streamOptions, ...options });
    this.#channel = new PlistChannel(stream);
  }

  /**
   * Has a service started. With an escrow bag some start while the screen is locked; a handset that was not unlocked
   * since it started answers MissingValue to one (libimobiledevice issue 1078).
   */
  async startService(
    service: string,
    options: WaitOptions & { readonly escrowBag?: Uint8Array | null },
  ): Promise<StartedService> {
    const bag = options.escrowBag ? { EscrowBag: options.escrowBag } : {};
    const reply = await this.#ask(
      { Request: 'StartService', Service: service, ...bag },
      options,
    ).catch((error: unknown) => {
      throw options.escrowBag && saidBy(error, 'MissingValue')
        ? new SarachiError('iphone-not-unlocked', { service }, { cause: error })
        : error;
    });
    const port = integerOf(reply, 'Port');
    if (port === null || port < 1 || port > 65535) throw this.#wrong('StartService', 'no port');
    const named = textOf(reply, 'Service');
    if (named !== null && named !== service) throw this.#wrong('StartService', 'another service');
    return { port, tls: entryOf(reply, 'EnableServiceSSL') === true };
  }

  /** Ends the session, where there is one. The connection is of no use after it. */
  async stopSession(options: WaitOptions): Promise<void> {
    const session = this.#session;
    this.#session = null;
    if (session !== null) await this.#ask({ Request: 'StopSession', SessionID: session }, options);
    this.destroy();
  }

  destroy(): void {
    this.#channel.destroy();
  }

  async #valueOf(asked: PlistDict, options: WaitOptions): Promise<PlistValue | undefined> {
    try {
      const reply = await this.#ask({ Request: 'GetValue', ...asked }, options, asked);
      const value = entryOf(reply, 'Value');
      if (value === undefined) throw this.#wrong('GetValue', 'no value');
      return value;
    } catch (error) {
      if (hasCode(error, 'iphone-refused') && saidBy(error, 'MissingValue')) return undefined;
      throw error;
    }
  }

  /** `echoed` are the entries besides the request that a reply, good or bad, must repeat. */
  async #ask(request: PlistDict, options: AskOptions, echoed: PlistDict = {}): Promise<PlistDict> {
    const label = { Label: LABEL, ProtocolVersion: VERSION };
    const reply = await this.#channel.ask({ ...label, ...request }, options);
    const asked = textOf(request, 'Request') ?? '';
    if (!(options.answeredAs ?? [asked]).includes(textOf(reply, 'Request') ?? ''))
      throw this.#wrong(asked, 'another request');
    const error = errorOf(reply);
    for (const name of ['Key', 'Domain']) {
      const named = textOf(reply, name);
      // A refusal carries no value that could be taken for another, so it may be short.
      if (named !== textOf(echoed, name) && !(error && named === null))
        throw this.#wrong(asked, `another ${name}`);
    }
    if (error) throw error;
    return reply;
  }

  #textFrom(reply: PlistDict, key: string): string {
    const text = cleanField(textOf(reply, key) ?? '');
    if (text === null) throw this.#wrong(textOf(reply, 'Request') ?? '', `no ${key}`);
    return text;
  }

  #wrong(request: string, reason: string): SarachiError {
    this.destroy();
    return new SarachiError('iphone-protocol', { request, reason });
  }
}
