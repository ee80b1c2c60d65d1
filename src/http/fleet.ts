import { z } from 'zod';
import { hasCode, SarachiError } from '../errors.js';
import type { Log } from '../log.js';
import { lightNamed } from '../ports/light.js';
import { type Clock, withDeadline } from '../wait.js';
import { API } from './document.js';
import type { PeerRack } from './floor-plan.js';
import type { FleetRack } from './panel-schemas.js';
import { rackPlanSchema } from './panel-schemas.js';
import { ledsSchema } from './schemas.js';

/** However many panels look, each rack is asked this often at most. */
const ASK_EVERY_MS = 1_000;
const ANSWER_MS = 2_000;
const MAX_ANSWER_BYTES = 256 * 1024;

type Leds = z.infer<typeof ledsSchema>;
type Plan = z.infer<typeof rackPlanSchema>;

export interface FleetParts {
  readonly racks: readonly PeerRack[];
  readonly clock: Clock;
  readonly log: Log;
}

/** What the other racks of the configuration show, asked for while somebody looks. Only these addresses are ever asked. */
export class Fleet {
  readonly #racks: readonly OtherRack[];

  constructor({ racks, ...parts }: FleetParts) {
    this.#racks = racks.map((peer) => new OtherRack(peer, parts));
  }

  look(): Promise<FleetRack[]> {
    return Promise.all(this.#racks.map((rack) => rack.look()));
  }
}

class OtherRack {
  readonly #peer: PeerRack;
  readonly #parts: Omit<FleetParts, 'racks'>;
  #asking: Promise<void> | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;
  #state: FleetRack['state'] = 'silent';
  #answeredAt: number | null = null;
  #leds: Leds | null = null;
  #plan: Plan | null = null;

  constructor(peer: PeerRack, parts: Omit<FleetParts, 'racks'>) {
    this.#peer = peer;
    this.#parts = parts;
  }

  async look(): Promise<FleetRack> {
    const age = this.#parts.clock() - this.#askedAt;
    if (this.#asking === null && (age < 0 || age >= ASK_EVERY_MS)) {
      this.#askedAt = this.#parts.clock();
      this.#asking = this.#ask().finally(() => {
        this.#asking = null;
      });
    }
    await this.#asking;
    return this.#shown();
  }

  #shown(): FleetRack {
    const { name, url } = this.#peer;
    const age = this.#parts.clock() - (this.#answeredAt ?? Number.NEGATIVE_INFINITY);
    const fresh = age >= 0 && this.#leds !== null && age < this.#leds.staleAfter * 1000;
    const state = fresh || this.#state !== 'answers' ? this.#state : 'silent';
    const lights = this.#leds?.leds ?? [];
    const stale = lightNamed('stale');
    return {
      ...{ name, url, state, rack: this.#leds?.rack ?? null, plan: this.#plan },
      answeredAt: this.#answeredAt === null ? null : new Date(this.#answeredAt).toISOString(),
      lights: state === 'answers' ? lights : lights.map(({ port }) => ({ port, ...stale })),
    };
  }

  async #ask(): Promise<void> {
    const { clock, log } = this.#parts;
    // Before the question: an answer is at least as old as that.
    const askedAt = clock();
    try {
      // Several may wait for this answer: no one caller's leaving ends it.
      const limit = { signal: new AbortController().signal, timeoutMs: ANSWER_MS };
      const answers = await withDeadline(limit, 'deadline-passed', (own) =>
        Promise.all([this.#fetch('leds', own), this.#fetch('rack', own)]),
      );
      const [leds, plan] = answers.map((text) => JSON.parse(text) as unknown);
      this.#leds = ledsSchema.parse(leds);
      this.#plan = rackPlanSchema.parse(plan);
      this.#answeredAt = askedAt;
      this.#state = 'answers';
    } catch (error) {
      this.#state = stateAfter(error);
      log.debug({ rack: this.#peer.name, err: error }, 'another rack did not answer');
    }
  }

  #bearer(): Record<string, string> {
    const { key } = this.#peer;
    return key === null ? {} : { authorization: `Bearer ${key}` };
  }

  async #fetch(what: string, signal: AbortSignal): Promise<string> {
    const answer = await fetch(new URL(`${API}/${what}`, this.#peer.url), {
      ...{ signal, redirect: 'error', headers: { accept: 'application/json', ...this.#bearer() } },
    });
    if (answer.status === 401 || answer.status === 403)
      throw new SarachiError('key-refused', { rack: this.#peer.name });
    if (!answer.ok || !answer.body) throw new SyntaxError(`status ${answer.status}`);
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of answer.body) {
      length += chunk.length;
      if (length > MAX_ANSWER_BYTES) throw new SyntaxError('too long');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

function stateAfter(error: unknown): FleetRack['state'] {
  if (hasCode(error, 'key-refused')) return 'refuses';
  return error instanceof z.ZodError || error instanceof SyntaxError ? 'unreadable' : 'silent';
}
