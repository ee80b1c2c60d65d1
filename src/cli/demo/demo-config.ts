import path from 'node:path';
import { type Config, checkConfig } from '../../config.js';
import { usbmuxdSocket } from '../../simulator/rack.js';

const CONTROLLERS = ['A', 'B', 'C', 'D'] as const;
const PORTS_PER_CONTROLLER = 10;
const PORTS_PER_HUB = 5;

/** A rack of four controllers with two hubs of five openings each, as P01 to P40. */
function demoPorts(): Record<string, { usb: string[]; controller: string }> {
  const ports: Record<string, { usb: string[]; controller: string }> = {};
  CONTROLLERS.forEach((controller, chip) => {
    for (let n = 0; n < PORTS_PER_CONTROLLER; n += 1) {
      const port = `P${String(chip * PORTS_PER_CONTROLLER + n + 1).padStart(2, '0')}`;
      const hub = Math.floor(n / PORTS_PER_HUB) + 1;
      ports[port] = { usb: [`${chip + 1}-${hub}.${(n % PORTS_PER_HUB) + 1}`], controller };
    }
  });
  return ports;
}

/** The configuration of the demo: a whole rack, with times fit for handsets that boot in a second. */
export function demoConfig(options: {
  state: string;
  httpPort: number;
  /** Left out: no carrier is asked. */
  carrierCheck?: Config['carrierCheck'];
  /** Left out: no reader stands beside the rack. */
  felica?: { readonly readers: readonly string[]; readonly clear: Config['felica']['clear'] };
}): Config {
  return checkConfig({
    rack: {
      id: 'demo',
      controllers: Object.fromEntries(CONTROLLERS.map((name) => [name, {}])),
      ports: demoPorts(),
    },
    state: options.state,
    usbmuxd: { address: usbmuxdSocket(path.resolve(options.state)) },
    http: { port: options.httpPort },
    carrierCheck: options.carrierCheck ?? { source: 'off' },
    ...(options.felica ? { felica: options.felica } : {}),
    policy: { version: 'demo-1' },
    timing: {
      leaveSeconds: 15,
      returnSeconds: 60,
      stallSeconds: 120,
      removedSeconds: 2,
      settleSeconds: 1,
    },
    overwrite: { fileMegabytes: 8 },
    certificate: { organisation: 'Sarachi demo', location: 'simulated rack', operator: 'demo' },
  });
}
