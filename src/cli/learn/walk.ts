import type { UsbPath } from '../../handset.js';

/** One opening as it was learned: the path that the phone showed at, and the other half where the kernel knows one. */
export interface LearnedPort {
  readonly port: string;
  readonly usbPaths: readonly UsbPath[];
}

/** The phone that walks; a null serial was not told and says nothing. */
export interface Phone {
  readonly vendorId: number;
  readonly serial: string | null;
}

export interface Walk {
  /** How many openings the rack has. */
  readonly count: number;
  /** 1 learns, 2 verifies, 3 is over. */
  readonly pass: 1 | 2 | 3;
  readonly learned: readonly LearnedPort[];
  /** In the second pass: how many ports are verified. */
  readonly verified: number;
  /** Where the phone stands now. */
  readonly standing: readonly UsbPath[] | null;
  readonly phone: Phone | null;
}

export type WalkEvent =
  | {
      readonly type: 'attached';
      readonly usbPath: UsbPath;
      readonly peer: UsbPath | null;
      readonly device: Phone;
    }
  | { readonly type: 'detached'; readonly usbPath: UsbPath };

/** What the person is told. `port` is where the phone is or should be. */
export type WalkWord =
  | { readonly say: 'learned' | 'verified' | 'already'; readonly port: string }
  | { readonly say: 'next'; readonly port: string; readonly pass: 1 | 2 }
  | { readonly say: 'mismatch'; readonly port: string; readonly seen: string }
  | { readonly say: 'other-device' | 'two-devices' | 'done' };

export interface WalkStep {
  readonly walk: Walk;
  readonly words: readonly WalkWord[];
}

/** `P01` for the first opening. */
export function portName(index: number): string {
  return `P${String(index + 1).padStart(2, '0')}`;
}

/** The beginning of a walk along `count` openings, 1 to 99. */
export function beginWalk(count: number): WalkStep {
  const walk: Walk = {
    ...{ count, pass: 1, learned: [], verified: 0, standing: null, phone: null },
  };
  return { walk, words: [{ say: 'next', port: portName(0), pass: 1 }] };
}

/**
 * What follows when the phone is plugged in or out. Pure. A phone that shows up anew where it stands (it does so when its mode
 * changes) is not counted again, and a device that is not the phone is never taken for it.
 */
export function step(walk: Walk, event: WalkEvent): WalkStep {
  if (walk.pass === 3) return { walk, words: [] };
  if (event.type === 'detached') return left(walk, event.usbPath);
  const { usbPath, device } = event;
  if (walk.standing?.includes(usbPath)) return { walk, words: [] };
  if (walk.phone && !samePhone(walk.phone, device))
    return { walk, words: [{ say: 'other-device' }] };
  if (walk.standing) return { walk, words: [{ say: 'two-devices' }] };
  return walk.pass === 1 ? learn(walk, event) : verify(walk, event);
}

type Attached = Extract<WalkEvent, { type: 'attached' }>;

function left(walk: Walk, usbPath: UsbPath): WalkStep {
  if (!walk.standing?.includes(usbPath)) return { walk, words: [] };
  const away: Walk = { ...walk, standing: null };
  if (walk.pass === 1 && walk.learned.length === walk.count)
    return { walk: { ...away, pass: 2 }, words: [{ say: 'next', port: portName(0), pass: 2 }] };
  const index = walk.pass === 1 ? walk.learned.length : walk.verified;
  const pass = walk.pass === 1 ? 1 : 2;
  return { walk: away, words: [{ say: 'next', port: portName(index), pass }] };
}

function learn(walk: Walk, { usbPath, peer, device }: Attached): WalkStep {
  const phone = { ...device, serial: walk.phone?.serial ?? device.serial };
  const known = walk.learned.find(({ usbPaths }) => usbPaths.includes(usbPath));
  if (known) {
    const again = known === walk.learned.at(-1);
    const words: WalkWord[] = again ? [] : [{ say: 'already', port: known.port }];
    return { walk: { ...walk, phone, standing: known.usbPaths }, words };
  }
  const port = portName(walk.learned.length);
  const usbPaths = peer === null ? [usbPath] : [usbPath, peer];
  const learned = [...walk.learned, { port, usbPaths }];
  return {
    walk: { ...walk, phone, learned, standing: usbPaths },
    words: [{ say: 'learned', port }],
  };
}

function verify(walk: Walk, { usbPath }: Attached): WalkStep {
  const wanted = walk.learned[walk.verified];
  const found = walk.learned.find(({ usbPaths }) => usbPaths.includes(usbPath));
  const standing = found?.usbPaths ?? [usbPath];
  if (!wanted || found !== wanted) {
    // Still in the port that was verified last: it only came anew.
    const again = found !== undefined && found === walk.learned[walk.verified - 1];
    const port = wanted?.port ?? '';
    const words: WalkWord[] = again
      ? []
      : [{ say: 'mismatch', port, seen: found?.port ?? usbPath }];
    return { walk: { ...walk, standing }, words };
  }
  const verified = walk.verified + 1;
  const words: WalkWord[] = [{ say: 'verified', port: wanted.port }];
  if (verified < walk.count) return { walk: { ...walk, verified, standing }, words };
  return { walk: { ...walk, verified, standing, pass: 3 }, words: [...words, { say: 'done' }] };
}

function samePhone(one: Phone, other: Phone): boolean {
  if (one.vendorId !== other.vendorId) return false;
  return one.serial === null || other.serial === null || one.serial === other.serial;
}
