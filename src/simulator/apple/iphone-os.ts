import type { AppleFaults } from './faults.js';
import type { IphoneState } from './iphone-state.js';
import type { Storage } from './storage.js';

/** What lockdown and the services see of the phone that they run in. */
export interface IphoneOs {
  readonly faults: AppleFaults;
  readonly storage: Storage;
  readonly state: IphoneState;
  update(change: (state: IphoneState) => IphoneState): void;
  /** Begins Erase All Content and Settings, as the model and the faults will have it. */
  erase(keepsEsim: boolean): void;
  restart(): void;
  shutDown(): void;
  /** To be told of what AFC has written; returns how many bytes that makes since the phone was switched on. */
  afcWrote(bytes: number): number;
  /** Whether AFC serves a phone that is not set up. */
  readonly afcInSetup: boolean;
}
