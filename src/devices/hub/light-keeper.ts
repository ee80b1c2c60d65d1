import { asSarachiError, type SarachiError } from '../../errors.js';
import { type Clock, sleep, type WaitOptions } from '../../wait.js';
import { type RackLights, type ShownLight, STALE_LIGHT } from './rack-hub.js';

export interface LightKeeperParts {
  readonly lights: RackLights;
  /** Every opening that has a light. */
  readonly ports: readonly string[];
  /** After so many milliseconds without a word, nothing of what was told is shown any more. */
  readonly staleMs: number;
  /** How often everything is written again: a hub may have lost it, and its handle must not expire. */
  readonly refreshMs: number;
  /** Milliseconds of a clock that never jumps. */
  readonly clock: Clock;
  /** Told how the last writing went, each time. */
  readonly report: (trouble: SarachiError | null) => void;
}

/** What was told last, and when. */
export interface Told {
  readonly lights: ReadonlyMap<string, ShownLight>;
  readonly at: number;
}

const AGAIN_MS = 500;
const WRITE_MS = 10_000;

/** What every opening is to show now. Pure. An opening that nothing was said of is stale like all of them. */
export function wantedLights(
  ports: readonly string[],
  told: Told | null,
  { now, staleMs }: { readonly now: number; readonly staleMs: number },
): ReadonlyMap<string, ShownLight> {
  const fresh = told !== null && now - told.at < staleMs;
  return new Map(
    ports.map((port) => [port, (fresh && told.lights.get(port)) || STALE_LIGHT] as const),
  );
}

/** Keeps the lights as it was told, and lets them fall to the stale pattern when nobody tells it anything. */
export class LightKeeper {
  readonly #parts: LightKeeperParts;
  readonly #shown = new Map<string, ShownLight>();
  #told: Told | null = null;
  #wake: () => void = () => undefined;

  constructor(parts: LightKeeperParts) {
    this.#parts = parts;
  }

  /** Takes the lights as they are to be from now on. */
  told(lights: ReadonlyMap<string, ShownLight>): void {
    this.#told = { lights, at: this.#parts.clock() };
    this.#wake();
  }

  /** Shows what is wanted until the signal fires; then shows the stale pattern as long as `last` lasts, and ends. */
  async run(signal: AbortSignal, last: WaitOptions): Promise<void> {
    let writtenAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      const { clock, refreshMs } = this.#parts;
      const woken = this.#woken(signal);
      if (clock() - writtenAt >= refreshMs) {
        this.#shown.clear();
        writtenAt = clock();
      }
      const ok = await this.#write({ signal, timeoutMs: WRITE_MS });
      await (ok ? woken.until(this.#nextMs(writtenAt)) : woken.until(AGAIN_MS));
    }
    this.#told = null;
    this.#shown.clear();
    while (!(await this.#write(last))) await sleep(AGAIN_MS, last.signal);
  }

  async #write(wait: WaitOptions): Promise<boolean> {
    const { lights, ports, staleMs, clock, report } = this.#parts;
    const wanted = wantedLights(ports, this.#told, { now: clock(), staleMs });
    const changed = [...wanted].filter(([port, light]) => !same(this.#shown.get(port), light));
    if (changed.length === 0) return true;
    try {
      await lights.show(new Map(changed), wait);
      for (const [port, light] of changed) this.#shown.set(port, light);
      report(null);
      return true;
    } catch (thrown) {
      // Some of it may have been shown: nothing is known of any light any more.
      this.#shown.clear();
      report(asSarachiError(thrown));
      return false;
    }
  }

  /** How long nothing can change by itself. */
  #nextMs(writtenAt: number): number {
    const { clock, refreshMs, staleMs } = this.#parts;
    const now = clock();
    const staleAt = this.#told ? this.#told.at + staleMs : Number.POSITIVE_INFINITY;
    const refreshAt = writtenAt + refreshMs;
    return Math.max(0, Math.min(refreshAt, staleAt > now ? staleAt : refreshAt) - now);
  }

  /** Listens for the next word from now on, so that one that comes while the hub is written is not missed. */
  #woken(signal: AbortSignal): { until(ms: number): Promise<void> } {
    const rest = new AbortController();
    this.#wake = () => rest.abort();
    const either = AbortSignal.any([rest.signal, signal]);
    return { until: (ms) => sleep(ms, either).catch(() => undefined) };
  }
}

function same(a: ShownLight | undefined, b: ShownLight): boolean {
  return a?.colour === b.colour && a.pattern === b.pattern;
}
