import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../config.js';
import type { AdbEndpoint } from '../devices/adb/adb-socket.js';
import type { UsbAddress } from '../devices/apple/location.js';
import type { Locate } from '../devices/join-sightings.js';
import { JoinedSightings } from '../devices/joined-sightings.js';
import type { PasoriBus } from '../devices/pasori/usb-transfers.js';
import type { UsbBus } from '../devices/sighting.js';
import { readUsbTree, type UsbTree } from '../devices/usb/sysfs-tree.js';
import { panelSettingsOf } from '../http/floor-plan.js';
import { createHttpServer } from '../http/server.js';
import type { Log } from '../log.js';
import { CertificateOffice } from '../pipeline/certificate-office.js';
import { Pipeline } from '../pipeline/pipeline.js';
import { RunBook } from '../pipeline/run-book.js';
import { workOrderIn } from '../ports/doctor/work-order.js';
import { Rack } from '../ports/rack.js';
import { ViewFeed } from '../ports/view-feed.js';
import { VERSION } from '../version.js';
import { withDeadline } from '../wait.js';
import { openAccess, readRackKey, readTls } from './access-wiring.js';
import { AndroidWiring } from './android-wiring.js';
import { AppleWiring } from './apple-wiring.js';
import { readCarrierSetup } from './carrier-setup.js';
import { HostClock } from './clock-sync.js';
import { connectRedis } from './connect-redis.js';
import { engineMaker } from './engine-maker.js';
import { FelicaWiring } from './felica-wiring.js';
import { checkHealth } from './health.js';
import { wireMetrics } from './metrics-wiring.js';
import { startDoctor, startLights } from './rack-hardware.js';
import { RackService } from './rack-service.js';
import { startCarriers } from './start-carriers.js';

/** Longer than a stage that was told to stop may take to notice. */
const STOP_PART_MS = 45_000;

/** The wires of this rack: real ones from the command line, others from whoever composes another rack. */
export interface Wires {
  readonly usbBus: UsbBus;
  readonly locate?: Locate;
  /** How the kernel numbers the devices of this bus; left out: as sysfs shows it. */
  readonly usbAddresses?: () => Promise<readonly UsbAddress[]>;
  /** The tree of this bus, for its budget; left out: as sysfs shows it. */
  readonly usbTree?: () => Promise<UsbTree>;
  /** Where FeliCa readers are; left out: on the USB of this host. */
  readonly felicaReaders?: PasoriBus;
}

export interface Daemon {
  readonly url: string;
  readonly adb: {
    readonly endpoint: AdbEndpoint;
    readonly publicKeyPath: string;
    /** Tells each time the server answers again after it was gone. */
    onUp(listener: () => void): void;
  };
  readonly service: RackService;
  /** Stops in the reverse order of the start; work under way is stopped and goes on after the next start. */
  stop(): Promise<void>;
}

