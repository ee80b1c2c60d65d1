import type { AppleFaults } from './faults.js';
import type { AppleBattery, AppleSims, IphoneState } from './iphone-state.js';

interface IphoneAtHand {
  readonly faults: AppleFaults;
  readonly state: IphoneState;
  update(change: (state: IphoneState) => IphoneState): void;
  erase(keepsEsim: boolean): void;
  restart(): void;
  /** Trust was tapped, which a host may hear as `com.apple.mobile.lockdown.request_pair`. */
  trusted(): void;
}

/** The person at the rack: everything that only a finger on the screen can do to an iPhone. */
export class Person {
  readonly #phone: IphoneAtHand;
  readonly #answers = new Map<string, 'asked' | 'trust' | 'deny'>();
  #trustsAlways = false;

  constructor(phone: IphoneAtHand) {
    this.#phone = phone;
  }

  /** What is said to "Trust This Computer?" of a host; the dialog comes up where it was not asked yet. */
  saysTo(systemBuid: string): 'asked' | 'trust' | 'deny' {
    const answer = this.#answers.get(systemBuid);
    if (answer) return answer;
    this.#answers.set(systemBuid, 'asked');
    // Nobody is as fast as the answer to the request that brings the dialog up.
    if (this.#trustsAlways) setImmediate(() => this.trust());
    return 'asked';
  }

  /** Whether the dialog is on the screen. */
  get isAsked(): boolean {
    return [...this.#answers.values()].includes('asked');
  }

  /** Taps Trust and enters the passcode. */
  trust(): void {
    if (this.#phone.faults.trustNeverTapped || !this.isAsked) return;
    this.#answer('trust');
    this.#phone.trusted();
  }

  /** Taps Don't Trust. The phone asks again when the cable was out. */
  deny(): void {
    this.#answer('deny');
  }

  /** Taps Trust as soon as the dialog comes up, now and later. */
  trustsAlways(): void {
    this.#trustsAlways = true;
    this.trust();
  }

  /** The cable is out: dialogs go away, and what was answered counts no longer. */
  cableOut(): void {
    this.#answers.clear();
  }

  /** Enters the passcode on the lock screen. */
  unlock(): void {
    this.#phone.update((state) => ({ ...state, locked: false, unlockedSinceBoot: true }));
  }

  /** Presses the side button. */
  lock(): void {
    this.#phone.update((state) => ({ ...state, locked: state.passcode }));
  }

  /** Signs out of the Apple Account, which ends Find My and the activation lock. */
  signOut(): void {
    this.#phone.update((state) => {
      const lock = state.profile.findMyInNvram ? { 'fm-activation-locked': 'NO' } : {};
      const nvram = { ...state.nvram, ...lock };
      return { ...state, findMy: false, activationLocked: false, nvram };
    });
  }

  /** Settings, Reset Location & Privacy: no host is trusted any more, and the records of all are stale. */
  resetLocationAndPrivacy(): void {
    this.#answers.clear();
    this.#phone.update((state) => ({ ...state, hosts: [] }));
  }

  /** The organisation releases the phone, with the profiles that it had installed. */
  releaseManagement(): void {
    this.#phone.update((state) => ({ ...state, supervision: null, configurationProfiles: [] }));
  }

  setSims(sims: Partial<AppleSims>): void {
    this.#phone.update((state) => ({ ...state, sims: { ...state.sims, ...sims } }));
  }

  /** Charges or drains to a level in percent. */
  setBattery(battery: Partial<AppleBattery>): void {
    this.#phone.update((state) => ({ ...state, battery: { ...state.battery, ...battery } }));
  }

  /** Settings, Erase All Content and Settings. */
  eraseByHand(): void {
    this.#phone.erase(false);
  }

  restartByHand(): void {
    this.#phone.restart();
  }

  #answer(answer: 'trust' | 'deny'): void {
    for (const [host, before] of this.#answers)
      if (before === 'asked') this.#answers.set(host, answer);
  }
}
