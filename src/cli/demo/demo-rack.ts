import { readFile } from 'node:fs/promises';
import { connectTcp, disconnectTcp } from '../../devices/adb/adb-host.js';
import type { AdbEndpoint } from '../../devices/adb/adb-socket.js';
import type { UsbListener } from '../../devices/sighting.js';
import { hasCode, type SarachiError } from '../../errors.js';
import type { UsbPath } from '../../handset.js';
import type { Log } from '../../log.js';
import { noFaults } from '../../simulator/android/faults.js';
import type { SimulatedHandset } from '../../simulator/android/handset.js';
import type { SimulatedIphone } from '../../simulator/apple/iphone.js';
import { pairBefore } from '../../simulator/apple/usbmux/pair-before.js';
import { type AnyHandset, SimulatedRack } from '../../simulator/rack.js';
import { TcpCables } from '../../simulator/tcp-cables.js';
import { DaemonProcess } from './daemon-process.js';
import { type DemoAndroid, type DemoHandset, type DemoIphone, isIphone } from './demo-handset.js';
import { FelicaDesk } from './felica-desk.js';
import type { DaemonUp, ReaderRequest } from './messages.js';

const DOOR_TIMEOUT_MS = 10_000;
/** As a service manager would wait before it starts the daemon again. */
const RESTART_MS = 1_000;

export interface Standing<H extends AnyHandset = AnyHandset> {
  readonly port: string;
  readonly usbPath: UsbPath;
  readonly plan: DemoHandset;
  readonly handset: H;
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
  readonly desk: FelicaDesk;
  readonly #cables: TcpCables;
  readonly #daemon: DaemonProcess;
  readonly #stopped = new AbortController();
  #up: DaemonUp | null = null;
  #deskIsOpen = false;

  constructor(options: DemoRackOptions) {
    const { state, log, say } = options;
    const onTrouble = (error: SarachiError) =>
      log.warn({ part: 'simulator', code: error.code, err: error }, 'simulator');
    this.desk = new FelicaDesk(state);
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
      onReader: (request) => void this.#readerAsked(request),
      onDeath: (how) => {
        this.#up = null;
        void this.desk.readers.dropAll();
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
    if (!this.#deskIsOpen) await this.desk.open();
    this.#deskIsOpen = true;
    const up = this.#daemon.start(this.#stopped.signal);
    await this.rack.start(this.#bus);
    return up;
  }

  /**
   * Makes one handset and plugs it in: an Android one with debugging authorised for the daemon's key as a dealer's counter
   * would have done, an iPhone trusting this rack where its plan says so.
   */
  plugIn(port: string, usbPath: UsbPath, plan: DemoAndroid): Promise<Standing<SimulatedHandset>>;
  plugIn(port: string, usbPath: UsbPath, plan: DemoIphone): Promise<Standing<SimulatedIphone>>;
  plugIn(port: string, usbPath: UsbPath, plan: DemoHandset): Promise<Standing>;
  async plugIn(port: string, usbPath: UsbPath, plan: DemoHandset): Promise<Standing> {
    const handset = isIphone(plan)
      ? await this.#iphone(port, plan)
      : await this.#android(port, plan);
    if (!isIphone(plan) && plan.felica) this.desk.brings(port, plan.felica);
    this.rack.plug(usbPath, handset);
    return { port, usbPath, plan, handset };
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#daemon.stop();
    this.#up = null;
    if (this.#deskIsOpen) await this.desk.close();
    await this.rack.close();
  }

  async #android(port: string, { spec, faults }: DemoAndroid): Promise<SimulatedHandset> {
    const key = this.#up ? await publicKeyOf(this.#up) : '';
    const made = { authorisedKeys: [key], serial: `DEMO${port}`, ...spec };
    return this.rack.handset(made, { ...noFaults(), ...faults });
  }

  async #iphone(port: string, plan: DemoIphone): Promise<SimulatedIphone> {
    const identity = { serial: `DEMO${port}`, ...plan.iphone.identity };
    const iphone = await this.rack.iphone({ ...plan.iphone, identity }, plan.faults);
    if (plan.trusted) await pairBefore(iphone, this.rack.usbmuxd.records);
    return iphone;
  }

  async #readerAsked(request: ReaderRequest): Promise<void> {
    const answer = await this.desk.readers.answer(request);
    if (answer) this.#daemon.send(answer);
  }

  /** What the bus shows goes to the daemon with the numbers that a kernel would show beside it. */
  get #bus(): UsbListener {
    return {
      attached: (device) => {
        this.#daemon.send({ type: 'numbered', addresses: this.rack.usbAddresses() });
        this.#daemon.send({ type: 'attached', device });
      },
      detached: (usbPath) => this.#daemon.send({ type: 'detached', usbPath }),
    };
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
