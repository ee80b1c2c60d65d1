import type { Frame } from '../../src/http/panel/live/frames.js';

/** What a client was told wrongly; more of the same says nothing new. */
const MOST_FAULTS = 20;

interface Stamp {
  readonly seq: number;
  readonly after?: number;
}

/** Keeps what is wrong with what one client hears. */
class Faults {
  readonly all: string[] = [];

  say(fault: string): void {
    if (this.all.length < MOST_FAULTS) this.all.push(fault);
  }
}

/**
 * Checks what one client of the event stream hears: everything first, and then each seq once, in order, under its own
 * id, by the same start of the daemon. Does nothing but look.
 */
export class StreamWatch {
  readonly #faults = new Faults();
  #boot: string | null = null;
  #seq: number | null = null;
  #changes = 0;

  /** The seq that this client has by now; null before its first word. */
  get seq(): number | null {
    return this.#seq;
  }

  /** How many changes it was told. */
  get changes(): number {
    return this.#changes;
  }

  get faults(): readonly string[] {
    return this.#faults.all;
  }

  hears({ id, event, data }: Frame): void {
    const { seq, after } = JSON.parse(data) as Stamp;
    if (event === 'rack' && this.#seq === null) this.#begin(id, seq);
    else if (event === 'change') this.#change(id, seq, after);
    else if (event !== 'beat') this.#faults.say(`${event} at ${seq} after ${this.#seq}`);
    else if (seq !== this.#seq) this.#faults.say(`beat of ${seq} after ${this.#seq}`);
  }

  /** The connection ended although nobody asked for that. */
  lost(why: string): void {
    this.#faults.say(`stream lost at ${this.#seq}: ${why}`);
  }

  #begin(id: string | null, seq: number): void {
    this.#boot = id?.slice(0, id.lastIndexOf('.')) ?? '';
    this.#seq = seq;
    if (id !== `${this.#boot}.${seq}`) this.#faults.say(`id ${id} of rack ${seq}`);
  }

  #change(id: string | null, seq: number, after: number | undefined): void {
    if (this.#seq === null || after !== this.#seq || seq !== this.#seq + 1)
      this.#faults.say(`change ${after} to ${seq} after ${this.#seq}`);
    if (id !== `${this.#boot}.${seq}`) this.#faults.say(`id ${id} of change ${seq}`);
    this.#seq = seq;
    this.#changes += 1;
  }
}

export interface Polled {
  readonly status: number;
  readonly etag: string | undefined;
  readonly body: string;
}

/** Checks what one panel gets that polls with If-None-Match: never an older seq, and 304 exactly for what it has. */
export class PollWatch {
  readonly #faults = new Faults();
  #etag: string | null = null;
  #seq: number | null = null;
  #fresh = 0;
  #unchanged = 0;

  /** What the next poll has to say; null before the first answer. */
  get etag(): string | null {
    return this.#etag;
  }

  get seq(): number | null {
    return this.#seq;
  }

  /** Answers with a body. */
  get fresh(): number {
    return this.#fresh;
  }

  /** Answers without. */
  get unchanged(): number {
    return this.#unchanged;
  }

  get faults(): readonly string[] {
    return this.#faults.all;
  }

  gets({ status, etag, body }: Polled): void {
    if (status === 304) this.#sees304(etag);
    else if (status === 200) this.#sees(etag ?? '', (JSON.parse(body) as Stamp).seq);
    else this.#faults.say(`status ${status} after ${this.#seq}`);
  }

  /** No answer came. */
  lost(why: string): void {
    this.#faults.say(`poll lost at ${this.#seq}: ${why}`);
  }

  #sees304(etag: string | undefined): void {
    this.#unchanged += 1;
    if (this.#etag === null || etag !== this.#etag)
      this.#faults.say(`304 with ${etag}, asked with ${this.#etag}`);
  }

  #sees(etag: string, seq: number): void {
    this.#fresh += 1;
    if (this.#seq !== null && seq <= this.#seq)
      this.#faults.say(`seq ${seq} in full after ${this.#seq}`);
    if (!etag.endsWith(`.${seq}"`)) this.#faults.say(`etag ${etag} of seq ${seq}`);
    if (this.#etag !== null && bootOf(etag) !== bootOf(this.#etag))
      this.#faults.say(`etag ${etag} after ${this.#etag}`);
    this.#etag = etag;
    this.#seq = seq;
  }
}

function bootOf(etag: string): string {
  return etag.slice(0, etag.lastIndexOf('.'));
}
