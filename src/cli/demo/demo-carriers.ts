import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { CARRIERS, type Carrier } from '../../carrier-check/marks.js';
import { readYamlFile } from '../../config.js';
import { type CarrierCheckConfig, carrierCheckSection } from '../../config-carrier-check.js';
import { SarachiError } from '../../errors.js';
import {
  type CarrierTable,
  type SimulatedCarriers,
  startSimulatedCarriers,
} from '../../simulator/carriers/simulated-carriers.js';

/** Simulated carriers, and what a daemon's configuration says to ask them. */
export interface DemoCarriers extends SimulatedCarriers {
  readonly carrierCheck: CarrierCheckConfig;
}

/** Starts five carriers' sites and writes a carriers.yaml for them into the folder: the shipped one with their addresses. */
export async function startDemoCarriers(
  folder: string,
  table: CarrierTable,
): Promise<DemoCarriers> {
  const carriers = await startSimulatedCarriers({
    table,
    accessLog: path.join(folder, 'carriers.log'),
  });
  const file = path.join(folder, 'carriers.yaml');
  await writeFile(file, stringify(rulesFor(carriers.urls)));
  return { ...carriers, carrierCheck: sectionFor(file) };
}

/** Only what is open in the shipped file is filled in: the consent, the addresses, and how a number is not found. */
function rulesFor(urls: Readonly<Record<Carrier, string>>): unknown {
  const document = readYamlFile(shippedRules()) as {
    carriers: Record<Carrier, { web: Record<string, unknown> }>;
  };
  for (const carrier of CARRIERS) {
    Object.assign(document.carriers[carrier].web, {
      enabled: true,
      termsAcceptedBy: 'the demo: these carriers are simulated',
      termsAcceptedAt: '2026-04-01',
      base: urls[carrier],
    });
  }
  Object.assign(document.carriers.rakuten.web['json'] as object, {
    notFound: { pointer: '/error', equals: 'IMEI_NOT_FOUND' },
  });
  return document;
}

/** In the source tree and in what is compiled from it, the folder `config` is so many steps up. */
function shippedRules(): string {
  const found = ['../../..', '../../../..']
    .map((up) => path.join(import.meta.dirname, up, 'config', 'carriers.yaml'))
    .find((file) => existsSync(file));
  if (!found) throw new SarachiError('config-invalid', { what: 'config/carriers.yaml is missing' });
  return found;
}

function sectionFor(file: string): CarrierCheckConfig {
  const each = {
    source: 'web',
    ...{ spacingSeconds: 0.05, jitterSeconds: 0.05, perDay: 100_000, requestSeconds: 10 },
    ...{ breakerFailures: 5, breakerSeconds: 2 },
  };
  return carrierCheckSection.parse({
    source: 'broker',
    carriers: [...CARRIERS],
    file,
    waitSeconds: 30,
    perCarrier: Object.fromEntries(CARRIERS.map((carrier) => [carrier, each])),
  });
}
