import { once } from 'node:events';
import { connect as connectTo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { build, type PlistValue, parse } from 'plist';
import type { SimulatedIphone } from '../../../src/simulator/apple/iphone.js';
import {
  type NewPairRecord,
  newPairRecord,
} from '../../../src/simulator/apple/usbmux/new-pair-record.js';
import { ByteSource } from '../../../src/simulator/apple/wire/byte-source.js';
import { type AppleRack, KEYS } from './fixtures.js';

// Property lists go through the published library here, the simulator has its own reader and writer.
export type Dict = { [key: string]: PlistValue };

/** A connection to the endpoint, with property lists under either framing. */
export class Wire {
  readonly stream: Duplex;
  readonly source: ByteSource;

  constructor(stream: Duplex) {
    this.stream = stream;
    this.source = new ByteSource(stream);
  }

  static async open(rack: AppleRack): Promise<Wire> {
    const socket = connectTo(rack.socket);
    await once(socket, 'connect');
    return new Wire(socket);
  }

  sendMux(value: Dict, tag = 1): void {
    const payload = Buffer.from(build(value));
    const head = Buffer.alloc(16);
    [payload.length + 16, 1, 8, tag].forEach((field, index) => {
      head.writeUInt32LE(field, index * 4);
    });
    this.stream.write(Buffer.concat([head, payload]));
  }

  /** Null: the endpoint hung up. */
  async readMux(): Promise<{ tag: number; value: Dict } | null> {
    const head = await this.source.take(16);
    const payload = head && (await this.source.take(head.readUInt32LE(0) - 16));
    if (!payload) return null;
    return { tag: head.readUInt32LE(12), value: parse(payload.toString()) as Dict };
  }

  async mux(value: Dict): Promise<Dict> {
    this.sendMux(value);
    return (await this.readMux())?.value ?? { hungUp: true };
  }

  /** Null: the phone hung up. */
  async ask(value: PlistValue): Promise<Dict | null> {
    this.tell(value);
    return this.hear();
  }

  tell(value: PlistValue): void {
    const payload = Buffer.from(build(value));
    const head = Buffer.alloc(4);
    head.writeUInt32BE(payload.length);
    this.stream.write(Buffer.concat([head, payload]));
  }

  async hear(): Promise<Dict | null> {
    const head = await this.source.take(4);
    const payload = head && (await this.source.take(head.readUInt32BE(0)));
    return payload ? (parse(payload.toString()) as Dict) : null;
  }

  /** Whether the endpoint hangs up, whatever it still says before. */
  async ends(): Promise<boolean> {
    while (await this.source.take(1));
    return true;
  }

  async secured(record: NewPairRecord, role: 'Host' | 'Root' = 'Host'): Promise<Wire> {
    this.source.release();
    const tls = connectTls({
      socket: this.stream as Socket,
      key: role === 'Host' ? record.HostPrivateKey : record.RootPrivateKey,
      cert: role === 'Host' ? record.HostCertificate : record.RootCertificate,
      rejectUnauthorized: false,
    });
    await once(tls, 'secureConnect');
    return new Wire(tls);
  }
}

export function deviceIdOf(rack: AppleRack, iphone: SimulatedIphone): number | null {
  const found = rack.usbmuxd
    .attached()
    .find((one) => JSON.stringify(one).includes(iphone.state.identity.udid));
  return typeof found?.['DeviceID'] === 'number' ? found['DeviceID'] : null;
}

/** A connection to a port of the phone. */
export async function toPort(
  rack: AppleRack,
  iphone: SimulatedIphone,
  port = 62078,
): Promise<Wire> {
  const wire = await Wire.open(rack);
  const swapped = ((port & 0xff) << 8) | (port >> 8);
  const said = await wire.mux({
    MessageType: 'Connect',
    DeviceID: deviceIdOf(rack, iphone) ?? 0,
    PortNumber: swapped,
  });
  if (said['Number'] !== 0) throw new Error(`Connect: ${JSON.stringify(said)}`);
  return wire;
}

/** What a new host that this phone shall trust keeps. */
export async function newRecord(rack: AppleRack, iphone: SimulatedIphone): Promise<NewPairRecord> {
  const lockdown = await toPort(rack, iphone);
  const said = await lockdown.ask({ Request: 'GetValue', Key: 'DevicePublicKey' });
  lockdown.stream.destroy();
  const key = Buffer.from((said?.['Value'] ?? new Uint8Array()) as Uint8Array);
  return newPairRecord(key, await rack.usbmuxd.records.systemBuid(), KEYS.host);
}

/** The error of a Pair request; undefined: paired. */
export async function pairWith(
  rack: AppleRack,
  iphone: SimulatedIphone,
  record: NewPairRecord,
): Promise<PlistValue | undefined> {
  const { HostPrivateKey: _host, RootPrivateKey: _root, ...shown } = record;
  const lockdown = await toPort(rack, iphone);
  const said = await lockdown.ask({ Request: 'Pair', PairRecord: shown, ProtocolVersion: '2' });
  lockdown.stream.destroy();
  return said?.['Error'];
}

/** A host that this phone trusts, after Trust was tapped where the phone asks. */
export async function trustedHost(
  rack: AppleRack,
  iphone: SimulatedIphone,
): Promise<NewPairRecord> {
  const record = await newRecord(rack, iphone);
  await pairWith(rack, iphone, record);
  iphone.person.trust();
  const refused = await pairWith(rack, iphone, record);
  if (refused !== undefined) throw new Error(`Pair: ${String(refused)}`);
  return record;
}

/** Lockdown inside a session. */
export async function session(
  rack: AppleRack,
  iphone: SimulatedIphone,
  record: NewPairRecord,
): Promise<{ lockdown: Wire; id: string }> {
  const plain = await toPort(rack, iphone);
  const { HostID, SystemBUID } = record;
  const said = await plain.ask({ Request: 'StartSession', HostID, SystemBUID });
  if (said?.['Error'] !== undefined) throw new Error(String(said['Error']));
  return { lockdown: await plain.secured(record), id: String(said?.['SessionID']) };
}

/** A connection to a service, secured. */
export async function service(
  rack: AppleRack,
  iphone: SimulatedIphone,
  { record, name }: { record: NewPairRecord; name: string },
): Promise<Wire> {
  const { lockdown } = await session(rack, iphone, record);
  const said = await lockdown.ask({ Request: 'StartService', Service: name });
  lockdown.stream.destroy();
  if (typeof said?.['Port'] !== 'number') throw new Error(String(said?.['Error']));
  const wire = await toPort(rack, iphone, said['Port']);
  return said['EnableServiceSSL'] ? wire.secured(record) : wire;
}

/** Values read in a session of their own. */
export async function values(
  rack: AppleRack,
  iphone: SimulatedIphone,
  { record, domain }: { record: NewPairRecord; domain?: string },
): Promise<Dict> {
  const { lockdown } = await session(rack, iphone, record);
  const said = await lockdown.ask({ Request: 'GetValue', ...(domain ? { Domain: domain } : {}) });
  lockdown.stream.destroy();
  return (said?.['Value'] ?? {}) as Dict;
}

export interface AfcReply {
  readonly operation: number;
  readonly head: Buffer;
  readonly data: Buffer;
}

/** AFC packets as libimobiledevice builds them. */
export class AfcWire {
  readonly wire: Wire;
  #number = 0n;

  constructor(wire: Wire) {
    this.wire = wire;
  }

  /** Null: the connection died. */
  async ask(
    operation: number,
    head: Buffer,
    data: Buffer = Buffer.alloc(0),
  ): Promise<AfcReply | null> {
    this.#number += 1n;
    const start = Buffer.alloc(40);
    start.write('CFA6LPAA');
    [40 + head.length + data.length, 40 + head.length].forEach((length, index) => {
      start.writeBigUInt64LE(BigInt(length), 8 + index * 8);
    });
    start.writeBigUInt64LE(this.#number, 24);
    start.writeBigUInt64LE(BigInt(operation), 32);
    this.wire.stream.write(Buffer.concat([start, head, data]));
    const said = await this.wire.source.take(40);
    const first = said && (await this.wire.source.take(Number(said.readBigUInt64LE(16)) - 40));
    const rest =
      said &&
      (await this.wire.source.take(
        Number(said.readBigUInt64LE(8)) - Number(said.readBigUInt64LE(16)),
      ));
    if (!said || !first || !rest) return null;
    if (said.readBigUInt64LE(24) !== this.#number) throw new Error('wrong packet number');
    return { operation: Number(said.readBigUInt64LE(32)), head: first, data: rest };
  }

  /** The status of an operation; -1: the connection died. */
  async status(operation: number, head: Buffer, data: Buffer = Buffer.alloc(0)): Promise<number> {
    const said = await this.ask(operation, head, data);
    if (!said) return -1;
    if (said.operation !== 1) throw new Error(`AFC ${operation}: answered ${said.operation}`);
    return Number(said.head.readBigUInt64LE(0));
  }

  async open(path: string, mode: number): Promise<Buffer> {
    const said = await this.ask(0x0d, Buffer.concat([u64(mode), text(path)]));
    if (said?.operation !== 0x0e) throw new Error(`open ${path}: ${said?.head.toString('hex')}`);
    return said.head;
  }

  /** Key and value pairs, or a list of names. */
  async list(operation: number, path?: string): Promise<readonly string[]> {
    const said = await this.ask(operation, path === undefined ? Buffer.alloc(0) : text(path));
    if (said?.operation !== 2) throw new Error(`AFC ${operation}: ${said?.head.toString('hex')}`);
    return said.data.toString().split('\0').slice(0, -1);
  }
}

export function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
}

export function text(path: string): Buffer {
  return Buffer.from(`${path}\0`);
}
