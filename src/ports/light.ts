import type { AttentionCode } from '../attention.js';
import { unreachable } from '../errors.js';
import { LIGHTS, type LightName } from './lights.js';
import type { Light, PortView } from './view.js';

/** Everything a port's light depends on. */
export interface LightFacts {
  readonly state: PortView['state'];
  readonly held: boolean;
  readonly verdict: PortView['verdict'];
  readonly lane: PortView['lane'];
  /** Why a person is needed; in `working` trouble of the host, or what the stage waits for. */
  readonly attention: AttentionCode | null;
  /** A person asked to be shown where this port is. */
  readonly blinking: boolean;
  /** What is known of the port is too old to be shown as true. */
  readonly stale: boolean;
}

/** Attentions that are no work on the handset itself. All others are `act`. */
const OWN_LIGHT: Readonly<Partial<Record<AttentionCode, LightName>>> = {
  'usb-permission': 'rack-fault',
  'host-trouble': 'rack-fault',
  'frp-locked': 'locked',
  'managed-device': 'locked',
  'find-my-on': 'locked',
  'find-my-guard': 'locked',
  'activation-locked': 'locked',
  'iphone-pairing-forbidden': 'locked',
  'iphone-supervised': 'locked',
  'reset-forbidden': 'locked',
  'duplicate-imei': 'remove',
  'handset-swapped': 'remove',
  'unsupported-handset': 'remove',
};

/** A light as panels get it. */
export function lightNamed(name: LightName): Light {
  const { colour, pattern, ja, en } = LIGHTS[name];
  return { name, colour, pattern, word: { ja, en } };
}

/** What a stage may wait for while it goes on; nothing is under way then that could be disturbed. */
const WHILE_WORKING: Readonly<Partial<Record<AttentionCode, LightName>>> = {
  'usb-permission': 'rack-fault',
  'host-trouble': 'rack-fault',
  'felica-place-on-reader': 'to-reader',
  'felica-wrong-handset': 'to-reader',
  'felica-several-on-reader': 'act',
  'felica-card-on-reader': 'act',
  'felica-clear-on-device': 'act',
  'felica-reader-trouble': 'act',
};

/**
 * The light of one port. Pure. Shape says more than colour: a solid light means that the handset may be pulled, and
 * green means exactly one thing, a settled run that passed and may be released. A settled port whose verdict and
 * lane contradict each other is never shown as good.
 */
export function lightOf(facts: LightFacts): Light {
  if (facts.stale) return lightNamed('stale');
  const shown = lightNamed(steadyLight(facts));
  return facts.blinking ? { ...shown, colour: 'white', pattern: 'triple' } : shown;
}

function steadyLight(facts: LightFacts): LightName {
  switch (facts.state) {
    case 'empty':
      return facts.held ? 'held' : 'empty';
    case 'unready':
      if (facts.attention) return OWN_LIGHT[facts.attention] ?? 'act';
      return facts.held ? 'held' : 'detecting';
    case 'opening':
      return 'identifying';
    case 'working':
      return (facts.attention && WHILE_WORKING[facts.attention]) ?? 'working';
    case 'attention':
      return (facts.attention && OWN_LIGHT[facts.attention]) ?? 'act';
    case 'aborting':
      return 'stopping';
    case 'settled':
      return settledLight(facts.verdict, facts.lane);
    default:
      return unreachable(facts.state, 'light-state-5b1c');
  }
}

function settledLight(verdict: LightFacts['verdict'], lane: LightFacts['lane']): LightName {
  if (verdict === null || lane === null) return 'rack-fault';
  switch (lane) {
    case 'release':
      return verdict === 'passed' ? 'passed' : 'quarantine';
    case 'attention':
      return verdict === 'failed' ? 'check-failed' : 'check';
    case 'quarantine':
      // Erased well and still not for sale: the restriction's light, not that of a failed erasure.
      return verdict === 'passed' ? 'quarantine-erased' : 'quarantine';
    case 'destroy':
      return 'destroy';
    case 'return':
      return 'return';
    default:
      return unreachable(lane, 'light-lane-90e2');
  }
}
