import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

export interface Frame {
  readonly id: string | null;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A client of the event stream that reads frames as bytes come. */
export class EventClient {
  readonly frames: Frame[] = [];
  readonly raw: ClientRequest;
  text = '';
  head: IncomingMessage | null = null;
  ended = false;

  constructor(url: string, lastEventId?: string) {
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    this.raw = request(`${url}/api/v1/events`, { headers });
    this.raw.on('response', (reply) => {
      this.head = reply;
      reply.setEncoding('utf8');
      reply.on('data', (chunk: string) => this.#take(chunk));
      reply.on('close', () => {
        this.ended = true;
      });
      reply.on('error', () => undefined);
    });
    this.raw.on('error', () => undefined);
    this.raw.end();
  }

  #take(chunk: string): void {
    this.text += chunk;
    const blocks = this.text.split('\n\n');
    this.text = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => {
          const colon = line.indexOf(': ');
          return [line.slice(0, colon), line.slice(colon + 2)] as const;
        }),
      );
      const data = fields.get('data');
      if (data === undefined) continue;
      this.frames.push({
        ...{ id: fields.get('id') ?? null, event: fields.get('event') ?? '' },
        data: JSON.parse(data),
      });
    }
  }

  async until(test: (frames: readonly Frame[]) => boolean, seconds = 5): Promise<void> {
    await until(
      () => test(this.frames),
      seconds,
      () => JSON.stringify(this.frames.slice(-3)),
    );
  }
}

export async function until(test: () => boolean, seconds = 5, said = () => ''): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!test()) {
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${said()}`);
    await delay(5);
  }
}
