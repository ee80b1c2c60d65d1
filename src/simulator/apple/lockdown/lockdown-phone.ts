import type { IphoneOs } from '../iphone-os.js';
import type { TrustedHost } from '../iphone-state.js';
import type { Person } from '../person.js';

/** What lockdown needs of its phone beside what the services need. */
export interface LockdownPhone extends IphoneOs {
  readonly person: Person;
  /** A port on which this service waits for one connection of this host; null: of anybody, in plain text. */
  openPort(service: string, host: TrustedHost | null): number;
}
