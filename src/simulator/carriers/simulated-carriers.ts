import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { asSarachiError } from '../../errors.js';
import { sleep } from '../../wait.js';
import { type Access, AccessLog } from './access-log.js';
import { docomoSite } from './docomo-site.js';
import { kddiSite } from './kddi-site.js';
import { mineoSite } from './mineo-site.js';
import { rakutenSite } from './rakuten-site.js';
import { readRequest } from './read-request.js';
import {
  notFound,
  SIMULATED_CARRIERS,
  type SimulatedCarrier,
  type SimulatedMark,
  type Site,
  type SiteReply,
  type SiteRequest,
} from './site.js';
import { softbankSite } from './softbank-site.js';
import { type CarrierMode, troublePage } from './trouble.js';

/** What stands in a carrier's books: a mark, or a handset over which its server stumbles. */
export type BookEntry = SimulatedMark | 'error';

/** The books of all carriers: IMEI, then carrier, then mark. What stands nowhere is a dash. */
export type CarrierTable = Readonly<
  Record<string, Readonly<Partial<Record<SimulatedCarrier, BookEntry>>>>
>;

export interface SimulatedCarriersOptions {
  readonly table: CarrierTable;
  /** A file that gets one JSON line for each request. */
  readonly accessLog?: string;
  /** How long a page takes in mode `slow`, in milliseconds; 30 s unless told otherwise. */
  readonly slowMs?: number;
}

/** Five carriers' sites on 127.0.0.1, each on a free port of its own. */
export interface SimulatedCarriers {
  /** The folder of each site, with a slash at its end: what `base` is in the carriers' rules. */
  readonly urls: Readonly<Record<SimulatedCarrier, string>>;
  /** Writes another mark into a carrier's books, from now on. */
  set(imei: string, carrier: SimulatedCarrier, mark: BookEntry): void;
  mode(carrier: SimulatedCarrier, mode: CarrierMode): void;
  /** Every request so far, in the order of arrival. */
  log(): readonly Access[];
  close(): Promise<void>;
}

const SITES: Readonly<Record<SimulatedCarrier, () => Site>> = {
  docomo: docomoSite,
  kddi: kddiSite,
  softbank: softbankSite,
  rakuten: rakutenSite,
  mineo: mineoSite,
};

/** Starts all five. */
export async function startSimulatedCarriers(
  options: SimulatedCarriersOptions,
): Promise<SimulatedCarriers> {
  const books = new Map(
    Object.entries(options.table).flatMap(([imei, row]) =>
      Object.entries(row).map(([carrier, mark]) => [`${carrier} ${imei}`, mark] as const),
    ),
  );
  const modes = new Map<SimulatedCarrier, CarrierMode>();
  const log = new AccessLog(options.accessLog ?? null);
  const closing = new AbortController();

  const answer = async (carrier: SimulatedCarrier, site: Site, request: SiteRequest) => {
    const asked = askedImei(request);
    log.add({ at: Date.now(), carrier, imei: asked, path: request.path });
    if (asked !== null && books.get(`${carrier} ${asked}`) === 'error')
      return { ...notFound(site.charset), status: 500 };
    const mode = modes.get(carrier) ?? 'normal';
    if (mode === 'slow') await sleep(options.slowMs ?? 30_000, closing.signal);
    return (
      troublePage(mode, site.charset) ??
      site.reply(request, {
        markOf: (imei) => markIn(books.get(`${carrier} ${imei}`)),
        legend: mode === 'legend',
        drift: mode === 'drift',
      })
    );
  };

  const servers: Server[] = [];
  const urls: Partial<Record<SimulatedCarrier, string>> = {};
  for (const carrier of SIMULATED_CARRIERS) {
    const site = SITES[carrier]();
    const server = createServer((incoming, response) => {
      readRequest(incoming, site.charset)
        .then((request) => answer(carrier, site, request))
        .then((reply) => send(response, reply))
        .catch((error: unknown) => response.destroy(asSarachiError(error)));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
    urls[carrier] = `http://127.0.0.1:${(server.address() as AddressInfo).port}${site.home}`;
  }

  return {
    urls: urls as Record<SimulatedCarrier, string>,
    set: (imei, carrier, mark) => void books.set(`${carrier} ${imei}`, mark),
    mode: (carrier, mode) => void modes.set(carrier, mode),
    log: () => log.all(),
    close: async () => {
      closing.abort();
      await Promise.all(servers.map(closeServer));
    },
  };
}

function markIn(entry: BookEntry | undefined): SimulatedMark {
  return entry === undefined || entry === 'error' ? 'dash' : entry;
}

/** The number in a form or at the end of an address. */
function askedImei(request: SiteRequest): string | null {
  const inForm = request.form.get('productno') ?? request.form.get('imei');
  return inForm ?? /\/([0-9]{15})$/.exec(request.path)?.[1] ?? null;
}

function send(response: ServerResponse, reply: SiteReply): void {
  response.writeHead(reply.status, { ...reply.headers, 'content-length': reply.body.length });
  response.end(reply.body);
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
