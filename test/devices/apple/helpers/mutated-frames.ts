import { AfcConnection } from '../../../../src/devices/apple/afc/afc-connection.js';
import { encodeFrame as afcFrame, OP, u64 } from '../../../../src/devices/apple/afc/afc-frames.js';
import { encodeFrame, readFrame } from '../../../../src/devices/apple/lockdown/plist-channel.js';
import { binaryPlist } from '../../../../src/devices/apple/plist/binary-writer.js';
import type { PlistValue } from '../../../../src/devices/apple/plist/plist-value.js';
import { xmlPlist } from '../../../../src/devices/apple/plist/xml-writer.js';
import { eventOf } from '../../../../src/devices/apple/usbmux/mux-events.js';
import { encodePacket, readPacket } from '../../../../src/devices/apple/usbmux/packets.js';
import { SarachiError } from '../../../../src/errors.js';
import { fed } from './fed.js';

const ATTACHED = {
  MessageType: 'Attached',
  DeviceID: 7,
  Properties: {
    ConnectionSpeed: 480_000_000,
    ConnectionType: 'USB',
    DeviceID: 7,
    LocationID: 65_541,
    ProductID: 0x12a8,
    SerialNumber: '00008030-001A2B3C4D5E802E',
  },
};
const VALUE: PlistValue = {
  Request: 'GetValue',
  Key: 'UniqueChipID',
  Value: { big: 2n ** 62n, real: 2.5, when: new Date(0), list: [true, 'さらち', Buffer.of(1, 2)] },
};
const waiting = () => ({ signal: new AbortController().signal, timeoutMs: 10_000 });

/** A parser with frames that it reads; resolves when the bytes were taken or refused. */
export interface Victim {
  readonly name: string;
  readonly frames: readonly Buffer[];
  readonly read: (bytes: Buffer) => Promise<unknown>;
}

export const VICTIMS: readonly Victim[] = [
  {
    name: 'usbmux',
    frames: [encodePacket(0, ATTACHED), encodePacket(1, { MessageType: 'Result', Number: 0 })],
    read: async (bytes) => eventOf((await readPacket(fed(bytes))).body),
  },
  {
    name: 'lockdown',
    frames: [encodeFrame(xmlPlist(VALUE)), encodeFrame(binaryPlist(VALUE))],
    read: (bytes) => readFrame(fed(bytes)),
  },
  {
    name: 'afc',
    frames: [
      Buffer.concat([afcFrame(1, OP.data, Buffer.alloc(0), 9), Buffer.from('one\0two\0\0')]),
      afcFrame(1, OP.status, u64(18)),
      afcFrame(1, OP.openResult, u64(3)),
    ],
    read: (bytes) => {
      const answer = bytes.readUInt8(32) === OP.openResult ? OP.openResult : OP.data;
      const request = { operation: OP.readDir, fields: Buffer.alloc(0), answer, maxAnswer: 64 };
      return new AfcConnection(fed(bytes)).request(request, waiting());
    },
  },
];

function mutate(frame: Buffer, random: () => number): Buffer {
  const bytes = Buffer.from(frame);
  const times = 1 + Math.floor(random() * 4);
  for (let time = 0; time < times; time += 1) {
    const at = Math.floor(random() * bytes.length);
    bytes[at] = random() < 0.3 ? 0xff : Math.floor(random() * 256);
  }
  const kind = random();
  if (kind < 0.2) return bytes.subarray(0, Math.max(33, Math.floor(random() * bytes.length)));
  return kind < 0.3 ? Buffer.concat([bytes, frame]) : bytes;
}

/** Feeds mutated frames; answers how many were read and refused. Anything but a typed error is thrown on. */
export async function feedMutated(
  { frames, read }: Victim,
  count: number,
  random: () => number,
): Promise<{ taken: number; refused: number }> {
  const seen = { taken: 0, refused: 0 };
  for (let time = 0; time < count; time += 1) {
    const bytes = mutate(frames[time % frames.length] ?? Buffer.alloc(40), random);
    try {
      await read(bytes);
      seen.taken += 1;
    } catch (error) {
      if (!(error instanceof SarachiError) || error.code === 'internal')
        throw new Error(`not refused but broken by ${bytes.toString('hex')}`, { cause: error });
      seen.refused += 1;
    }
  }
  return seen;
}
