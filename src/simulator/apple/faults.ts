import type { AppleIdentity } from './identity.js';

/** `written`: as it should be. */
export type NvramFault = 'written' | 'unchanged' | 'absent' | 'failure' | 'old-epoch';

/** The cable comes off when this many bytes were written over AFC, and on again after `forMs`; null: it stays off. */
export interface CableDrop {
  readonly afterAfcBytes: number;
  readonly forMs: number | null;
}

/** What goes wrong with the answers of lockdown's GetValue inside a session. */
export interface LockdownFaults {
  /** The answer names another key, and has that key's value. */
  readonly answersOtherKey?: string;
  /** Each answer is sent twice. */
  readonly answersTwice?: boolean;
  /** Milliseconds that an answer waits. */
  readonly answersAfterMs?: number;
  /** No answer ever comes. */
  readonly neverAnswers?: boolean;
}

/**
 * Misbehaviour of one iPhone. A plain object that may be changed while the phone runs; each is off by default. Find My
 * and supervision are conditions of a phone, so they stand in its spec.
 */
export interface AppleFaults {
  /** Nobody ever taps Trust, whatever is asked of the person. */
  trustNeverTapped: boolean;
  /** The next StartSession finds that the phone has forgotten its hosts: their records are stale. Happens once. */
  forgetsHosts: boolean;
  /** What the host hears after EraseDevice, in place of what the model does. */
  eraseAnswer:
    | 'as-model'
    | 'acknowledges'
    | 'closes'
    | 'refuses'
    | 'format-error'
    | 'never-answers';
  /** The erase: `nothing`, not even a restart; `restarts` only; `keeps-files` though all else looks fresh. */
  eraseDoes: 'all' | 'nothing' | 'restarts' | 'keeps-files';
  /** Goes down for the erase and never comes back. */
  diesInErase: boolean;
  /** The hosts stay trusted over an erase. */
  eraseKeepsHosts: boolean;
  nvram: NvramFault;
  /** Comes back from its next restart as this other phone. Happens once. */
  returnsAs: AppleIdentity | null;
  /** AFC says that the disk is full when this many bytes were written, though it is not. */
  afcFullAfter: number | null;
  /** The AFC connection dies in the middle of the write that reaches this many bytes. Happens once. */
  afcDiesAfter: number | null;
  /** One bit of what AFC reads is wrong, at this offset of each file. */
  afcFlipsByteAt: number | null;
  cableDrop: CableDrop | null;
  lockdown: LockdownFaults;
  /** Milliseconds that the next restarts take instead of the phone's own. */
  bootMs: number | null;
}

export function noAppleFaults(): AppleFaults {
  return {
    trustNeverTapped: false,
    forgetsHosts: false,
    eraseAnswer: 'as-model',
    eraseDoes: 'all',
    diesInErase: false,
    eraseKeepsHosts: false,
    nvram: 'written',
    returnsAs: null,
    afcFullAfter: null,
    afcDiesAfter: null,
    afcFlipsByteAt: null,
    cableDrop: null,
    lockdown: {},
    bootMs: null,
  };
}
