import type { SimulatedIphone } from '../iphone.js';
import { pair } from '../lockdown/pairing.js';
import { devicePublicKey } from '../lockdown/values.js';
import { textOf } from '../wire/plist.js';
import { keptRecord, type NewPairRecord, newPairRecord } from './new-pair-record.js';
import type { PairRecords } from './pair-records.js';

export interface PreflightWatcher {
  /** A record was saved. */
  paired(): void;
  trouble(error: unknown): void;
}

/**
 * What usbmuxd does with a phone that has come (usbmuxd, src/preflight.c): a record that the phone does not know is
 * useless, so it asks the phone to pair, and once more when the person has tapped Trust. The real daemon speaks lockdown
 * for that; this one asks the phone directly.
 */
export class Preflight {
  readonly #iphone: SimulatedIphone;
  readonly #records: PairRecords;
  readonly #told: PreflightWatcher;
  readonly #unwatch: () => void;
  #stopped = false;
  #record: NewPairRecord | null = null;

  constructor(iphone: SimulatedIphone, records: PairRecords, told: PreflightWatcher) {
    this.#iphone = iphone;
    this.#records = records;
    this.#told = told;
    this.#unwatch = iphone.watch({
      faceChanged: () => undefined,
      cableDropped: () => undefined,
      trusted: () => {
        this.#pair().catch((error: unknown) => told.trouble(error));
      },
    });
  }

  async run(): Promise<void> {
    const { hosts, identity } = this.#iphone.state;
    const record = await this.#records.parsed(identity.udid);
    const hostId = record && textOf(record, 'HostID');
    if (!hosts.some((one) => one.hostId === hostId)) await this.#pair();
  }

  stop(): void {
    this.#stopped = true;
    this.#unwatch();
  }

  async #pair(): Promise<void> {
    const { state, person } = this.#iphone;
    const key = Buffer.from(devicePublicKey(state));
    this.#record ??= await newPairRecord(key, await this.#records.systemBuid());
    const record = this.#record;
    if (this.#stopped || pair(this.#iphone, person, { PairRecord: { ...record } })) return;
    await this.#records.save(state.identity.udid, keptRecord(record, state.identity));
    if (!this.#stopped) this.#told.paired();
  }
}
