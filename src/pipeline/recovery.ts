import type { Config } from '../config.js';
import type { Stage } from '../evidence.js';
import type { HandsetKey } from '../handset.js';
import type { Lane, Verdict } from '../ledger/entry.js';
import { type NextStep, nextStep } from './next-step.js';
import { lastFence, type RunRecord, type Voided } from './run-record.js';

/** A run that was open when the daemon stopped. */
export interface OpenRun {
  readonly run: string;
  readonly port: string;
  readonly handset: HandsetKey | null;
  readonly stage: Stage;
  readonly fence: number;
  readonly next: NextStep;
  readonly voided: Voided | null;
}

/** The last run of a port, which had its verdict before the daemon stopped. */
export interface StandingRun {
  readonly run: string;
  readonly port: string;
  readonly handset: HandsetKey | null;
  readonly verdict: Verdict;
  readonly lane: Lane;
  readonly voided: Voided | null;
}

/** What the ledger says of the ports at the start of the daemon. */
export interface Recovery {
  /** At most one per port. */
  readonly open: readonly OpenRun[];
  readonly standing: readonly StandingRun[];
  readonly held: readonly string[];
  /** Runs that no port can go on with: they lack a verdict or a certificate. */
  readonly leftOver: readonly string[];
}

export interface Remembered {
  /** Oldest first. */
  readonly unfinished: readonly RunRecord[];
  /** The newest run of each port. */
  readonly last: readonly RunRecord[];
  readonly held: readonly string[];
}

/**
 * What each port goes on from. Pure. A handset whose run has its verdict is not begun anew because the daemon was
 * restarted: a person may have stopped that run, or the handset may be a stranger that was put in.
 */
export function recoveryOf({ unfinished, last, held }: Remembered, config: Config): Recovery {
  const { ports } = config.rack;
  const open = new Map<string, OpenRun>();
  const leftOver: string[] = [];
  for (const record of unfinished) {
    const { run, port } = record;
    const older = open.get(port)?.run;
    if (record.settled || !ports[port]) leftOver.push(run);
    else {
      if (older) leftOver.push(older);
      open.set(port, openRunOf(record, config));
    }
  }
  const standing = last
    .filter(({ port }) => ports[port] && !open.has(port))
    .flatMap(({ run, port, handset, identity, settled, voided }) => {
      if (!settled) return [];
      const { verdict, lane } = settled;
      return [{ run, port, handset: handset ?? keyOf(identity), verdict, lane, voided }];
    });
  return { open: [...open.values()], standing, held: held.filter((port) => ports[port]), leftOver };
}

function openRunOf(record: RunRecord, { policy }: Config): OpenRun {
  const { run, port, handset, voided } = record;
  const next = nextStep(record, policy);
  const stage = next.do === 'stage' ? next.stage : (record.attempts.at(-1)?.stage ?? 'identify');
  return { run, port, handset, stage, fence: lastFence(record), next, voided };
}

/** A bus that gives no serial leaves the run without a key; identify may have found one. */
function keyOf(identity: RunRecord['identity']): HandsetKey | null {
  return identity?.serial ? `${identity.platform}:${identity.serial}` : null;
}
