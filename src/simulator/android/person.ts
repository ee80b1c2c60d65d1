import type { Account, ResetBy, Sim, SystemState } from './system-state.js';
import { OWNER } from './system-state.js';

interface HandsetAtHand {
  state(): SystemState;
  update(change: (state: SystemState) => SystemState): void;
  reset(by: Extract<ResetBy, 'person'>): void;
  reboot(): void;
}

interface Offer {
  readonly key: string;
  readonly allow: () => void;
}

/** The person at the rack: everything that only a finger on the screen can do to a handset. */
export class Person {
  readonly #handset: HandsetAtHand;
  #offers: readonly Offer[] = [];
  #allowsAlways = false;

  constructor(handset: HandsetAtHand) {
    this.#handset = handset;
  }

  /** The "Allow USB debugging?" dialog comes up; resolves when it is answered with Allow. */
  asked(key: string): Promise<void> {
    return new Promise((resolve) => {
      this.#offers = [...this.#offers, { key, allow: resolve }];
      if (this.#allowsAlways) this.authorise();
    });
  }

  /** Whether the dialog is on the screen. */
  get isAsked(): boolean {
    return this.#offers.length > 0;
  }

  /** Ticks "Always allow from this computer" and taps Allow in every dialog that is up. */
  authorise(): void {
    const offers = this.#offers;
    this.#offers = [];
    this.#handset.update((state) => ({
      ...state,
      trustedKeys: [...new Set([...state.trustedKeys, ...offers.map((one) => one.key)])],
    }));
    for (const offer of offers) offer.allow();
  }

  /** Answers the dialog as soon as it comes up, now and later. */
  allowsAlways(): void {
    this.#allowsAlways = true;
    this.authorise();
  }

  /** Walks through the set-up without network or account and switches USB debugging on. Trade-in mode ends by that. */
  enableUsbDebugging(): void {
    this.#handset.update((state) => ({
      ...state,
      mode: 'normal',
      adbEnabled: true,
      screen: 'launcher',
      settings: {
        ...state.settings,
        global: {
          ...state.settings.global,
          device_provisioned: '1',
          adb_enabled: '1',
          development_settings_enabled: '1',
        },
        secure: { ...state.settings.secure, user_setup_complete: '1' },
      },
    }));
  }

  /** Signs in. A Google account arms factory reset protection. */
  addAccount(account: Account): void {
    this.#handset.update((state) => ({
      ...state,
      accounts: [...state.accounts, account],
      frp: account.type === 'com.google' ? { ...state.frp, challengeBytes: 259 } : state.frp,
    }));
  }

  /** Signs out everywhere, which also clears what factory reset protection held. */
  removeAccounts(): void {
    this.#handset.update((state) => ({
      ...state,
      accounts: [],
      frp: { ...state.frp, challengeBytes: state.frp.active ? state.frp.challengeBytes : 0 },
    }));
  }

  /** Proves to be the owner of the account that locks the handset. */
  unlockFrp(): void {
    this.#handset.update((state) => ({
      ...state,
      frp: { challengeBytes: 0, active: false },
      settings: {
        ...state.settings,
        global: { ...state.settings.global, secure_frp_mode: '0' },
      },
    }));
  }

  /** The organisation releases the handset, with the restrictions that it had set. */
  releaseManagement(): void {
    this.#handset.update((state) => ({ ...state, deviceOwner: null, restrictions: [] }));
  }

  removeOtherUsers(): void {
    this.#handset.update((state) => ({ ...state, users: [OWNER] }));
  }

  removeScreenLock(): void {
    this.#handset.update((state) => ({ ...state, screenLock: null, screen: 'launcher' }));
  }

  setSims(sims: readonly Sim[]): void {
    this.#handset.update((state) => ({ ...state, sims }));
  }

  /** Charges or drains to a level in percent, warms or cools to a temperature in degrees Celsius. */
  setBattery(battery: { readonly level?: number; readonly celsius?: number }): void {
    this.#handset.update((state) => ({
      ...state,
      battery: {
        ...state.battery,
        level: battery.level ?? state.battery.level,
        temperature:
          battery.celsius === undefined
            ? state.battery.temperature
            : Math.round(battery.celsius * 10),
      },
    }));
  }

  /** Settings, Erase all data. */
  resetByHand(): void {
    this.#handset.reset('person');
  }

  /** Holds the power button. */
  rebootByHand(): void {
    this.#handset.reboot();
  }
}
