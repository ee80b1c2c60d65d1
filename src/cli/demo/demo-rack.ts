import { readFile } from 'node:fs/promises';
import { connectTcp, disconnectTcp } from '../../devices/adb/adb-host.js';
import type { AdbEndpoint } from '../../devices/adb/adb-socket.js';
import { hasCode, type SarachiError } from '../../errors.js';
import type { UsbPath } from '../../handset.js';
import type { Log } from '../../log.js';
import { noFaults } from '../../simulator/android/faults.js';
import type { SimulatedHandset } from '../../simulator/android/handset.js';
import { SimulatedRack } from '../../simulator/rack.js';
import { TcpCables } from '../../simulator/tcp-cables.js';
import { DaemonProcess } from './daemon-process.js';
import type { DemoHandset } from './fleet.js';
import type { DaemonUp } from './messages.js';

const DOOR_TIMEOUT_MS = 10_000;
/** As a service manager would wait before it starts the daemon again. */
const RESTART_MS = 1_000;

export interface Standing {
  readonly port: string;
  readonly usbPath: UsbPath;
  readonly plan: DemoHandset;
  readonly handset: SimulatedHandset;
}

export interface DemoRackOptions {
  readonly state: string;
  readonly config: unknown;
  readonly log: Log;
  /** Told what a person beside the rack should know. */
  readonly say: (line: string) => void;
}

/** A simulated rack beside a real daemon. The daemon may die; it is started again and the handsets live on. */
export class DemoRack {
  readonly rack: SimulatedRack;
  readonly #cables: TcpCables;
  readonly #daemon: DaemonProcess;
  readonly #stopped = new AbortController();
  #up: DaemonUp | null = null;

  constructor(options: DemoRackOptions) {
    const { state, log, say } = options;
    const onTrouble = (error: SarachiError) =>
      log.warn({ part: 'simulator', code: error.code, err: error }, 'simulator');
    this.#cables = new TcpCables({
      connect: (address, usbPath) => this.#connect(address, usbPath),
      disconnect: (address) => this.#disconnect(address),
      onTrouble,
    });
    this.rack = new SimulatedRack({
      stateDir: state,
      cable: (handset, usbPath) => this.#cables.cable(handset, usbPath),
      onTrouble,
    });
    this.#daemon = new DaemonProcess({
      config: options.config,
      logFile: `${state}/daemon.log`,
      onUp: (up) => {
        this.#up = up;
        this.#cables.reconnect();
      },
      onAdbUp: () => this.#cables.reconnect(),
      onDeath: (how) => {
        this.#up = null;
        say(`the daemon ended (${how}); it is started again`);
        const timer = setTimeout(() => {
          this.start().catch((error: unknown) => say(`the daemon did not start: ${String(error)}`));
        }, RESTART_MS);
        this.#stopped.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
      },
    });
  }

  /** Null while the daemon is not up. */
  get up(): DaemonUp | null {
    return this.#up;
  }

  /** The process to kill for whoever wants to see it come back. */
  get daemonPid(): number | null {
    return this.#daemon.pid;
  }

  /** Starts the daemon and shows it the bus. */
  async start(): Promise<DaemonUp> {
    await this.rack.stop();
    const up = this.#daemon.start(this.#stopped.signal);
    await this.rack.start(this.#daemon.bus);
    return up;
  }

  /** Makes one handset, with debugging authorised for the daemon's key as a dealer's counter would have done. */
  async plugIn(port: string, usbPath: UsbPath, plan: DemoHandset): Promise<Standing> {
    const key = this.#up ? await publicKeyOf(this.#up) : '';
    const handset = await this.rack.handset(
      { authorisedKeys: [key], serial: `DEMO${port}`, ...plan.spec },
      { ...noFaults(), ...plan.faults },
    );
    this.rack.plug(usbPath, handset);
    return { port, usbPath, plan, handset };
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#daemon.stop();
    this.#up = null;
    await this.rack.close();
  }

  async #connect(address: string, usbPath: UsbPath): Promise<boolean> {
    if (!this.#up) return false;
    this.#daemon.send({ type: 'located', address, usbPath });
    try {
      await connectTcp(this.#up.endpoint, endpointOf(address), limit());
    } catch (error) {
      // A handset that has not allowed this host yet is refused and listed all the same.
      if (!hasCode(error, 'adb-refused')) throw error;
      return String(error.detail['message']).includes('authenticate');
    }
    return true;
  }

  async #disconnect(address: string): Promise<void> {
    if (this.#up) await disconnectTcp(this.#up.endpoint, endpointOf(address), limit());
  }
}

function limit() {
  return { signal: AbortSignal.timeout(DOOR_TIMEOUT_MS), timeoutMs: DOOR_TIMEOUT_MS };
}

function endpointOf(address: string): AdbEndpoint {
  const [host = '', port = ''] = address.split(':');
  return { host, port: Number(port) };
}

async function publicKeyOf(up: DaemonUp): Promise<string> {
  const text = await readFile(up.publicKeyPath, 'utf8');
  return text.split(' ')[0] ?? '';
}
