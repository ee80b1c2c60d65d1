import { SarachiError } from '../../errors.js';
import { imeiCheckDigit } from '../../imei.js';
import { profileOf } from '../../simulator/android/handset-spec.js';
import { profileOf as iphoneProfileOf } from '../../simulator/apple/iphone-spec.js';
import type { CarrierTable } from '../../simulator/carriers/simulated-carriers.js';
import { ANDROIDS, FELICA_ANDROIDS } from './android-fleet.js';
import { type DemoHandset, isIphone } from './demo-handset.js';
import { IPHONES } from './iphone-fleet.js';

/** The handsets of the demo in the order of the ports; more than these begin again from the first. */
export const FLEET: readonly DemoHandset[] = [
  ...ANDROIDS.slice(0, 1),
  ...IPHONES.slice(0, 1),
  ...FELICA_ANDROIDS,
  ...ANDROIDS.slice(2, 4),
  ...ANDROIDS.slice(5, 7),
  ...IPHONES.slice(1),
  ...ANDROIDS.slice(4, 5),
  ...ANDROIDS.slice(7),
  ...ANDROIDS.slice(1, 2),
];

/** The handset for the n-th opening, from 0, with numbers of its own. */
export function fleetHandset(opening: number): DemoHandset {
  const plan = FLEET[opening % FLEET.length];
  if (!plan) throw new SarachiError('internal', { tag: 'demo-fleet-2d11', opening });
  const numbers = (count: number) =>
    Array.from({ length: count }, (_, slot) => imeiOf(opening, slot));
  if (!isIphone(plan)) {
    const imeis = numbers(profileOf(plan.spec).simSlots);
    return { ...plan, spec: { ...plan.spec, imeis } };
  }
  const imeis = numbers(iphoneProfileOf(plan.iphone).imeis);
  const identity = { ...plan.iphone.identity, imeis };
  return { ...plan, iphone: { ...plan.iphone, identity } };
}

/** The numbers that were given to this handset. */
export function imeisOf(plan: DemoHandset): readonly string[] {
  return (isIphone(plan) ? plan.iphone.identity?.imeis : plan.spec.imeis) ?? [];
}

/** The same where its marks are looked up: an erased handset must also be sent where they say. */
export function withLane(plan: DemoHandset): DemoHandset {
  const { expected, lane = 'release' } = plan;
  if (!('verdict' in expected)) return plan;
  return {
    ...plan,
    expected: { ...expected, lane: expected.verdict === 'passed' ? lane : 'quarantine' },
  };
}

/** What the carriers know of these handsets, by the number that is asked about. */
export function booksOf(plans: readonly DemoHandset[]): CarrierTable {
  return Object.fromEntries(
    plans.flatMap((plan) => {
      const { marks = {} } = plan;
      const [first] = imeisOf(plan);
      return first === undefined ? [] : [[first, marks]];
    }),
  );
}

/** Made-up numbers of a made-up model. */
function imeiOf(opening: number, slot: number): string {
  const digits = `35693803${String(opening * 10 + slot).padStart(6, '0')}`;
  return `${digits}${imeiCheckDigit(digits)}`;
}
