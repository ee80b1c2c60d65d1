import { generateKeyPairSync } from 'node:crypto';
import {
  decodePairRecord,
  type PairRecord,
} from '../../../../src/devices/apple/lockdown/pair-record.js';
import {
  dictOf,
  entryOf,
  integerOf,
  isData,
  type PlistDict,
  type PlistValue,
  textOf,
} from '../../../../src/devices/apple/plist/plist-value.js';
import type { Wire } from '../../helpers/fake-adb-server.js';
import {
  FakeMux,
  muxReply,
  muxRequest,
  OK,
  plistReply,
  plistRequest,
  tlsWire,
} from './fake-mux.js';

export const UDID = '00008030-001A2B3C4D5E802E';
const LOCKDOWN = 62078;
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PRIVATE = keys.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();

/** One phone behind one usbmuxd, as small as the client's own tests need it. */
export class FakePhone {
  readonly mux = new FakeMux((wire) => this.#serve(wire));
  deviceId = 7;
  plugged = true;
  record: Uint8Array | null = null;
  readonly hostIds = new Set<string>();
  /** What Pair is answered; null: with success. */
  pairing: string | null = 'PairingDialogResponsePending';
  /** The hosts that asked to be trusted. */
  readonly offers: string[] = [];
  readonly values: Record<string, PlistValue> = {
    UniqueDeviceID: UDID,
    WiFiAddress: '00:11:22:33:44:55',
    DevicePublicKey: Buffer.from(keys.publicKey.export({ type: 'pkcs1', format: 'pem' })),
  };
  sessionTls = true;
  /** Set to answer lockdown's requests otherwise; `undefined` falls back to the ordinary answer. */
  lockdown: (request: PlistDict, wire: Wire) => PlistValue | 'silent' | undefined = () => undefined;
  /** What a started service does with its connection. */
  service: (wire: Wire, name: string) => Promise<void> | void = () => undefined;
  readonly asked: string[] = [];
  readonly clientCertificates: string[] = [];
  readonly #listeners = new Set<Wire>();
  readonly #ports = new Map<number, string>();
  #hostRecord: PairRecord | null = null;

  push(body: PlistDict): void {
    for (const wire of this.#listeners) muxReply(wire, body, 0);
  }

  get attached(): PlistDict {
    const Properties = {
      ConnectionType: 'USB',
      DeviceID: this.deviceId,
      LocationID: 0x1_0000 | this.deviceId,
      ProductID: 0x12a8,
      SerialNumber: UDID,
    };
    return { MessageType: 'Attached', DeviceID: this.deviceId, Properties };
  }

  unplug(): void {
    this.plugged = false;
    this.push({ MessageType: 'Detached', DeviceID: this.deviceId });
  }

  replug(): void {
    this.deviceId += 1;
    this.plugged = true;
    this.push(this.attached);
  }

  async #serve(wire: Wire): Promise<void> {
    const request = await muxRequest(wire);
    const type = textOf(request, 'MessageType') ?? '';
    if (type === 'Listen') {
      this.#listeners.add(wire);
      wire.socket.once('close', () => this.#listeners.delete(wire));
      muxReply(wire, OK);
      if (this.plugged) muxReply(wire, this.attached, 0);
    } else if (type === 'Connect') await this.#connect(wire, request);
    else muxReply(wire, this.#answer(type, request));
  }

  #answer(type: string, request: PlistDict): PlistDict {
    switch (type) {
      case 'ListDevices':
        return { DeviceList: this.plugged ? [this.attached] : [] };
      case 'ReadBUID':
        return { BUID: '30142955-444094379208051516' };
      case 'ReadPairRecord':
        return this.record ? { PairRecordData: this.record } : { ...OK, Number: 2 };
      case 'SavePairRecord': {
        const data = entryOf(request, 'PairRecordData');
        this.record = isData(data) ? data : null;
        this.push({ MessageType: 'Paired', DeviceID: this.deviceId });
        return OK;
      }
      case 'DeletePairRecord':
        this.record = null;
        return OK;
      default:
        return { ...OK, Number: 1 };
    }
  }

  async #connect(wire: Wire, request: PlistDict): Promise<void> {
    const swapped = integerOf(request, 'PortNumber') ?? 0;
    const port = ((swapped & 0xff) << 8) | (swapped >> 8);
    if (!this.plugged || integerOf(request, 'DeviceID') !== this.deviceId)
      return muxReply(wire, { ...OK, Number: 2 });
    const name = this.#ports.get(port);
    if (port !== LOCKDOWN && name === undefined) return muxReply(wire, { ...OK, Number: 3 });
    muxReply(wire, OK);
    if (name === undefined) return this.#lockdown(wire);
    await this.service(this.#hostRecord ? tlsWire(wire, this.#hostRecord, PRIVATE) : wire, name);
  }

  async #lockdown(plain: Wire): Promise<void> {
    let wire = plain;
    for (;;) {
      const request = await plistRequest(wire);
      const name = textOf(request, 'Request') ?? '';
      this.asked.push(name);
      const answer = this.lockdown(request, wire) ?? this.#ordinary(name, request);
      if (answer === 'silent') continue;
      plistReply(wire, answer);
      const began = name === 'StartSession' && Object.hasOwn(Object(answer), 'SessionID');
      if (began && this.sessionTls && this.#hostRecord)
        wire = tlsWire(wire, this.#hostRecord, PRIVATE);
    }
  }

  #ordinary(Request: string, request: PlistDict): PlistDict {
    switch (Request) {
      case 'GetValue':
        return this.#value(request);
      case 'Pair':
        return this.#pair(request);
      case 'StartSession': {
        if (!this.hostIds.has(textOf(request, 'HostID') ?? ''))
          return { Request, Error: 'InvalidHostID' };
        this.#hostRecord = this.record ? decodePairRecord(this.record) : null;
        return { Request, SessionID: 'A-1', EnableSessionSSL: this.sessionTls };
      }
      case 'StartService': {
        const Port = 49_152 + this.#ports.size;
        const Service = textOf(request, 'Service') ?? '';
        this.#ports.set(Port, Service);
        return { Request, Service, Port, EnableServiceSSL: true };
      }
      default:
        return { Request, Result: 'Success' };
    }
  }

  #value(request: PlistDict): PlistDict {
    const Key = textOf(request, 'Key');
    const Domain = textOf(request, 'Domain');
    const echo = { Request: 'GetValue', ...(Key ? { Key } : {}), ...(Domain ? { Domain } : {}) };
    if (Key === null) return { ...echo, Value: this.values };
    const value = this.values[Domain ? `${Domain}/${Key}` : Key];
    return value === undefined ? { ...echo, Error: 'MissingValue' } : { ...echo, Value: value };
  }

  #pair(request: PlistDict): PlistDict {
    const Request = 'Pair';
    const record = dictOf(request, 'PairRecord') ?? {};
    this.offers.push(textOf(record, 'HostID') ?? '');
    if (this.pairing) return { Request, Error: this.pairing };
    if (Object.keys(record).some((key) => key.includes('Private')))
      return { Request, Error: 'a private key was sent' };
    this.hostIds.add(textOf(record, 'HostID') ?? '');
    return { Request, EscrowBag: Buffer.alloc(32, 7) };
  }
}
