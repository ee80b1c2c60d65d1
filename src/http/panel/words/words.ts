import type { AttentionCode } from '../../../attention.js';
import type { Carrier, Mark } from '../../../carrier-check/marks.js';
import type { ErrorCode } from '../../../errors.js';
import type { EvidenceKind, Stage } from '../../../evidence.js';
import type { PortAction, PortStateName, PortView } from '../../../ports/view.js';
import type { Role } from '../../access/roles.js';
import type { Terms } from './terms.js';

export type Language = 'ja' | 'en';
export type Lane = NonNullable<PortView['lane']>;
export type Verdict = NonNullable<PortView['verdict']>;
export type Filter = 'all' | 'act' | 'working' | Lane | 'empty';
export type BreakerState = 'closed' | 'half-open' | 'open' | 'parked';
export type Outcome = 'done' | 'attention' | 'failed' | 'again';
export type ConfirmOption = 'revoked' | 'never-registered' | 'cleared' | 'first-boot' | 'go-on';

/** Every word that the panel itself says. Attentions and lights bring their own from the server. */
export interface Words {
  readonly nav: {
    readonly rack: string;
    readonly history: string;
    readonly system: string;
    readonly fleet: string;
  };
  readonly skip: string;
  readonly theme: { readonly auto: string; readonly light: string; readonly dark: string };
  readonly otherLanguage: string;
  readonly by: string;
  readonly byHint: string;
  readonly stale: {
    readonly title: string;
    readonly detail: string;
    readonly never: string;
    ago(time: string): string;
  };
  readonly starting: string;
  readonly filters: Readonly<Record<Filter, string>>;
  readonly filterLabel: string;
  readonly rackLabel: string;
  readonly toDo: string;
  readonly nothingToDo: string;
  readonly lanes: Readonly<Record<Lane, string>>;
  readonly laneMeans: Readonly<Record<Lane, string>>;
  readonly verdicts: Readonly<Record<Verdict, string>>;
  readonly stages: Readonly<Record<Stage, string>>;
  readonly states: Readonly<Record<PortStateName, string>>;
  readonly actions: Readonly<Record<PortAction, string>>;
  readonly actionMeans: Readonly<Record<PortAction, string>>;
  readonly shortAttention: Readonly<Record<AttentionCode, string>>;
  /** What has to be mended at a port that the port doctor holds, in a word or two. */
  readonly workOrders: Readonly<Record<NonNullable<PortView['workOrder']>['whose'], string>>;
  readonly errors: Readonly<Record<ErrorCode, string>>;
  readonly carriers: Readonly<Record<Carrier, string>>;
  readonly marks: Readonly<Record<Mark, string>>;
  readonly options: Readonly<Record<ConfirmOption, string>>;
  readonly evidence: Readonly<Record<EvidenceKind, string>>;
  readonly outcomes: Readonly<Record<Outcome, string>>;
  readonly queues: Readonly<Partial<Record<string, string>>>;
  readonly roles: Readonly<Record<Role, string>>;
  readonly validation: Readonly<Record<'waiting' | 'accepted' | 'rejected', string>>;
  readonly breaker: Readonly<Record<BreakerState, string>>;
  waiting(what: string, ahead: number): string;
  left(duration: string): string;
  since(duration: string): string;
  attempt(n: number): string;
  duration(seconds: number): string;
  readonly terms: Terms;
}
