import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { PairRecord } from '../../../../src/devices/apple/lockdown/pair-record.js';
import { encodeFrame } from '../../../../src/devices/apple/lockdown/plist-channel.js';
import { parsePlistDict } from '../../../../src/devices/apple/plist/plist.js';
import type { PlistDict, PlistValue } from '../../../../src/devices/apple/plist/plist-value.js';
import { xmlPlist } from '../../../../src/devices/apple/plist/xml-writer.js';
import type { MuxEndpoint } from '../../../../src/devices/apple/usbmux/endpoint.js';
import { encodePacket } from '../../../../src/devices/apple/usbmux/packets.js';
import { Wire } from '../../helpers/fake-adb-server.js';

export const OK = { MessageType: 'Result', Number: 0 };

export async function muxRequest(wire: Wire): Promise<PlistDict> {
  const header = await wire.bytes(16);
  return parsePlistDict(await wire.bytes(header.readUInt32LE(0) - 16));
}

export function muxReply(wire: Wire, body: PlistDict, tag = 1): void {
  wire.send(encodePacket(tag, body));
}

export async function plistRequest(wire: Wire): Promise<PlistDict> {
  const header = await wire.bytes(4);
  return parsePlistDict(await wire.bytes(header.readUInt32BE(0)));
}

export function plistReply(wire: Wire, value: PlistValue): void {
  wire.send(encodeFrame(xmlPlist(value)));
}

/** The phone's side of TLS on a connection that spoke plainly so far. */
export function tlsWire(wire: Wire, record: PairRecord, privateKey: string): Wire {
  wire.socket.removeAllListeners('data');
  const socket = new TLSSocket(wire.socket, {
    isServer: true,
    key: privateKey,
    cert: Buffer.from(record.deviceCertificate),
    requestCert: true,
    rejectUnauthorized: false,
  });
  return new Wire(socket);
}

/** A usbmuxd made of bytes: every connection goes to the present `behaviour`. */
export class FakeMux {
  behaviour: (wire: Wire) => Promise<void> | void;
  readonly wires = new Set<Wire>();
  connections = 0;
  readonly #server = createServer((socket) => {
    const wire = new Wire(socket);
    this.connections += 1;
    this.wires.add(wire);
    socket.once('close', () => this.wires.delete(wire));
    // A client that leaves in the middle of a behaviour is what many tests are about.
    Promise.resolve(this.behaviour(wire)).catch(() => socket.destroy());
  });

  constructor(behaviour: (wire: Wire) => Promise<void> | void) {
    this.behaviour = behaviour;
  }

  async listen(port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get endpoint(): MuxEndpoint {
    return { host: '127.0.0.1', port: this.port };
  }

  async close(): Promise<void> {
    for (const wire of this.wires) wire.socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
