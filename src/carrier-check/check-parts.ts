import type { WaitOptions } from '../wait.js';
import type { AnswerSource, CarrierAnswer } from './answer.js';
import type { BrokeredAnswer, CarrierQuestion } from './broker/carrier-line.js';
import type { Carrier } from './marks.js';
import type { RestrictionPolicy } from './restriction-policy.js';

/** How the mark of one carrier is come by. */
export type Way =
  | {
      readonly by: 'ask';
      readonly source: Extract<AnswerSource, 'web' | 'api'>;
      /** An answer younger than this, in ms, is taken instead of asking. */
      readonly maxAgeMs: number;
    }
  | { readonly by: 'csv' }
  | { readonly by: 'person' };

/** Who learns of an answer, and why it was looked for. */
export interface AnswerAbout {
  readonly run: string | null;
  readonly port: string | null;
  /** The person who said so, where one did. */
  readonly by: string | null;
  readonly reason: 'stage' | 'recheck' | 'import' | 'manual';
}

/** Keeps an answer by its IMEI. It may be told the same one twice: same carrier, IMEI and `checkedAt`. */
export type NoteAnswer = (answer: CarrierAnswer, about: AnswerAbout) => Promise<void>;

/** An earlier run of a handset with this IMEI. */
export interface EarlierRun {
  readonly run: string;
  readonly port: string;
  readonly openedAt: string;
  readonly serial: string | null;
  /** It has no verdict yet. */
  readonly open: boolean;
}

/** Everything that the stage may use besides the handset's record. */
export interface CarrierCheckParts {
  /** The carriers whose marks are needed. None: nobody is asked. */
  readonly ways: ReadonlyMap<Carrier, Way>;
  readonly policy: RestrictionPolicy;
  /** SHA-256 over the canonical JSON (RFC 8785) of the policy, as hex. */
  readonly policySha256: string;
  /** How long one handset waits for all carriers together, in ms. */
  readonly waitMs: number;
  /** Asks one carrier, as `CarrierBroker.ask` does. */
  readonly ask: (question: CarrierQuestion, options: WaitOptions) => Promise<BrokeredAnswer>;
  /** The newest answer of this carrier that came by an import. */
  readonly imported: (carrier: Carrier, imei: string) => Promise<CarrierAnswer | null>;
  readonly note: NoteAnswer;
  /** Other runs with this IMEI, newest first; `run` is the one that asks. */
  readonly seenBefore: (imei: string, run: string) => readonly EarlierRun[];
}
