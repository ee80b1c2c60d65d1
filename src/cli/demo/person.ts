import type { AttentionCode } from '../../attention.js';
import type { RackView } from '../../ports/view.js';
import { SimulatedIphone } from '../../simulator/apple/iphone.js';
import type { Standing } from './demo-rack.js';

/** How long a person takes to walk over and do what the panel says, in milliseconds. */
const WALK_MS = 800;

/** The person beside the demo rack: looks at the panel and does what a handset's story says somebody does. */
export class DemoPerson {
  readonly #noticed = new Map<string, number>();
  readonly #places: (port: string) => void;

  /** `places` lays the handset of a port on the FeliCa reader. */
  constructor(places: (port: string) => void) {
    this.#places = places;
  }

  /** Looks once. */
  look(view: RackView, standing: readonly Standing[], now: number): void {
    for (const one of standing) {
      const code = view.ports.find(({ port }) => port === one.port)?.attention?.code;
      if (!code || !one.plan.personDoes.includes(code)) {
        this.#noticed.delete(one.port);
        continue;
      }
      const since = this.#noticed.get(one.port) ?? now;
      this.#noticed.set(one.port, since);
      if (now - since < WALK_MS) continue;
      this.#noticed.delete(one.port);
      if (code === 'felica-place-on-reader' || code === 'felica-wrong-handset')
        this.#places(one.port);
      else act(one, code);
    }
  }
}

/** Does at once what is asked for by this code, where it is something that a finger on the screen can do. */
export function act({ handset }: Pick<Standing, 'handset'>, code: AttentionCode): void {
  if (handset instanceof SimulatedIphone) {
    if (code === 'iphone-trust') handset.person.trust();
    if (code === 'iphone-locked' || code === 'iphone-not-unlocked') handset.person.unlock();
    if (code === 'erase-iphone-by-hand') handset.person.eraseByHand();
    return;
  }
  if (code === 'enable-usb-debugging') handset.person.enableUsbDebugging();
  if (code === 'authorise-usb-debugging') handset.person.authorise();
}
