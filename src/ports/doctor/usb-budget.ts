import type { UsbTree } from '../../devices/usb/sysfs-tree.js';
import type { MappedPort } from '../rack-map.js';

export interface BudgetRules {
  /** Endpoints that a controller can have in use; many have 96. */
  readonly endpoints: number;
  /** Endpoints of one handset, endpoint 0 among them: about 3 with adb alone, 6 with MTP, 4 to 10 for an iPhone. */
  readonly perHandset: number;
}

/** What one controller of the rack map has to carry. */
export interface ControllerBudget {
  readonly controller: string;
  /** Its chip, by the device that its buses hang on; null where none of its buses is on this host. */
  readonly chip: string | null;
  readonly ports: number;
  /** Endpoints in use now, with endpoint 0 of every device. */
  readonly used: number;
  /** Endpoints in use when every port holds a handset. */
  readonly full: number;
  readonly limit: number;
  /** Megabytes a second for each handset when all of them stream at once. */
  readonly streamMBps: number;
  /** What is wrong, each with what to do. */
  readonly faults: readonly BudgetFault[];
}

export interface BudgetFault {
  readonly what:
    | 'no-bus'
    | 'two-chips'
    | 'shared-chip'
    | 'endpoints'
    | 'full-now'
    | 'too-deep'
    | 'slow-device';
  readonly said: string;
  readonly next: string;
}

/** What one high-speed link really carries, in megabytes a second: 53 in theory, 30 to 40 in practice. */
const HIGH_SPEED_MBPS = 35;
/** A hub is a device with endpoint 0 and one for its changes. */
const DEEPEST = 5;
/** Below this, in Mbit/s, a handset negotiated full speed or less. */
const HIGH_SPEED = 480;

type Faults = BudgetFault[];

/** The budget of every controller. Pure. Figures are estimates: what a controller takes is not shown by any host. */
export function usbBudget(
  ports: readonly MappedPort[],
  tree: UsbTree,
  rules: BudgetRules,
): readonly ControllerBudget[] {
  const chipOf = new Map(tree.roots.map(({ bus, chip }) => [bus, chip]));
  const names = [...new Set(ports.map(({ controller }) => controller))].sort();
  const chips = new Map(
    names.map((name) => [
      name,
      chipsOf(
        ports.filter((p) => p.controller === name),
        chipOf,
      ),
    ]),
  );
  return names.map((controller) => {
    const own = ports.filter((port) => port.controller === controller);
    const mine = chips.get(controller) ?? [];
    const sharing = names.filter((name) => chips.get(name)?.some((chip) => mine.includes(chip)));
    return budgetOf({ controller, own, mine, sharing, chipOf, tree, rules });
  });
}

interface Parts {
  readonly controller: string;
  readonly own: readonly MappedPort[];
  readonly mine: readonly string[];
  readonly sharing: readonly string[];
  readonly chipOf: ReadonlyMap<number, string>;
  readonly tree: UsbTree;
  readonly rules: BudgetRules;
}

function budgetOf(parts: Parts): ControllerBudget {
  const { controller, own, mine, chipOf, tree, rules } = parts;
  const nodes = tree.nodes.filter(({ bus }) => mine.includes(chipOf.get(bus) ?? ''));
  const atPort = new Set(own.flatMap(({ usbPaths }) => usbPaths));
  const sum = (some: typeof nodes) => some.reduce((all, { endpoints }) => all + endpoints + 1, 0);
  const used = sum(nodes);
  const full =
    sum(nodes.filter(({ usbPath }) => !atPort.has(usbPath))) + own.length * rules.perHandset;
  const faults: Faults = [...placeFaults(parts), ...loadFaults({ used, full }, parts)];
  for (const { usbPath, speed, hub } of nodes)
    if (!hub && atPort.has(usbPath) && speed !== null && speed < HIGH_SPEED)
      faults.push({
        what: 'slow-device',
        said: `the device at ${usbPath} runs at ${speed} Mbit/s`,
        next: 'replace its cable; a handset runs at 480 Mbit/s or more',
      });
  return {
    ...{ controller, used, full, limit: rules.endpoints, faults },
    chip: mine.join(' + ') || null,
    ports: own.length,
    streamMBps: Math.round((HIGH_SPEED_MBPS / Math.max(own.length, 1)) * 10) / 10,
  };
}

function placeFaults({ controller, own, mine, sharing }: Parts): Faults {
  const faults: Faults = [];
  if (mine.length === 0)
    faults.push({
      what: 'no-bus',
      said: `no bus of controller ${controller} is on this host`,
      next: 'compare rack.ports with lsusb -t, or run sarachi learn',
    });
  if (mine.length > 1)
    faults.push({
      what: 'two-chips',
      said: `the ports of controller ${controller} hang on ${mine.join(' and ')}`,
      next: 'give each chip a controller of its own in rack.controllers',
    });
  if (sharing.length > 1)
    faults.push({
      what: 'shared-chip',
      said: `controllers ${sharing.join(' and ')} are one chip, ${mine.join(' + ')}`,
      next: 'name them one controller, or plug the hubs into different chips',
    });
  const deep = own.filter(({ usbPaths }) =>
    usbPaths.some((path) => path.split('.').length > DEEPEST + 1),
  );
  if (deep.length > 0)
    faults.push({
      what: 'too-deep',
      said: `${deep.map(({ port }) => port).join(', ')} are behind more than ${DEEPEST} hubs`,
      next: 'plug their hub nearer to the host',
    });
  return faults;
}

function loadFaults(
  load: { used: number; full: number },
  { rules, controller, own, tree }: Parts,
): Faults {
  const { used, full } = load;
  const taken = new Set(tree.nodes.map(({ usbPath }) => usbPath));
  const free = own.some(({ usbPaths }) => !usbPaths.some((path) => taken.has(path)));
  const next = 'spread the hubs over more controllers (ten handsets each), and switch MTP off';
  const faults: Faults = [];
  if (full > rules.endpoints)
    faults.push({
      what: 'endpoints',
      said: `controller ${controller} would need about ${full} of ${rules.endpoints} endpoints with every port taken`,
      next,
    });
  if (free && used + rules.perHandset > rules.endpoints)
    faults.push({
      what: 'full-now',
      said: `controller ${controller} uses ${used} of ${rules.endpoints} endpoints: no room for one more handset`,
      next,
    });
  return faults;
}

function chipsOf(ports: readonly MappedPort[], chipOf: ReadonlyMap<number, string>): string[] {
  const buses = ports.flatMap(({ usbPaths }) => usbPaths.map((path) => Number.parseInt(path, 10)));
  return [...new Set(buses.flatMap((bus) => chipOf.get(bus) ?? []))].sort();
}
