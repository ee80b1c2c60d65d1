import type { Duplex } from 'node:stream';
import type { UsbFace } from '../../../../src/simulator/android/usb-face.js';
import { AdbPipe, type Bulk, bulkLength } from './adb-pipe.js';
import { answerControl } from './control.js';
import {
  DEVICE_VERSION,
  type Description,
  describe,
  endpointTables,
  interfaceTables,
} from './descriptors.js';
import { CAPABILITY, ENDPOINT_TYPE, SPEED_FULL, STATUS } from './layouts.js';
import { type Packet, type PacketOf, packet } from './packets.js';

/** More than a host has under way; the next one ends the connection. */
const MAX_WAITING = 1024;

export interface DeviceEnds {
  send(message: Packet): void;
  /** The capabilities that both sides have. */
  agreed(): number;
  /** The host has configured the device: what adbd reads and writes from here on. Destroyed when that is over. */
  adb(stream: Duplex): void;
  /** The adb daemon dropped its end by itself, which on a real handset takes the device off the bus. */
  adbEnded(): void;
}

/** A full-speed device with the face of a handset, as usbredir asks of it. */
export class UsbDevice {
  readonly #description: Description;
  readonly #ends: DeviceEnds;
  #configuration = 0;
  #pipe: AdbPipe | null = null;
  readonly #halted = new Set<number>();
  /** Requests to endpoints behind which nothing ever reads or writes. */
  readonly #idle = new Map<bigint, Bulk>();

  constructor(face: UsbFace, ends: DeviceEnds) {
    this.#description = describe(face);
    this.#ends = ends;
  }

  /** Throws where the host asks what no host may. */
  take(message: Packet): void {
    const { id } = message;
    switch (message.kind) {
      case 'hello':
        this.#connect();
        return;
      case 'reset':
        this.#configure(0);
        this.#sendTables();
        return;
      case 'setConfiguration':
        this.#setConfiguration(message);
        return;
      case 'getConfiguration':
        this.#sendConfiguration(id, STATUS.success);
        return;
      case 'setAltSetting':
      case 'getAltSetting':
        this.#altSetting(message);
        return;
      case 'startInterrupt':
      case 'stopInterrupt':
        this.#interrupts(message);
        return;
      case 'cancel':
        this.#cancel(id);
        return;
      case 'control':
        this.#control(message);
        return;
      case 'bulk':
        this.#bulk(message);
        return;
      default:
        throw new Error(`usbredir: ${message.kind} from the host`);
    }
  }

  /** The cable is out: whatever was under way is over. */
  unplugged(): void {
    this.#configure(0);
  }

