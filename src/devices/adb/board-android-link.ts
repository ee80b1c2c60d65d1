import { hasCode, SarachiError } from '../../errors.js';
import { cleanField } from '../../text.js';
import { type Clock, sleep, type WaitOptions } from '../../wait.js';
import { BoardLink, type BoardLinkOptions } from '../board-link.js';
import type { Sighting, SightingChange } from '../sighting.js';
import type { AdbEndpoint, AdbSocket } from './adb-socket.js';
import type { AndroidLink, ShellOptions, ShellResult } from './android-link.js';
import { parseDeviceRows } from './device-rows.js';
import { runShell } from './shell-v2.js';
import { openTransport, request } from './smart-socket.js';
import { pushFile } from './sync-push.js';

const WHY_TIMEOUT_MS = 2_000;
/** How long a handset that accepted `reboot:` may take to say that it cannot. */
const REFUSAL_MS = 1_000;
const REFUSAL_PIECES = 16;

export interface BoardAndroidLinkOptions extends BoardLinkOptions {
  readonly endpoint: () => AdbEndpoint;
  readonly clock: Clock;
}

/** Which transport of which server a call goes to. */
interface Transport {
  readonly endpoint: AdbEndpoint;
  readonly transportId: number;
}

/** The Android handset at one usb path, found anew on the board for every call. */
export class BoardAndroidLink extends BoardLink implements AndroidLink {
  readonly #options: BoardAndroidLinkOptions;

  constructor(options: BoardAndroidLinkOptions) {
    super(options);
    this.#options = options;
  }

  shell(command: string, options: ShellOptions): Promise<ShellResult> {
    return this.#call(options, (transport, signal) =>
      runShell({ ...transport, command, onBytes: this.onBytes }, { ...options, signal }),
    );
  }

  push(
    bytes: Uint8Array,
    remotePath: string,
    options: WaitOptions & { readonly mode?: number },
  ): Promise<void> {
    const { mode = 0o644, timeoutMs } = options;
    const mtime = Math.floor(this.#options.clock() / 1000);
    return this.#call(options, (transport, signal) =>
      pushFile(
        { ...transport, bytes, remotePath, mode, mtime, onBytes: this.onBytes },
        { signal, timeoutMs },
      ),
    );
  }

  async reboot(options: WaitOptions): Promise<void> {
    let accepted = false;
    try {
      await this.#call(options, (transport, signal) =>
        openTransport(
          { ...transport, service: 'reboot:' },
          { ...options, signal },
          async (socket) => {
            accepted = true;
            const text = await refusalText(socket, signal);
            if (text) throw new SarachiError('command-failed', { service: 'reboot', text });
          },
        ),
      );
    } catch (error) {
      // Leaving the bus is how a handset obeys.
      if (!accepted || !hasCode(error, 'handset-gone', 'adb-closed')) throw error;
    }
  }

  async #call<T>(
    { signal: outer }: WaitOptions,
    work: (transport: Transport, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const sighting = this.sighting();
    if (!sighting) throw new SarachiError('handset-gone', { usbPath: this.usbPath });
    const transport = { endpoint: this.#options.endpoint(), transportId: transportOf(sighting) };
    return this.whileThere(
      outer,
      (change) => leftBy(sighting, change),
      async (signal) => {
        try {
          return await work(transport, signal);
        } catch (error) {
          throw hasCode(error, 'adb-closed', 'adb-refused')
            ? await whyClosed(error, transport, { sighting, signal })
            : error;
        }
      },
    );
  }
}

function transportOf({ usbPath, adb, condition }: Sighting): number {
  const transportId = adb?.transportId ?? null;
  if (transportId !== null) return transportId;
  const code = condition === 'adb:unknown' ? 'adb-server-gone' : 'adb-refused';
  throw new SarachiError(code, { usbPath, condition, reason: 'no transport' });
}

/** Why a call that began at `before` cannot go on after this change; null where it can. */
export function leftBy(before: Sighting, change: SightingChange): SarachiError | null {
  const { usbPath } = before;
  if (change.type === 'gone') return new SarachiError('handset-gone', { usbPath });
  const { adb, handset, condition } = change.sighting;
  if (handset !== null && before.handset !== null && handset !== before.handset)
    return new SarachiError('handset-gone', { usbPath, reason: 'another handset' });
  if (condition === 'adb:unknown' && adb?.transportId == null)
    return new SarachiError('adb-server-gone', { usbPath });
  return adb?.transportId === before.adb?.transportId && condition === before.condition
    ? null
    : new SarachiError('handset-gone', { usbPath, condition });
}

/** A closed or refused service can be the first that is seen of a pulled cable: asks the server what it was. */
async function whyClosed(
  closed: SarachiError,
  { endpoint, transportId }: Transport,
  { sighting, signal }: { sighting: Sighting; signal: AbortSignal },
): Promise<SarachiError> {
  const options = { signal, timeoutMs: WHY_TIMEOUT_MS };
  const listed = await request(endpoint, 'host:devices-l', options).catch(
    (error: unknown) => error,
  );
  if (typeof listed !== 'string') return listed instanceof SarachiError ? listed : closed;
  const row = parseDeviceRows(listed).find((one) => one.transportId === transportId);
  if (row?.condition === sighting.condition) return closed;
  const detail = { usbPath: sighting.usbPath, condition: row?.condition ?? null };
  return new SarachiError('handset-gone', detail, { cause: closed });
}

/** What the handset says after it accepted, until it falls silent, closes or goes; null where it says nothing. */
async function refusalText(socket: AdbSocket, signal: AbortSignal): Promise<string | null> {
  const enough = new AbortController();
  const quiet = sleep(REFUSAL_MS, AbortSignal.any([signal, enough.signal])).then(() => null);
  quiet.catch(() => undefined);
  const said: Uint8Array[] = [];
  try {
    for (let piece: Uint8Array | null = null; said.length < REFUSAL_PIECES; said.push(piece)) {
      piece = await Promise.race([socket.readSome(), quiet]);
      if (!piece) break;
    }
    return cleanField(Buffer.concat(said).toString('utf8'), 300);
  } finally {
    enough.abort();
  }
}
