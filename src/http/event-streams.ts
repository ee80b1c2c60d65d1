import type { ServerResponse } from 'node:http';
import type { Log } from '../log.js';
import type { RackChange, RackView } from '../ports/view.js';
import { beatFrame, changeFrame, gapFrame, rackFrame, retryFrame, seqOf } from './event-frames.js';
import type { RackApi } from './rack-api.js';

const MAX_STREAMS = 256;
/** What may wait for a slow client inside this process: about twenty times the whole rack. */
const MAX_BUFFERED_BYTES = 512 * 1024;
const RETRY_MS = 1_000;
const LONGEST_BEAT_SECONDS = 15;
/** A client must hear something this many times before it would call the rack stale. */
const BEATS_PER_STALE = 3;
/** Ids are short; what is longer is none of ours. */
const MAX_ID_LENGTH = 100;

interface Stream {
  readonly response: ServerResponse;
  readonly timer: NodeJS.Timeout;
  readonly unsubscribe: () => void;
}

/** The open event streams. None of them can hold up another one or the daemon: who does not read is dropped. */
export class EventStreams {
  readonly #api: RackApi;
  readonly #log: Log;
  readonly #open = new Set<Stream>();
  /** Every client gets the same bytes, so they are made once. */
  readonly #frames = new WeakMap<RackChange, string>();

  constructor(api: RackApi, log: Log) {
    this.#api = api;
    this.#log = log;
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  get full(): boolean {
    return this.#open.size >= MAX_STREAMS;
  }

  /**
   * Takes over a response whose head is not sent yet, and writes to it until either side ends or, looked at with each
   * beat, the client may no longer listen.
   */
  serve(
    response: ServerResponse,
    lastEventId: string | undefined,
    mayListen: () => boolean = () => true,
  ): void {
    response.writeHead(200);
    const view = this.#api.view();
    response.write(retryFrame(RETRY_MS) + this.#firstFrames(view, lastEventId));
    const beatMs =
      Math.min(LONGEST_BEAT_SECONDS, Math.max(view.staleAfter / BEATS_PER_STALE, 0.05)) * 1000;
    const stream: Stream = {
      response,
      unsubscribe: this.#api.onChange((change) => this.#send(stream, this.#frameOf(change))),
      timer: setInterval(() => {
        if (mayListen()) this.#send(stream, beatFrame(this.#api.view()));
        else this.#end(stream);
      }, beatMs),
    };
    this.#open.add(stream);
    response.once('close', () => this.#forget(stream));
    response.on('error', () => response.destroy());
  }

  /** Ends all of them; the clients come back to whoever listens then. */
  close(): void {
    for (const stream of [...this.#open]) this.#end(stream);
  }

  #end(stream: Stream): void {
    this.#forget(stream);
    stream.response.end();
  }

  #firstFrames(view: RackView, lastEventId: string | undefined): string {
    const { bootId } = this.#api;
    if (lastEventId === undefined || lastEventId === '') return rackFrame(bootId, view);
    const id = lastEventId.slice(0, MAX_ID_LENGTH);
    const seq = seqOf(bootId, id);
    const missed = seq === null ? null : this.#api.changesSince(seq);
    if (missed === null) return gapFrame(view, id) + rackFrame(bootId, view);
    return missed.map((change) => this.#frameOf(change)).join('') + beatFrame(view);
  }

  #frameOf(change: RackChange): string {
    const made = this.#frames.get(change) ?? changeFrame(this.#api.bootId, change);
    this.#frames.set(change, made);
    return made;
  }

  #send(stream: Stream, text: string): void {
    const { response } = stream;
    if (response.writableLength + text.length > MAX_BUFFERED_BYTES) {
      this.#log.warn({ bytes: response.writableLength }, 'an event client does not read: dropped');
      this.#forget(stream);
      response.destroy();
      return;
    }
    response.write(text);
  }

  #forget(stream: Stream): void {
    clearInterval(stream.timer);
    stream.unsubscribe();
    this.#open.delete(stream);
  }
}
