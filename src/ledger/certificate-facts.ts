import type { Evidence, JsonObject } from '../evidence.js';
import type { HandsetIdentity } from '../handset.js';
import type { Lane, Verdict } from './entry.js';

/** One line of the plan that was followed. */
export interface PlannedStage {
  readonly stage: string;
  readonly method: string;
  /** Why this place or method, where it differs from the default; null otherwise. */
  readonly reason: string | null;
}

/** Everything a certificate is made from: a pure function of one finished run and the issuer's configuration. */
export interface CertificateFacts {
  readonly run: string;
  readonly rack: string;
  readonly port: string;
  readonly usbPath: string;
  readonly openedAt: string;
  readonly settledAt: string;
  readonly identity: HandsetIdentity;
  readonly verdict: Verdict;
  readonly lane: Lane;
  readonly reasons: readonly string[];
  readonly plan: readonly PlannedStage[];
  readonly evidence: readonly Evidence[];
  /** What people did at the port: {action, by, at, statement}. */
  readonly operatorActs: readonly JsonObject[];
  readonly policyVersion: string;
  readonly toolVersion: string;
  readonly issuer: {
    readonly organisation: string;
    readonly location: string;
    readonly operator: string;
    readonly contact: string;
  };
  /** The ledger line that settled the run: the certificate hangs on the chain there. */
  readonly ledger: { readonly seq: number; readonly hash: string };
}
