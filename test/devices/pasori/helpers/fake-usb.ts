import type {
  LibusbDevice,
  LibusbEndpoint,
  LibusbInterface,
  LibusbList,
} from '../../../../src/devices/pasori/libusb-device.js';

type Step = 'open' | 'claim' | 'driver' | 'release' | 'submit' | 'cancel';
type Done = Parameters<LibusbEndpoint['makeTransfer']>[1];

/** An error as the `usb` package throws it. */
export function libusbError(errno: number): Error {
  return Object.assign(new Error('LIBUSB_ERROR'), { errno });
}

interface Options {
  readonly serial?: string;
  readonly idVendor?: number;
  readonly driver?: boolean;
  readonly faces?: readonly number[];
  readonly fails?: Partial<Record<Step, number>>;
}

/** A device of the `usb` package, with the calls made to it. Writes succeed; reads end when the test says so. */
export class Plugged implements LibusbDevice {
  readonly path: string;
  readonly serial: string | null;
  readonly busNumber: number;
  readonly portNumbers: number[];
  readonly deviceDescriptor;
  readonly configDescriptor = { bConfigurationValue: 1, interfaces: [] };
  interfaces: readonly LibusbInterface[] | undefined;
  readonly calls: string[] = [];
  readonly written: string[] = [];
  readonly timeouts: number[] = [];
  fails: Partial<Record<Step, number>>;
  /** How much of the next write goes. */
  short: number | null = null;
  unopened = false;
  cancelled = 0;
  readonly #options: Options;
  #reading: { done: Done; buffer: Buffer } | null = null;

  constructor(path: string, idProduct: number, options: Options) {
    const [bus = '', ports = ''] = path.split('-');
    const { serial = null, idVendor = 0x054c, fails = {} } = options;
    this.path = path;
    this.serial = serial;
    this.busNumber = Number(bus);
    this.portNumbers = ports.split('.').map(Number);
    this.deviceDescriptor = { idVendor, idProduct, bDeviceClass: 0, iSerialNumber: 0 };
    this.fails = fails;
    this.#options = options;
  }

  open(): void {
    this.#do('open', 'open');
    const own = this.deviceDescriptor.idProduct > 0x0d00 ? [0x0b, 0xff] : [0xff];
    this.interfaces = (this.#options.faces ?? own).map((face, at) => this.#face(face, at));
  }

  close(): void {
    this.calls.push('close');
    this.interfaces = undefined;
  }

  /** Ends the read that is under way: a libusb transfer status, or null for success. */
  end(errno: number | null, data = ''): void {
    const reading = this.#reading;
    this.#reading = null;
    if (!reading) throw new Error('nobody reads');
    const length = reading.buffer.write(data, 'hex');
    reading.done(errno === null ? undefined : libusbError(errno), reading.buffer, length);
  }

  #do(step: Step, call: string): void {
    const errno = this.fails[step];
    if (errno !== undefined) throw libusbError(errno);
    this.calls.push(call);
  }

  #face(bInterfaceClass: number, interfaceNumber: number): LibusbInterface {
    return {
      interfaceNumber,
      descriptor: { bInterfaceClass },
      endpoints: [this.#endpoint('in', 3), this.#endpoint('in', 2), this.#endpoint('out', 2)],
      isKernelDriverActive: () => {
        const errno = this.fails.driver;
        if (errno !== undefined) throw libusbError(errno);
        return this.#options.driver ?? false;
      },
      claim: () => this.#do('claim', `claim ${interfaceNumber}`),
      release: (done) => {
        this.calls.push(`release ${interfaceNumber}`);
        done(this.fails.release === undefined ? undefined : libusbError(this.fails.release));
      },
    };
  }

  #endpoint(direction: 'in' | 'out', transferType: number): LibusbEndpoint {
    return {
      direction,
      transferType,
      descriptor: { wMaxPacketSize: 64 },
      clearHalt: (done) => {
        this.calls.push('clear halt');
        done(undefined);
      },
      makeTransfer: (timeoutMs, done) => ({
        submit: (buffer) => this.#submit(direction, buffer, { timeoutMs, done }),
        cancel: () => {
          this.cancelled += 1;
          if (this.fails.cancel !== undefined) throw libusbError(this.fails.cancel);
          queueMicrotask(() => this.end(3));
          return true;
        },
      }),
    };
  }

  #submit(
    direction: 'in' | 'out',
    buffer: Buffer,
    { timeoutMs, done }: { timeoutMs: number; done: Done },
  ): void {
    if (this.unopened) throw new Error('Device is not open');
    if (this.fails.submit !== undefined) throw libusbError(this.fails.submit);
    this.timeouts.push(timeoutMs);
    if (direction === 'in') {
      this.#reading = { done, buffer };
      return;
    }
    this.written.push(buffer.toString('hex'));
    queueMicrotask(() => done(undefined, buffer, this.short ?? buffer.length));
  }
}

export function plugged(path: string, idProduct: number, options: Options = {}): Plugged {
  return new Plugged(path, idProduct, options);
}

export class FakeUsb implements LibusbList<Plugged> {
  readonly #devices: Plugged[];

  constructor(devices: Plugged[]) {
    this.#devices = devices;
  }

  getDeviceList(): Plugged[] {
    return this.#devices;
  }
}