  #connect(): void {
    const { vendorId, productId } = this.#description.face;
    this.#sendTables();
    const fields = {
      speed: SPEED_FULL,
      deviceClass: 0,
      subclass: 0,
      protocol: 0,
      vendorId,
      productId,
    };
    this.#ends.send(packet('deviceConnect', 0n, { ...fields, deviceVersion: DEVICE_VERSION }));
  }

  /** A host that was not told of the endpoints before it is told of the device refuses it. */
  #sendTables(): void {
    const count = this.#description.face.interfaces.length;
    const withSizes = (this.#ends.agreed() & CAPABILITY.endpointMaxPacketSize) !== 0;
    const tables = endpointTables(this.#description, withSizes);
    this.#ends.send(packet('endpointInfo', 0n, {}, tables));
    this.#ends.send(packet('interfaceInfo', 0n, { count }, interfaceTables(this.#description)));
  }

  #setConfiguration({ id, fields }: PacketOf<'setConfiguration'>): void {
    if (fields.configuration > 1) {
      this.#sendConfiguration(id, STATUS.stall);
      return;
    }
    this.#configure(fields.configuration);
    this.#sendTables();
    this.#sendConfiguration(id, STATUS.success);
  }

  #sendConfiguration(id: bigint, status: number): void {
    const fields = { status, configuration: this.#configuration };
    this.#ends.send(packet('configurationStatus', id, fields));
  }

  /** Ends all that was under way; a configured device has an adb connection that knows nothing of earlier ones. */
  #configure(configuration: number): void {
    this.#configuration = configuration;
    this.#halted.clear();
    const before = this.#pipe;
    this.#pipe = null;
    before?.destroy();
    for (const request of this.#idle.values()) this.#answer(request, STATUS.cancelled);
    this.#idle.clear();
    if (configuration === 0 || this.#description.adb === null) return;
    const pipe = new AdbPipe((request, status, data) => this.#answer(request, status, data));
    this.#pipe = pipe;
    pipe.on('close', () => {
      if (this.#pipe === pipe) this.#ends.adbEnded();
    });
    this.#ends.adb(pipe);
  }

  #altSetting(message: PacketOf<'setAltSetting'> | PacketOf<'getAltSetting'>): void {
    const { interfaceNumber } = message.fields;
    const alt = message.kind === 'setAltSetting' ? message.fields.alt : 0;
    const known = interfaceNumber < this.#description.face.interfaces.length;
    const ok = this.#configuration !== 0 && known && alt === 0;
    if (ok && message.kind === 'setAltSetting') this.#sendTables();
    const status = ok ? STATUS.success : STATUS.stall;
    this.#ends.send(packet('altSettingStatus', message.id, { status, interfaceNumber, alt: 0 }));
  }

  /** Nothing ever happens on an interrupt endpoint here, so there is nothing to start but the waiting. */
  #interrupts({ id, fields }: PacketOf<'startInterrupt'> | PacketOf<'stopInterrupt'>): void {
    const { endpoint } = fields;
    const known = this.#configuration !== 0 && this.#typeOf(endpoint) === ENDPOINT_TYPE.interrupt;
    const status = known ? STATUS.success : STATUS.stall;
    this.#ends.send(packet('interruptStatus', id, { status, endpoint }));
  }

  /** A request that has been answered already needs no second answer. */
  #cancel(id: bigint): void {
    const idle = this.#idle.get(id);
    this.#idle.delete(id);
    if (idle) this.#answer(idle, STATUS.cancelled);
    else this.#pipe?.cancel(id);
  }

  #control(message: PacketOf<'control'>): void {
    const { id, fields, data } = message;
    const { endpoint, length, requestType } = fields;
    checkData(message, length);
    if (endpoint !== (requestType & 0x80)) throw new Error('usbredir: control goes both ways');
    const answer = answerControl(this.#description, this.#halted, fields);
    if (answer?.kind === 'halt') {
      if (answer.halted) this.#halted.add(answer.endpoint);
      else this.#halted.delete(answer.endpoint);
    }
    const status = answer === null ? STATUS.stall : STATUS.success;
    const bytes = answer?.kind === 'data' ? answer.bytes.subarray(0, length) : data.subarray(0, 0);
    const moved = status === STATUS.success && !isIn(endpoint) ? data.length : bytes.length;
    this.#ends.send(packet('control', id, { ...fields, status, length: moved }, bytes));
  }

  #bulk(request: Bulk): void {
    const { endpoint } = request.fields;
    checkData(request, bulkLength(request));
    if (this.#configuration === 0 || this.#typeOf(endpoint) !== ENDPOINT_TYPE.bulk) {
      this.#answer(request, STATUS.invalid);
    } else if (this.#halted.has(endpoint)) {
      this.#answer(request, STATUS.stall);
    } else if (this.#idle.size + (this.#pipe?.waiting ?? 0) >= MAX_WAITING) {
      throw new Error(`usbredir: more than ${MAX_WAITING} requests wait`);
    } else if (endpoint === this.#description.adb?.in && this.#pipe) {
      this.#pipe.want(request);
    } else if (endpoint === this.#description.adb?.out && this.#pipe) {
      this.#pipe.bring(request);
    } else {
      this.#idle.set(request.id, request);
    }
  }

  #typeOf(address: number): number | undefined {
    return this.#description.endpoints.find((each) => each.address === address)?.type;
  }

  #answer(request: Bulk, status: number, data?: Buffer): void {
    const { endpoint, stream } = request.fields;
    const taken = status === STATUS.success && !isIn(endpoint) ? request.data.length : 0;
    const moved = data?.length ?? taken;
    const fields = { endpoint, stream, status, length: moved & 0xffff, lengthHigh: moved >> 16 };
    this.#ends.send(packet('bulk', request.id, fields, data));
  }
}

function isIn(endpoint: number): boolean {
  return (endpoint & 0x80) !== 0;
}

/** Only what goes to the device carries data on its way there, and then as much as it says. */
function checkData(
  { kind, fields, data }: PacketOf<'bulk'> | PacketOf<'control'>,
  length: number,
): void {
  if (data.length !== (isIn(fields.endpoint) ? 0 : length))
    throw new Error(`usbredir: ${kind} of ${length} bytes carries ${data.length}`);
}
