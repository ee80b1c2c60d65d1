import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { markOf } from './broker-world.js';

export interface Access {
  /** Monotonic ms. */
  readonly at: number;
  readonly imei: string;
  readonly rack: string;
}

/** A carrier with a partner API: `GET /restrictions/<imei>` says the mark. Writes down who asked what when. */
export class PartnerCarrier {
  readonly log: Access[] = [];
  /** The most requests that were ever open at the same time. */
  mostAtOnce = 0;
  /** Decides about a request that is left without an answer. */
  swallow: (access: Access) => boolean = () => false;
  readonly #server: Server;
  #open = 0;

  constructor() {
    this.#server = createServer((request, response) => this.#serve(request, response));
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const imei = /^\/restrictions\/([0-9]{15})$/.exec(request.url ?? '')?.[1] ?? '';
    const access = { at: performance.now(), imei, rack: String(request.headers['x-rack']) };
    this.log.push(access);
    this.#open += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#open);
    response.on('close', () => {
      this.#open -= 1;
    });
    if (this.swallow(access)) return;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ mark: markOf(imei) }));
  }
}
