import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { UsbFace } from '../../../../src/simulator/android/usb-face.js';
import { CAPABILITIES } from './layouts.js';
import { PacketReader } from './packet-reader.js';
import { encodePacket, hello, type Packet, readHello } from './packets.js';
import { UsbDevice } from './usb-device.js';

const VERSION = 'sarachi simulated handset';

export interface SessionOptions {
  readonly face: UsbFace;
  /** Given the adb daemon's end whenever the host has configured the device. */
  readonly adb: (stream: Duplex) => void;
  readonly log: (line: string) => void;
}

/** Shows one device over one connection. Resolves when the connection is closed, whoever did it. */
export async function runSession(socket: Socket, options: SessionOptions): Promise<void> {
  const { face, adb, log } = options;
  const reader = new PacketReader(CAPABILITIES);
  const send = (message: Packet) => {
    if (!socket.writable) return;
    // A host that asks and does not read its answers is heard no further until it does.
    if (!socket.write(encodePacket(message, reader.agreed))) socket.pause();
  };
  const device = new UsbDevice(face, {
    send,
    adb,
    agreed: () => reader.agreed,
    adbEnded: () => {
      log('adb ended by itself: the device leaves the bus');
      socket.destroy();
    },
  });
  socket.on('drain', () => socket.resume());
  socket.on('error', (error) => log(`connection broke: ${error.message}`));
  socket.on('data', (bytes) => {
    try {
      for (const message of reader.push(bytes)) {
        tell(message, log);
        device.take(message);
        if (socket.destroyed) return;
      }
    } catch (error) {
      log(error instanceof Error ? error.message : String(error));
      socket.destroy();
    }
  });
  const closed = new Promise<void>((resolve) => {
    if (socket.closed) resolve();
    socket.once('close', () => resolve());
  });
  socket.write(encodePacket(hello(VERSION, CAPABILITIES), 0));
  await closed;
  device.unplugged();
}

function tell(message: Packet, log: (line: string) => void): void {
  if (message.kind === 'hello') log(`hello from ${readHello(message).version}`);
  if (message.kind === 'reset') log('reset');
  if (message.kind === 'setConfiguration') log(`configuration ${message.fields.configuration}`);
}
