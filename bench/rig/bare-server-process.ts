import { fastify } from 'fastify';
import { serveJobs } from './child.js';
import { costMeter, type ServerCost } from './server-cost.js';

/** One answer, to be sent again and again. */
export interface BareAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type BareServerJob =
  | { readonly do: 'listen'; readonly path: string; readonly answer: BareAnswer }
  | { readonly do: 'cost' };

export interface BareServerReady {
  /** Of the server that was begun last. */
  readonly port: number;
  readonly cost: ServerCost;
}

/** The time for which the daemon keeps a connection, because it is told in a header. */
const KEEP_ALIVE_MS = 10_000;

const cost = costMeter();
let port = 0;

/** A process of its own for fastify with one route that does nothing but send the same bytes. */
serveJobs<BareServerJob, BareServerReady>(async (job) => {
  if (job.do === 'listen') port = await listen(job.path, job.answer);
  return { port, cost: cost() };
});

async function listen(path: string, { status, headers, body }: BareAnswer): Promise<number> {
  const app = fastify({ logger: false, keepAliveTimeout: KEEP_ALIVE_MS });
  const bytes = Buffer.from(body);
  app.get(path, (_request, reply) => {
    reply.code(status).headers(headers);
    if (status === 304) reply.send();
    else reply.send(bytes);
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  return typeof address === 'object' && address ? address.port : 0;
}
