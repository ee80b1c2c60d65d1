import process from 'node:process';
import { pino } from 'pino';
import { checkConfig } from '../../config.js';
import { type Daemon, startDaemon } from '../../daemon/start-daemon.js';
import type { UsbAddress } from '../../devices/apple/location.js';
import { type Locate, locateBySerial } from '../../devices/join-sightings.js';
import type { UsbBus, UsbDescription, UsbListener } from '../../devices/sighting.js';
import { asSarachiError } from '../../errors.js';
import type { UsbPath } from '../../handset.js';
import { createLog } from '../../log.js';
import { EXIT } from '../command.js';
import type { FromDaemon, ToDaemon } from './messages.js';
import { ToldReaders } from './told-readers.js';

/** The rack's bus as the parent process tells it. */
class ToldUsbBus implements UsbBus {
  readonly #devices = new Map<UsbPath, UsbDescription>();
  #listener: UsbListener | null = null;

  async start(listener: UsbListener): Promise<void> {
    this.#listener = listener;
    for (const device of this.#devices.values()) listener.attached(device);
  }

  async stop(): Promise<void> {
    this.#listener = null;
  }

  attached(device: UsbDescription): void {
    this.#devices.set(device.usbPath, device);
    this.#listener?.attached(device);
  }

  detached(usbPath: UsbPath): void {
    this.#devices.delete(usbPath);
    this.#listener?.detached(usbPath);
  }
}

function tell(message: FromDaemon): void {
  process.send?.(message);
}

const usbBus = new ToldUsbBus();
const places = new Map<string, UsbPath>();
let usbAddresses: readonly UsbAddress[] = [];
const locate: Locate = (row, devices) =>
  (row.serial === null ? undefined : places.get(row.serial)) ?? locateBySerial(row, devices);
const felicaReaders = new ToldReaders(tell);
const wires = { usbBus, locate, usbAddresses: async () => usbAddresses, felicaReaders };
let starting: Promise<Daemon | null> | null = null;

async function start(document: unknown, logFile: string): Promise<Daemon | null> {
  const config = checkConfig(document);
  const log = createLog(config.log.level, pino.destination({ dest: logFile, sync: true }));
  try {
    const daemon = await startDaemon(config, wires, log);
    daemon.adb.onUp(() => tell({ type: 'adb-up' }));
    const { endpoint, publicKeyPath } = daemon.adb;
    tell({ type: 'up', url: daemon.url, endpoint, publicKeyPath });
    return daemon;
  } catch (thrown) {
    const { code, message } = asSarachiError(thrown);
    log.fatal({ err: thrown, code }, 'sarachi cannot start');
    tell({ type: 'failed', code, message });
    return null;
  }
}

async function stop(): Promise<void> {
  const daemon = await starting;
  await daemon?.stop();
  process.exit(daemon ? EXIT.ok : EXIT.software);
}

process.on('message', (message: ToDaemon) => {
  switch (message.type) {
    case 'start':
      starting = start(message.config, message.logFile);
      break;
    case 'attached':
      usbBus.attached(message.device);
      break;
    case 'numbered':
      usbAddresses = message.addresses;
      break;
    case 'detached':
      usbBus.detached(message.usbPath);
      break;
    case 'reader-said':
      felicaReaders.said(message);
      break;
    case 'located':
      places.set(message.address, message.usbPath);
      break;
    case 'stop':
      void stop();
      break;
  }
});
// The rack is gone: a daemon without its bus has nothing left to do.
process.on('disconnect', () => void stop());
// A terminal's Ctrl-C reaches the whole group; the parent says when it is time.
process.on('SIGINT', () => undefined);
