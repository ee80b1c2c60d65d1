import { modelOf } from '../devices/pasori/models.js';
import type { PasoriBus, PasoriDevice } from '../devices/pasori/usb-transfers.js';
import { asSarachiError, type ErrorCode, type SarachiError } from '../errors.js';
import type { UsbPath } from '../handset.js';
import type { HealthCheck } from '../http/rack-api.js';
import { type Clock, withDeadline } from '../wait.js';

const LOOK_MS = 1_000;
/** What an opening says of the reader itself. One that is gone is found so by the look at the bus. */
const TROUBLES: readonly ErrorCode[] = [
  'reader-busy',
  'reader-unusable',
  'reader-timeout',
  'reader-protocol',
  'reader-refused',
];

export interface ReaderHealthParts {
  readonly bus: PasoriBus;
  /** USB paths of the readers, reader 1 first; `auto`: the only one on this host. */
  readonly readers: 'auto' | readonly UsbPath[];
  /** Whether handsets with a chip can pass by a reader alone. Where they can, a reader that is away makes the rack unready. */
  readonly demanded: boolean;
  readonly clock: Clock;
}

/** How the last opening of a reader failed. */
interface Trouble {
  readonly code: ErrorCode;
  /** Who holds it, or what is wrong. */
  readonly why: string;
  readonly at: number;
}

interface Known {
  /** When it was last on the bus, in milliseconds since the epoch. */
  readonly seenAt: number | null;
  readonly trouble: Trouble | null;
}

/** What one reader is called in `/readyz`, and what is known of it. */
export interface ReaderFacts extends Known {
  readonly reader: number;
  /** null: whichever there is. */
  readonly usbPath: UsbPath | null;
  /** What is on the bus in its place now. */
  readonly devices: readonly PasoriDevice[];
  readonly demanded: boolean;
}

const UNKNOWN: Known = { seenAt: null, trouble: null };

/** One reader as a dependency: present, busy, unusable or gone. Pure. */
export function readerCheck(facts: ReaderFacts): HealthCheck {
  const { reader, usbPath, devices, seenAt, trouble, demanded } = facts;
  const name = `felica-reader ${reader}`;
  const bad = (detail: string): HealthCheck => ({ name, ok: !demanded, detail });
  const [device, second] = devices;
  if (!device) {
    const where = usbPath === null ? 'none on this host' : `none at ${usbPath}`;
    const last = seenAt === null ? 'not seen since the start' : `last seen ${iso(seenAt)}`;
    return bad(`gone: ${where}, ${last}`);
  }
  if (second) return bad('unusable: several readers on this host; name them in felica.readers');
  const what = `${modelOf(device.vendorId, device.productId)?.name ?? 'reader'} at ${device.usbPath}`;
  if (!trouble) return { name, ok: true, detail: `present: ${what}` };
  const word = trouble.code === 'reader-busy' ? 'busy' : 'unusable';
  return bad(`${word}: ${what}: ${trouble.code}, ${trouble.why}, since ${iso(trouble.at)}`);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

/**
 * How the configured FeliCa readers stand. Nothing is opened to find out, that would disturb whoever works with one: whether it is
 * held by somebody else is known from the last opening by the bench.
 */
export class ReaderHealth {
  readonly #parts: ReaderHealthParts;
  readonly #known = new Map<number, Known>();

  constructor(parts: ReaderHealthParts) {
    this.#parts = parts;
  }

  /** Remembers how an opening of this reader ends. */
  async watch<T>(reader: number, open: () => Promise<T>): Promise<T> {
    const { clock } = this.#parts;
    try {
      const opened = await open();
      this.#known.set(reader, { seenAt: clock(), trouble: null });
      return opened;
    } catch (thrown) {
      const error = asSarachiError(thrown);
      const { seenAt, trouble } = this.#known.get(reader) ?? UNKNOWN;
      if (TROUBLES.includes(error.code)) {
        const at = trouble?.code === error.code ? trouble.at : clock();
        this.#known.set(reader, { seenAt, trouble: { code: error.code, why: whyOf(error), at } });
      }
      throw thrown;
    }
  }

  /** Each configured reader by name. Never rejects. */
  async checks(): Promise<readonly HealthCheck[]> {
    const { bus, readers, demanded } = this.#parts;
    const places = readers === 'auto' ? [null] : readers;
    if (places.length === 0) return [];
    const limit = { signal: new AbortController().signal, timeoutMs: LOOK_MS };
    try {
      const devices = await withDeadline(limit, 'deadline-passed', () => bus.list());
      return places.map((usbPath, at) => this.#check(at + 1, usbPath, devices));
    } catch (error) {
      const detail = `not known: ${asSarachiError(error).code}`;
      return places.map((_, at) => ({ name: `felica-reader ${at + 1}`, ok: !demanded, detail }));
    }
  }

  #check(reader: number, usbPath: UsbPath | null, all: readonly PasoriDevice[]): HealthCheck {
    const { demanded, clock } = this.#parts;
    const devices = all.filter((device) => usbPath === null || device.usbPath === usbPath);
    const before = this.#known.get(reader) ?? UNKNOWN;
    // One that is plugged in again is another one to whoever held it.
    const known = devices[0] ? { ...before, seenAt: clock() } : { ...before, trouble: null };
    this.#known.set(reader, known);
    return readerCheck({ ...known, reader, usbPath, devices, demanded });
  }
}

function whyOf({ detail, message }: SarachiError): string {
  for (const key of ['driver', 'holder', 'reason']) {
    const said = detail[key];
    if (typeof said === 'string') return said;
  }
  return message;
}
