import type { Duplex } from 'node:stream';
import type { UsbFace } from '../../../../src/simulator/android/usb-face.js';
import { CAPABILITIES, type Kind, STATUS } from '../usbredir/layouts.js';
import { PacketReader } from '../usbredir/packet-reader.js';
import { encodePacket, hello, type Packet, type PacketOf, packet } from '../usbredir/packets.js';
import { UsbDevice } from '../usbredir/usb-device.js';

export const MTP = { classCode: 6, subclass: 1, protocol: 1 };
export const ADB = { classCode: 0xff, subclass: 0x42, protocol: 1 };
export const IDS = { vendorId: 0x18d1, productId: 0x4ee2, open: true };
export const FACE: UsbFace = { ...IDS, serial: 'H1SERIAL', interfaces: [MTP, ADB], adb: true };

/** A device and the bytes that go to it, without a wire between. */
export function device(face: UsbFace = FACE, capabilities: number = CAPABILITIES) {
  const reader = new PacketReader(CAPABILITIES);
  const sent: Packet[] = [];
  const pipes: Duplex[] = [];
  const usb = new UsbDevice(face, {
    send: (message) => sent.push(message),
    agreed: () => reader.agreed,
    adb: (stream) => pipes.push(stream),
    adbEnded: () => sent.push(packet('reset', 99n, {})),
  });
  const feed = (bytes: Buffer) => {
    for (const message of reader.push(bytes)) usb.take(message);
  };
  const bytes = () => Buffer.concat(sent.map((message) => encodePacket(message, reader.agreed)));
  const say = <K extends Kind>(kind: K, fields: PacketOf<K>['fields'], id = 7n, data?: Buffer) => {
    sent.length = 0;
    usb.take(packet(kind, id, fields, data) as unknown as Packet);
    return sent;
  };
  const plug = () => feed(encodePacket(hello('a host', capabilities), 0));
  const configure = () => {
    plug();
    say('setConfiguration', { configuration: 1 });
    sent.length = 0;
    const pipe = pipes.at(-1);
    if (!pipe) throw new Error('no adb');
    return pipe;
  };
  return { usb, reader, sent, pipes, feed, bytes, say, plug, configure };
}

/** One control transfer: the bytes as hex, or `stall`. */
export function control(usb: ReturnType<typeof device>, setup: string, length = 255): string {
  const [requestType = 0, request = 0, ...rest] = Buffer.from(setup.replaceAll(' ', ''), 'hex');
  const [value, index] = [
    (rest[0] ?? 0) + (rest[1] ?? 0) * 256,
    (rest[2] ?? 0) + (rest[3] ?? 0) * 256,
  ];
  const fields = {
    endpoint: requestType & 0x80,
    request,
    requestType,
    status: 0,
    value,
    index,
    length,
  };
  const [answer] = usb.say('control', fields);
  if (answer?.kind !== 'control') return 'nothing';
  if (answer.fields.length !== answer.data.length) return 'wrong length';
  if (answer.fields.status === STATUS.stall) return 'stall';
  return answer.fields.status === STATUS.success ? answer.data.toString('hex') : 'error';
}
