import type { AttentionCode } from '../attention.js';
import type { Condition } from '../devices/sighting.js';
import type { Blame, ErrorCode } from '../errors.js';
import type { Stage } from '../evidence.js';
import type { Platform } from '../handset.js';
import type { LightColour, LightName, LightPattern } from './lights.js';

export type { LightColour, LightName, LightPattern };

export const PORT_STATES = [
  'empty',
  'unready',
  'opening',
  'working',
  'attention',
  'aborting',
  'settled',
] as const;
export type PortStateName = (typeof PORT_STATES)[number];

export const PORT_ACTIONS = ['retry', 'abort', 'release', 'hold', 'blink', 'confirm'] as const;
export type PortAction = (typeof PORT_ACTIONS)[number];

/** What the port's light shows; the word says the same for people who cannot tell the colours apart. */
export interface Light {
  /** Which row of the table of lights it is; what a panel may draw a shape for. */
  readonly name: LightName;
  readonly colour: LightColour;
  readonly pattern: LightPattern;
  readonly word: { readonly ja: string; readonly en: string };
}

/** What a person has to mend before a quarantined port is used again. */
export interface PortWorkOrder {
  readonly whose: 'cable' | 'port';
  readonly ja: string;
  readonly en: string;
}

/** Everything a panel may show of one port. Identifiers are masked here; the run has them whole. */
export interface PortView {
  readonly port: string;
  readonly usbPaths: readonly string[];
  readonly controller: string;
  readonly state: PortStateName;
  /** New arrivals are not started while held. */
  readonly held: boolean;
  /** Set while the port doctor holds the port: what has to be mended, and why. */
  readonly workOrder: PortWorkOrder | null;
  /** ISO time since when the port is in this state. */
  readonly since: string;
  readonly condition: Condition | null;
  readonly run: string | null;
  readonly stage: Stage | null;
  readonly attempt: number | null;
  readonly handset: {
    readonly platform: Platform;
    readonly manufacturer: string | null;
    readonly model: string | null;
    readonly osVersion: string | null;
    readonly serialMasked: string | null;
    readonly imeisMasked: readonly string[];
  } | null;
  readonly progress: {
    readonly done: number;
    readonly step: string;
    readonly bytesDone: number | null;
    readonly bytesTotal: number | null;
    readonly etaSeconds: number | null;
  } | null;
  /** Set while the job waits in its queue: how many are before it. */
  readonly waiting: { readonly queue: string; readonly ahead: number } | null;
  readonly attention: {
    readonly code: AttentionCode;
    readonly ja: string;
    readonly en: string;
    readonly clears: 'by-itself' | 'confirm' | 'retry' | 'remove';
  } | null;
  readonly verdict: 'passed' | 'failed' | 'inconclusive' | null;
  readonly lane: 'release' | 'attention' | 'quarantine' | 'destroy' | 'return' | null;
  readonly reasons: readonly string[];
  readonly error: {
    readonly code: ErrorCode;
    readonly blame: Blame;
    readonly message: string;
  } | null;
  readonly light: Light;
  readonly blinking: boolean;
  /** The actions that would be taken now. */
  readonly actions: readonly PortAction[];
}

export interface RackView {
  readonly rack: string;
  /** Grows by one with each change of anything in here. */
  readonly seq: number;
  readonly serverTime: string;
  /** Seconds after which a panel must no longer show this as true. */
  readonly staleAfter: number;
  readonly ports: readonly PortView[];
}

/** One change of what the rack shows. Together, in the order of seq, they are the rack. */
export interface RackChange {
  readonly rack: string;
  readonly seq: number;
  /** The seq that it follows. */
  readonly after: number;
  readonly serverTime: string;
  readonly staleAfter: number;
  /** The ports that changed, whole. */
  readonly ports: readonly PortView[];
}
