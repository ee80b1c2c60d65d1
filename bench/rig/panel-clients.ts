import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { framesIn } from '../../src/http/panel/live/frames.js';
import { type Polled, PollWatch, StreamWatch } from './seq-watch.js';

const ANSWER_MS = 10_000;

/** Where a panel looks, and with which key; none where none is asked for. */
export interface Place {
  readonly port: number;
  readonly key?: string | undefined;
}

/** A wall panel that polls `GET /ports` over a connection of its own and says each time what it has. */
export class PollingPanel {
  readonly watch = new PollWatch();
  readonly #place: Place;
  readonly #told: (answer: Polled) => void;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  /** `told` gets each answer after the watch. */
  constructor(place: Place, told: (answer: Polled) => void = () => undefined) {
    this.#place = place;
    this.#told = told;
  }

  /** One poll. Never rejects: what does not come is a fault that the watch keeps. */
  async poll(): Promise<void> {
    try {
      const answer = await this.#ask();
      this.watch.gets(answer);
      this.#told(answer);
    } catch (error) {
      this.watch.lost(String(error));
    }
  }

  end(): void {
    this.#agent.destroy();
  }

  async #ask(): Promise<Polled> {
    const { etag } = this.watch;
    const asked = request({
      ...{ host: '127.0.0.1', port: this.#place.port, path: '/api/v1/ports', agent: this.#agent },
      headers: { ...keyHeader(this.#place), ...(etag === null ? {} : { 'if-none-match': etag }) },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.setEncoding('utf8');
    let body = '';
    for await (const text of answer) body += text;
    return { status: answer.statusCode ?? 0, etag: answer.headers.etag, body };
  }
}

/** A panel that follows the event stream. */
export class StreamingPanel {
  readonly watch = new StreamWatch();
  readonly #asked: ClientRequest;
  #text = '';
  #over = false;

  /** `told` gets the data of each change as it comes, after the watch. */
  constructor(place: Place, told: (data: string) => void) {
    this.#asked = request({
      ...{ host: '127.0.0.1', port: place.port, path: '/api/v1/events', agent: false },
      headers: keyHeader(place),
    });
    this.#asked.on('error', (error) => this.#lost(String(error)));
    this.#asked.on('response', (answer) => {
      if (answer.statusCode !== 200) this.#lost(`status ${answer.statusCode}`);
      answer.setEncoding('utf8');
      answer.on('data', (text: string) => this.#take(text, told));
      answer.on('error', (error) => this.#lost(String(error)));
      answer.on('close', () => this.#lost('closed'));
    });
    this.#asked.end();
  }

  end(): void {
    this.#over = true;
    this.#asked.destroy();
  }

  #take(text: string, told: (data: string) => void): void {
    const { frames, rest } = framesIn(this.#text + text);
    this.#text = rest;
    for (const frame of frames) {
      this.watch.hears(frame);
      if (frame.event === 'change') told(frame.data);
    }
  }

  #lost(why: string): void {
    if (!this.#over) this.watch.lost(why);
  }
}

function keyHeader({ key }: Place): { authorization?: string } {
  return key === undefined ? {} : { authorization: `Bearer ${key}` };
}
