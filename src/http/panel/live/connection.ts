import type { RackView } from '../../../ports/view.js';
import { type Frame, framesIn } from './frames.js';
import { type Clocks, connected, type Freshness, heard, isFresh } from './freshness.js';
import { type Message, viewAfter } from './rack-view.js';

const EVENTS = '/api/v1/events';
const TRY_AGAIN_MS = 700;
/** Slower than refused keys are counted against an address. */
const LOCKED_AGAIN_MS = 10_000;
/** Before the first word of a server nobody knows its staleAfter. */
const FIRST_WORD_MS = 5_000;

export interface Live {
  readonly view: RackView | null;
  readonly fresh: boolean;
  /** The daemon wants a key that this browser does not have. */
  readonly locked: boolean;
  /** New with each start of the daemon. */
  readonly boot: string | null;
  /** Good words heard so far. */
  readonly beats: number;
  /** When the last good word came, by the wall's clock. */
  readonly heardAt: number | null;
}

export const NOTHING: Live = {
  ...{ view: null, fresh: false, locked: false, boot: null, beats: 0, heardAt: null },
};

function clocks(): Clocks {
  return { steady: performance.now(), wall: Date.now() };
}

/** Follows the daemon's event stream for as long as the page lives, and says when what it knows is no longer true. */
export class Connection {
  readonly #tell: (live: Live) => void;
  #live: Live = NOTHING;
  #freshness: Freshness | null = null;
  #lastId: string | null = null;
  /** Whether this connection has said yet what is true now. */
  #heard = false;
  #dark: ReturnType<typeof setTimeout> | undefined;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  #attempt = new AbortController();
  #unlocked: () => void = () => undefined;

  constructor(tell: (live: Live) => void) {
    this.#tell = tell;
  }

  async run(signal: AbortSignal): Promise<void> {
    // A laptop that wakes up, a tab that comes to the front: look at once, timers may have slept.
    document.addEventListener('visibilitychange', () => this.#look(), { signal });
    window.addEventListener('offline', () => this.#attempt.abort(), { signal });
    signal.addEventListener('abort', () => this.#attempt.abort());
    while (!signal.aborted) {
      this.#attempt = new AbortController();
      this.#watchFor(FIRST_WORD_MS);
      // Why it failed makes no difference to what is shown: nothing.
      await this.#follow(this.#attempt.signal).catch(() => undefined);
      await this.#pause(this.#live.locked ? LOCKED_AGAIN_MS : TRY_AGAIN_MS);
    }
  }

  /** The browser was given a key. */
  unlock(): void {
    this.#unlocked();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#unlocked = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const openedAt = clocks();
    this.#heard = false;
    const headers: Record<string, string> = { accept: 'text/event-stream' };
    if (this.#lastId !== null) headers['last-event-id'] = this.#lastId;
    const answer = await fetch(EVENTS, { signal, headers, cache: 'no-store' });
    if (answer.status === 401) this.#lock();
    if (!answer.ok || !answer.body) return;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const { frames, rest } = framesIn(text + value);
      text = rest;
      for (const frame of frames) this.#take(frame, openedAt);
    }
  }

  /** Nothing that was shown to the key before is shown without one. */
  #lock(): void {
    this.#lastId = null;
    this.#freshness = null;
    this.#set({ ...NOTHING, beats: this.#live.beats, locked: true });
  }

  #take(frame: Frame, openedAt: Clocks): void {
    const message = { event: frame.event, data: JSON.parse(frame.data) as unknown } as Message;
    const view = viewAfter(this.#live.view, message);
    if (view === null) {
      // What was missed cannot be known: everything is read again.
      this.#lastId = null;
      this.#set({ ...this.#live, view: null, fresh: false });
      if (message.event !== 'gap') this.#attempt.abort();
      return;
    }
    if (frame.id !== null) this.#lastId = frame.id;
    const boot = frame.id?.slice(0, frame.id.lastIndexOf('.')) ?? this.#live.boot;
    this.#watchFor(view.staleAfter * 1000);
    // A change that is told again is history: only what was true after we asked says what is true now.
    if (!this.#heard && message.event === 'change') {
      this.#live = { ...this.#live, view, boot };
      return;
    }
    this.#believe(view, openedAt);
    const fresh = isFresh(this.#freshness, clocks());
    const beats = this.#live.beats + (fresh ? 1 : 0);
    this.#set({ view, boot, fresh, beats, heardAt: Date.now(), locked: false });
    // A clock was set, or the way is clogged: a new connection measures anew.
    if (!fresh) this.#attempt.abort();
  }

  #believe({ serverTime, staleAfter }: RackView, openedAt: Clocks): void {
    const sample = { serverTime: Date.parse(serverTime), staleAfter, receivedAt: clocks() };
    this.#freshness =
      this.#heard && this.#freshness ? heard(this.#freshness, sample) : connected(openedAt, sample);
    this.#heard = true;
    this.#look();
  }

  #watchFor(ms: number): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#attempt.abort(), ms);
  }

  /** Goes dark when it is time, and looks again when it will be. */
  #look(): void {
    clearTimeout(this.#dark);
    if (!this.#freshness) return;
    const { goodUntil } = this.#freshness;
    const now = clocks();
    const left = Math.min(goodUntil.steady - now.steady, goodUntil.wall - now.wall);
    if (left > 0) this.#dark = setTimeout(() => this.#look(), left);
    else if (this.#live.fresh) this.#set({ ...this.#live, fresh: false });
  }

  #set(live: Live): void {
    this.#live = live;
    this.#tell(live);
  }
}
