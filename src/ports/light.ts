import type { AttentionCode } from '../attention.js';
import { unreachable } from '../errors.js';
import type { Light, LightColour, LightPattern, PortView } from './view.js';

/** Everything a port's light depends on. */
export interface LightFacts {
  readonly state: PortView['state'];
  readonly held: boolean;
  readonly verdict: PortView['verdict'];
  readonly lane: PortView['lane'];
  /** Why a person is needed; in `working` only trouble of the host counts. */
  readonly attention: AttentionCode | null;
  /** A person asked to be shown where this port is. */
  readonly blinking: boolean;
  /** What is known of the port is too old to be shown as true. */
  readonly stale: boolean;
}

function light(colour: LightColour, pattern: LightPattern, ja: string, en: string): Light {
  return { colour, pattern, word: { ja, en } };
}

const STALE = light('yellow', 'triple', '情報なし', 'STALE');
const EMPTY = light('off', 'off', '空き', 'EMPTY');
const HELD = light('white', 'slow', '保留中', 'HELD');
const DETECTING = light('white', 'fast', '検出中', 'DETECTING');
const IDENTIFYING = light('white', 'fast', '識別中', 'IDENTIFYING');
const WORKING = light('blue', 'slow', '作業中', 'DO NOT UNPLUG');
const STOPPING = light('blue', 'fast', '中止処理中', 'STOPPING');
const FAULT = light('red-yellow', 'alternate', '設備異常', 'RACK FAULT');

/** Attentions that are no work on the handset itself. All others are: yellow, double. */
const OWN_LIGHT: Readonly<Partial<Record<AttentionCode, Light>>> = {
  'usb-permission': FAULT,
  'host-trouble': FAULT,
  'frp-locked': light('red', 'double', 'ロック', 'LOCKED'),
  'managed-device': light('red', 'double', 'ロック', 'LOCKED'),
  'find-my-on': light('red', 'double', 'ロック', 'LOCKED'),
  'find-my-guard': light('red', 'double', 'ロック', 'LOCKED'),
  'activation-locked': light('red', 'double', 'ロック', 'LOCKED'),
  'iphone-pairing-forbidden': light('red', 'double', 'ロック', 'LOCKED'),
  'iphone-supervised': light('red', 'double', 'ロック', 'LOCKED'),
  'reset-forbidden': light('red', 'double', 'ロック', 'LOCKED'),
  'duplicate-imei': light('yellow', 'double', '取り外し', 'REMOVE'),
  'handset-swapped': light('yellow', 'double', '取り外し', 'REMOVE'),
  'unsupported-handset': light('yellow', 'double', '取り外し', 'REMOVE'),
};
const ACT = light('yellow', 'double', '要操作', 'ACT');

/**
 * The light of one port. Pure. Shape says more than colour: a solid light means that the handset may be pulled, and
 * green means exactly one thing, a settled run that passed and may be released. A settled port whose verdict and
 * lane contradict each other is never shown as good.
 */
export function lightOf(facts: LightFacts): Light {
  if (facts.stale) return STALE;
  const shown = steadyLight(facts);
  return facts.blinking ? { ...shown, colour: 'white', pattern: 'triple' } : shown;
}

function steadyLight(facts: LightFacts): Light {
  switch (facts.state) {
    case 'empty':
      return facts.held ? HELD : EMPTY;
    case 'unready':
      if (facts.attention) return OWN_LIGHT[facts.attention] ?? ACT;
      return facts.held ? HELD : DETECTING;
    case 'opening':
      return IDENTIFYING;
    case 'working':
      // Stuck for want of the host: nothing goes on that could be disturbed, and nothing will until it is mended.
      return facts.attention && OWN_LIGHT[facts.attention] === FAULT ? FAULT : WORKING;
    case 'attention':
      return (facts.attention && OWN_LIGHT[facts.attention]) ?? ACT;
    case 'aborting':
      return STOPPING;
    case 'settled':
      return settledLight(facts.verdict, facts.lane);
    default:
      return unreachable(facts.state, 'light-state-5b1c');
  }
}

function settledLight(verdict: LightFacts['verdict'], lane: LightFacts['lane']): Light {
  if (verdict === null || lane === null) return FAULT;
  switch (lane) {
    case 'release':
      return verdict === 'passed'
        ? light('green', 'solid', '合格', 'PASSED')
        : light('red', 'solid', '隔離', 'QUARANTINE');
    case 'attention':
      return light(verdict === 'failed' ? 'red' : 'yellow', 'solid', '要確認', 'CHECK');
    case 'quarantine':
      // Erased well and still not for sale: the restriction's light, not that of a failed erasure.
      return light('red', verdict === 'passed' ? 'double' : 'solid', '隔離', 'QUARANTINE');
    case 'destroy':
      return light('red', 'solid', '破壊処分', 'DESTROY');
    case 'return':
      return light('red', 'double', '返却', 'RETURN');
    default:
      return unreachable(lane, 'light-lane-90e2');
  }
}