/** Builds and starts everything in order; whatever was started is stopped again when a later part fails. */
export async function startDaemon(config: Config, wires: Wires, log: Log): Promise<Daemon> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const undo of stops.splice(0).reverse()) {
      const limit = { signal: new AbortController().signal, timeoutMs: STOP_PART_MS };
      await withDeadline(limit, 'deadline-passed', undo).catch((error: unknown) =>
        log.error({ err: error }, 'a part did not stop cleanly'),
      );
    }
  };
  try {
    return await assemble(config, wires, { log, stops, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Assembly {
  readonly log: Log;
  readonly stops: (() => Promise<unknown>)[];
  readonly stop: () => Promise<void>;
}

async function assemble(
  config: Config,
  wires: Wires,
  { log, stops, stop }: Assembly,
): Promise<Daemon> {
  const clock = Date.now;
  const setup = readCarrierSetup(config, process.env, {
    clock,
    log: log.child({ part: 'carriers' }),
  });
  const state = path.resolve(config.state);
  await mkdir(state, { recursive: true, mode: 0o750 });

  // The ledger first: its lock says whether this state folder is free, and nothing may start without it.
  const book = await RunBook.open(state, clock, log.child({ part: 'ledger' }));
  stops.push(() => book.close());
  await book.append({
    type: 'rack-started',
    run: null,
    port: null,
    body: { version: VERSION, rack: config.rack.id },
  });
  stops.push(() =>
    book.append({ type: 'rack-stopped', run: null, port: null, body: { reason: 'stop' } }),
  );

  const own = { http: config.http, log: log.child({ part: 'access' }) };
  const access = await openAccess({ ...own, state, book, clock });

  const connection = await connectRedis(config, state, { log, stops });
  const { carriers, restrictions } = await startCarriers(
    { setup, book, connection, clock, settings: config.restrictionWatch },
    { log, stops },
  );

  const board = new JoinedSightings({
    log: log.child({ part: 'sightings' }),
    ...(wires.locate ? { locate: wires.locate } : {}),
  });
  const { metrics, stop: stopCounting } = wireMetrics({ config, book, board, clock });
  stops.push(async () => stopCounting());
  const android = new AndroidWiring({
    config,
    state,
    board,
    clock,
    log: log.child({ part: 'adb' }),
  });
  const apple = new AppleWiring({
    ...{ board, clock, address: config.usbmuxd.address, usbAddresses: wires.usbAddresses },
    log: log.child({ part: 'usbmuxd' }),
  });
  await android.start();
  stops.push(() => android.stop());

  const felica = await FelicaWiring.open({
    ...{ config, state, book, clock },
    readers: wires.felicaReaders,
  });
  const engineFor = engineMaker({ android, apple, felica, book });
  const office = await CertificateOffice.open({ config, state, book });
  let rack: Rack | null = null;
  const pipeline = new Pipeline({
    config,
    book,
    office,
    connection,
    engineFor,
    carrierCheck: (context, port) => carriers.check(context, port),
    outcome: ({ port, ...rest }) => rack?.post(port, { type: 'outcome', ...rest, now: clock() }),
    stalled: (queue) => metrics.stalled(queue),
    clock,
    log: log.child({ part: 'pipeline' }),
  });
  rack = new Rack({
    config,
    board,
    control: pipeline,
    clock,
    log,
    factsOf: (run) => pipeline.factsOf(run),
  });
  const { open, standing, held } = await pipeline.recover();
  await pipeline.start();
  stops.push(() => pipeline.stop());
  for (const { port, ...run } of open) rack.post(port, { type: 'recovered', ...run, now: clock() });
  for (const { port, ...run } of standing)
    rack.post(port, { type: 'standing', ...run, now: clock() });
  for (const port of held) rack.hold(port, workOrderIn(book.index.holdOf(port)?.body ?? {}));
  rack.start();
  stops.push(() => rack.stop());
  const feed = new ViewFeed({ rack, clock });
  feed.start();
  stops.push(async () => feed.stop());
  const lights = startLights(config, rack, log.child({ part: 'lights' }));
  stops.push(() => lights.stop());
  const usbTree = wires.usbTree ?? (() => readUsbTree());
  const doctor = startDoctor({ config, rack, book, usbTree, clock }, log);
  stops.push(() => doctor.stop());

  await wires.usbBus.start(board);
  stops.push(() => wires.usbBus.stop());
  for (const wiring of [android, apple]) {
    wiring.follow();
    stops.push(() => wiring.unfollow());
  }

  const hostClock = new HostClock(clock);
  const health = async () => [
    ...(await checkHealth({ android, apple, lights, connection, book, state, hostClock })),
    ...(await felica.health()),
    ...(await doctor.health()),
    ...(await carriers.information()),
  ];
  const bootId = randomUUID();
  const service = new RackService({
    ...{ bootId, state, rack, feed, book, pipeline, restrictions, health, metrics, hostClock, log },
    personOf: (key) => access.keys.personOf(key),
    validationBeforeRelease: config.policy.validationBeforeRelease,
  });
  const http = createHttpServer(service, {
    ...{ host: config.http.host, port: config.http.port, names: config.http.names, access },
    tls: readTls(config.http.tls),
    log: log.child({ part: 'http' }),
    version: VERSION,
    panel: panelSettingsOf(config, readRackKey),
  });
  const { url } = await http.listen();
  stops.push(() => http.close());
  log.info({ url, state, recovered: open.length }, 'sarachi is up');
  return {
    url,
    adb: {
      endpoint: android.adb.endpoint,
      publicKeyPath: android.adb.publicKeyPath,
      onUp: (listener) => {
        android.adb.subscribe((now) => {
          if (now.up) listener();
        });
      },
    },
    service,
    stop,
  };
}
