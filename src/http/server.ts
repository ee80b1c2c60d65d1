import type { AddressInfo } from 'node:net';
import { SarachiError } from '../errors.js';
import { buildApp } from './app.js';
import type { App, HttpOptions } from './context.js';
import type { RackApi } from './rack-api.js';

export interface HttpServer {
  /** Rejects with `config-invalid` where the address cannot be bound. `url` can be opened on this machine. */
  listen(): Promise<{ readonly url: string; readonly port: number }>;
  /** Lets running requests end, but not for long. May be called more than once, and without `listen`. */
  close(): Promise<void>;
}

/** How long running requests may still take at the end, in milliseconds. */
const CLOSE_GRACE_MS = 2_000;

/** The HTTP interface of one rack. Touches no device: it reads snapshots and posts events through `api`. */
export function createHttpServer(api: RackApi, options: HttpOptions): HttpServer {
  let app: Promise<App> | null = null;
  let closed: Promise<void> | null = null;
  return {
    listen: async () => {
      if (closed !== null) throw new SarachiError('aborted', { detail: 'the server was closed' });
      app ??= buildApp(api, options);
      return bind(await app, options);
    },
    close: () => {
      closed ??= app !== null ? app.then(end) : Promise.resolve();
      return closed;
    },
  };
}

async function bind(app: App, { host, port, log, tls }: HttpOptions) {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw cannotBind(error, host, port);
  }
  const bound = app.server.address() as AddressInfo;
  const url = `${tls ? 'https' : 'http'}://${urlHost(bound.address)}:${bound.port}`;
  log.info({ url }, 'listening');
  return { url, port: bound.port };
}

function cannotBind(cause: unknown, host: string, port: number): SarachiError {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  return new SarachiError('config-invalid', { key: 'http', host, port, reason }, { cause });
}

function urlHost(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return address.includes(':') ? `[${address}]` : address;
}

/** A client that holds its connection open, or never sends its request, must not hold up the end of the daemon. */
async function end(app: App): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
}
