import { CARRIERS } from '../../carrier-check/marks.js';
import type { Stage } from '../../evidence.js';
import type { PortView, RackView } from '../../ports/view.js';
import { sleep } from '../../wait.js';
import { EXIT } from '../command.js';
import type { Standing } from './demo-rack.js';
import { type Marks, marksLine } from './marks.js';
import { DemoPerson } from './person.js';
import { isAtRest, isExpected, resultLine, statusOf } from './result.js';

const BEFORE_MARKS: readonly Stage[] = ['identify', 'carrier-check'];
const LOOK_MS = 250;
const ASK_TIMEOUT_MS = 5_000;

export interface ShowParts {
  /** The rack as its API shows it; null while the daemon does not answer. */
  readonly ask: (signal: AbortSignal) => Promise<RackView | null>;
  readonly standing: readonly Standing[];
  /** What the carriers said in one run; null while that is not known. Left out where none is asked. */
  readonly marksOf?: (run: string, signal: AbortSignal) => Promise<Marks | null>;
  readonly say: (line: string) => void;
  /** Lays the handset of a port on the FeliCa reader. Left out: there is none. */
  readonly places?: (port: string) => void;
  /** Whether somebody will still do something to the rack; then nothing is over yet. */
  readonly busy?: () => boolean;
}

/** Asks the daemon's API at `url`; null where there is none or it does not answer: it may just be coming back. */
export async function askPanel(url: string | null, signal: AbortSignal): Promise<RackView | null> {
  if (url === null) return null;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ASK_TIMEOUT_MS)]);
  try {
    const answer = await fetch(`${url}/api/v1/ports`, { signal: limit });
    return answer.ok ? ((await answer.json()) as RackView) : null;
  } catch {
    return null;
  }
}

/** Watches the rack as a panel does, prints what changes and lets the person beside it act. */
export class Show {
  readonly #parts: ShowParts;
  readonly #person: DemoPerson;
  readonly #said = new Map<string, string>();
  readonly #marks = new Map<string, Marks>();
  readonly #began = Date.now();

  constructor(parts: ShowParts) {
    this.#parts = parts;
    this.#person = new DemoPerson(parts.places ?? (() => undefined));
  }

  /** Until the signal. */
  async play(signal: AbortSignal): Promise<never> {
    for (;;) {
      await this.#look(signal);
      await sleep(LOOK_MS, signal);
    }
  }

  /** Until every handset has settled or the time is up; then one line each. */
  async playToTheEnd(
    signal: AbortSignal,
    end: { minutes: number; kept: string | null },
  ): Promise<number> {
    const deadline = this.#began + end.minutes * 60_000;
    for (;;) {
      const view = await this.#look(signal);
      const over = Date.now() > deadline;
      if (view && (over || this.#isOver(view))) return this.#report(view, { ...end, over });
      if (over) return EXIT.failed;
      await sleep(LOOK_MS, signal);
    }
  }

  #isOver(view: RackView): boolean {
    const { busy, standing } = this.#parts;
    if (busy?.()) return false;
    return standing.every(({ port, plan }) => {
      const shown = portOf(view, port);
      return shown !== null && isAtRest(shown, plan);
    });
  }

  async #look(signal: AbortSignal): Promise<RackView | null> {
    const view = await this.#parts.ask(signal);
    if (!view) return null;
    for (const { port } of this.#parts.standing) {
      const shown = portOf(view, port);
      const status = shown ? statusOf(shown) : 'unknown';
      if (shown) await this.#lookAtMarks(shown, signal);
      if (this.#said.get(port) === status) continue;
      this.#said.set(port, status);
      this.#line(port, status);
    }
    this.#person.look(view, this.#parts.standing, Date.now());
    return view;
  }

  /** Once for each run, when its carrier check is over. */
  async #lookAtMarks({ port, run, stage, verdict }: PortView, signal: AbortSignal): Promise<void> {
    const over = verdict !== null || (stage !== null && !BEFORE_MARKS.includes(stage));
    if (!run || !over || this.#marks.has(run)) return;
    const marks = (await this.#parts.marksOf?.(run, signal)) ?? null;
    if (!marks) return;
    this.#marks.set(run, marks);
    if (marks.length > 0) this.#line(port, marksLine(marks));
  }

  #line(port: string, text: string): void {
    const seconds = ((Date.now() - this.#began) / 1000).toFixed(1).padStart(6);
    this.#parts.say(`${seconds} s  ${port}  ${text}`);
  }

  #report(view: RackView, end: { minutes: number; kept: string | null; over: boolean }): number {
    const { standing, say } = this.#parts;
    say('');
    if (this.#parts.marksOf) say(`marks: ${CARRIERS.join(' ')}`);
    let expected = 0;
    for (const one of standing) {
      const shown = portOf(view, one.port);
      if (!shown) continue;
      if (isExpected(shown, one.plan.expected)) expected += 1;
      const marks = shown.run ? this.#marks.get(shown.run) : undefined;
      say(resultLine(shown, one, this.#parts.marksOf ? (marks ?? []) : null));
    }
    const late = end.over ? `, stopped after ${end.minutes} minutes` : '';
    const seconds = Math.round((Date.now() - this.#began) / 1000);
    const others = standing.length - expected;
    say(
      `\n${standing.length} handsets, ${expected} as expected, ${others} not, ${seconds} s${late}`,
    );
    if (end.kept) say(`certificates, ledger, keys and handset storage: ${end.kept}`);
    return others === 0 ? EXIT.ok : EXIT.failed;
  }
}

function portOf(view: RackView, port: string): PortView | null {
  return view.ports.find((one) => one.port === port) ?? null;
}
