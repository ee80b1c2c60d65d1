import type { DemoAndroid } from '../../../src/cli/demo/demo-handset.js';
import type { LedgerEntry } from '../../../src/ledger/entry.js';
import type { PortView, RackView } from '../../../src/ports/view.js';
import type { Rig } from './rig.js';

export interface PlayWith {
  readonly seed: number;
  readonly minutes: number;
  readonly say: (line: string) => void;
}

/** What is done to the rack while the daemon works, and what must hold at the end besides the expected verdicts. */
export interface Scenario {
  readonly name: string;
  readonly about: string;
  /** The handset for the port with this number from 0 of so many. */
  plan(index: number, count: number): DemoAndroid;
  /** False: handsets come and go until `play` has ended, and no verdict is expected of any. */
  readonly settles?: boolean;
  /** Plugs everything in and does the rest. */
  play(rig: Rig, how: PlayWith): Promise<void>;
  /** What is wrong at the end, one line each. */
  check?(rig: Rig, ledger: readonly LedgerEntry[]): readonly string[];
}

/** Storage that takes a while to fill, so that something can happen meanwhile. */
export const SLOW: DemoAndroid = {
  story: 'in use, erased by test harness mode',
  spec: {
    profile: 'google-pixel-7',
    condition: 'in-use',
    storageBytes: 256 * 1024 * 1024,
    plantedShare: 0.02,
  },
  personDoes: [],
  expected: { verdict: 'passed' },
};

export const IN_USE: DemoAndroid = {
  ...SLOW,
  spec: { profile: 'google-pixel-7', condition: 'in-use' },
};

export function plugAll(rig: Rig): void {
  for (const one of rig.standing) rig.plug(one);
}

export function shown(view: RackView, port: string): PortView | undefined {
  return view.ports.find((one) => one.port === port);
}

/** Resolves when each of these ports fills its handset's storage. */
export async function untilFilling(rig: Rig, ports: readonly string[]): Promise<void> {
  await rig.until(`${ports.join(' ')} overwrite`, (view) =>
    ports.every((port) => {
      const now = shown(view, port);
      return now?.stage === 'overwrite-erase' && (now.progress?.bytesDone ?? 0) > 0;
    }),
  );
}

/** What the ledger says of a run that was disturbed: asked for one reset only, and nothing was erased without a word. */
export function resetsAreOnRecord(rig: Rig, ledger: readonly LedgerEntry[]): string[] {
  return rig.standing.flatMap(({ port, handset }) => {
    const stages = ledger
      .filter(
        ({ type, port: at, body }) => type === 'intent' && at === port && body['step'] === 'reset',
      )
      .map(({ body }) => body['stage']);
    const first = stages.filter((stage) => stage === 'reset-delete').length;
    return [
      ...(first === 1 ? [] : [`${port}: ${first} resets were begun in reset-delete`]),
      ...(handset.resets === stages.length
        ? []
        : [`${port} was reset ${handset.resets} times, the ledger has ${stages.length}`]),
    ];
  });
}
