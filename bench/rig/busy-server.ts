import { SarachiError } from '../../src/errors.js';
import type { Access } from '../../src/http/access/admission.js';
import { panelSettingsOf } from '../../src/http/floor-plan.js';
import type { RackApi } from '../../src/http/rack-api.js';
import type { RestrictionApi } from '../../src/http/restriction-api.js';
import { createHttpServer, type HttpServer } from '../../src/http/server.js';
import { createLog } from '../../src/log.js';
import { VERSION } from '../../src/version.js';
import { BUSY_CONFIG, type BusyRack } from './busy-rack.js';

/**
 * The whole HTTP interface as the daemon builds it, over a busy rack; what is not about the ports is a fault there.
 * Without access it is as at the rack itself: no keys.
 */
export function busyServer(
  { rack, feed }: BusyRack,
  bootId: string,
  access: Access | null = null,
): HttpServer {
  const api: RackApi = {
    bootId,
    view: () => feed.current(),
    changesSince: (seq) => feed.since(seq),
    onChange: (listener) => feed.subscribe(listener),
    act: (port, request) => rack.act(port, request),
    ...{ runs: missing, run: missing, evidence: missing },
    ...{ certificate: missing, certificatePdf: missing, queues: missing, health: missing },
    ...{
      metrics: missing,
      note: missing,
      validate: missing,
      logLevel: missing,
      setLogLevel: missing,
    },
    restrictions: RESTRICTIONS,
  };
  return createHttpServer(api, {
    ...{ host: '127.0.0.1', port: 0, log: createLog('silent'), version: VERSION },
    ...{ panel: panelSettingsOf(BUSY_CONFIG, missing), access },
  });
}

const RESTRICTIONS: RestrictionApi = {
  ...{ history: missing, changes: missing, recheck: missing, state: missing },
  ...{ importCsv: missing, carriers: missing, resume: missing },
};

function missing(): never {
  throw new SarachiError('internal', { tag: 'not-part-of-this-bench' });
}
