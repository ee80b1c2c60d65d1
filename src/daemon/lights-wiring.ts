import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import type { Config } from '../config.js';
import { litPorts } from '../devices/hub/open-hub.js';
import { SarachiError } from '../errors.js';
import type { Log } from '../log.js';
import type { RackView } from '../ports/view.js';
import { sleep } from '../wait.js';

export interface LightsWiringParts {
  readonly config: Pick<Config, 'hub' | 'timing'>;
  readonly view: () => RackView;
  /** Calls the listener after each change; returns the function that ends it. */
  readonly onChange: (listener: () => void) => () => void;
  readonly log: Log;
}

type Keeper = ChildProcessByStdio<Writable, Readable, null>;

const report = z.union([
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({ ok: z.literal(false), code: z.string(), message: z.string() }),
]);

/** How many times within `staleAfter` the lights are told, so that one late word changes nothing. */
const WORDS = 3;
const AGAIN_MS = 1_000;
const MOMENT_MS = 50;
/** A keeper that reads nothing is not fed without end, in bytes. */
const MOST_UNREAD = 1 << 20;

/**
 * Tells a process of its own what the lights are to be. That process is the watchdog: it lets them fall to the stale pattern when
 * this one dies, hangs or stops, so a green never outlives the daemon that knew it to be true.
 */
export class LightsWiring {
  readonly #parts: LightsWiringParts;
  #keeper: Keeper | null = null;
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: () => void = () => undefined;
  #supervision: Promise<void> = Promise.resolve();
  readonly #stopped = new AbortController();
  #trouble: SarachiError | null = new SarachiError('hub-gone', { what: 'not written yet' });
  #due: NodeJS.Timeout | null = null;

  constructor(parts: LightsWiringParts) {
    this.#parts = parts;
  }

  /** Process number of the keeper; null without lights. */
  get pid(): number | null {
    return this.#keeper?.pid ?? null;
  }

  start(): void {
    const { config, onChange } = this.#parts;
    if (litPorts(config.hub).length === 0) return;
    this.#supervision = this.#supervise();
    this.#unsubscribe = onChange(() => this.#soon());
    const everyMs = (config.timing.staleAfterSeconds * 1000) / WORDS;
    this.#timer = setInterval(() => this.#tell(), everyMs);
  }

  /** Resolves when the keeper has shown the stale pattern and ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#unsubscribe();
    if (this.#due) clearTimeout(this.#due);
    this.#stopped.abort();
    this.#keeper?.stdin.end();
    await this.#supervision;
  }

  /** How the lights stand, in a few words. Throws what kept them from being written. */
  health(): string {
    if (litPorts(this.#parts.config.hub).length === 0) return 'no lights';
    if (this.#trouble) throw this.#trouble;
    return 'written';
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const keeper = this.#launch();
      const [code, death] = await Promise.race([
        once(keeper, 'exit'),
        once(keeper, 'error').then(([error]) => [null, error]),
      ]).catch((error: unknown) => [null, error]);
      if (signal.aborted) return;
      this.#trouble = new SarachiError('hub-gone', { what: 'light keeper', exit: code });
      this.#parts.log.error(
        { code: 'hub-gone', class: 'host', exit: code, death: String(death) },
        'the light keeper ended by itself; starting it again',
      );
      await sleep(AGAIN_MS, signal).catch(() => undefined);
    }
  }

  #launch(): Keeper {
    const { config, log } = this.#parts;
    const file = path.join(
      import.meta.dirname,
      `light-keeper-process${path.extname(import.meta.filename)}`,
    );
    // Its own process group: a terminal's Ctrl-C must not take it away before it has shown the stale pattern.
    const keeper = spawn(process.execPath, [...process.execArgv, file], {
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    keeper.stdin.on('error', (error) => log.debug({ err: error }, 'light keeper'));
    createInterface({ input: keeper.stdout }).on('line', (line) => this.#heard(line));
    const staleMs = config.timing.staleAfterSeconds * 1000;
    keeper.stdin.write(`${JSON.stringify({ hub: config.hub, staleMs })}\n`);
    this.#keeper = keeper;
    this.#tell();
    return keeper;
  }

  #heard(line: string): void {
    const { data } = report.safeParse(safeJson(line));
    if (!data) return;
    this.#trouble = data.ok ? null : new SarachiError('hub-gone', { said: data.message });
    if (data.ok) this.#parts.log.info('the lights are written');
    else
      this.#parts.log.error(
        { code: data.code, class: 'host', said: data.message },
        'the lights cannot be written',
      );
  }

  /** Many changes within a moment are one word. */
  #soon(): void {
    this.#due ??= setTimeout(() => this.#tell(), MOMENT_MS);
  }

  #tell(): void {
    if (this.#due) clearTimeout(this.#due);
    this.#due = null;
    const stdin = this.#keeper?.stdin;
    if (!stdin?.writable || stdin.writableLength > MOST_UNREAD) return;
    const lights = Object.fromEntries(
      this.#parts.view().ports.map(({ port, light: { colour, pattern } }) => {
        return [port, { colour, pattern }];
      }),
    );
    stdin.write(`${JSON.stringify({ lights })}\n`);
  }
}

function safeJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
