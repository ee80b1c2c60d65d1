import type { Config } from '../config.js';
import { openPower } from '../devices/hub/open-hub.js';
import type { UsbTree } from '../devices/usb/sysfs-tree.js';
import type { Log } from '../log.js';
import type { RunBook } from '../pipeline/run-book.js';
import type { Rack } from '../ports/rack.js';
import type { Clock } from '../wait.js';
import { LightsWiring } from './lights-wiring.js';
import { PortDoctor } from './port-doctor.js';

/** Starts the process that holds the lights, and tells it what they are. */
export function startLights(config: Config, rack: Rack, log: Log): LightsWiring {
  const view = () => rack.view();
  const lights = new LightsWiring({ config, view, onChange: (told) => rack.onChange(told), log });
  lights.start();
  return lights;
}

export interface DoctorWiring {
  readonly config: Config;
  readonly rack: Rack;
  readonly book: RunBook;
  readonly usbTree: () => Promise<UsbTree>;
  readonly clock: Clock;
}

/** Starts the port doctor on the rack's own ledger and the configured power switches. */
export function startDoctor({ rack, book, ...rest }: DoctorWiring, log: Log): PortDoctor {
  const power = openPower(rest.config);
  const doctor = new PortDoctor({
    ...{ ...rest, power, ports: rack.map.ports, log: log.child({ part: 'doctor' }) },
    view: (port) => rack.viewPort(port),
    hold: (port, order) => rack.hold(port, order),
    append: (entry) => book.append(entry),
    recent: (after, at) => book.index.recent(after, at),
  });
  doctor.start();
  return doctor;
}
