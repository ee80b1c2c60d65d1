import type { PasoriReader } from '../../../../src/devices/pasori/pasori-reader.js';
import { hashIdWith } from '../../../../src/erasure-engines/felica/hash-id.js';
import { type SurveyOptions, survey } from '../../../../src/erasure-engines/felica/survey.js';
import type { SurveyReport } from '../../../../src/erasure-engines/felica/survey-report.js';
import type { SimulatedReader } from '../../../../src/simulator/felica/reader/simulated-reader.js';
import type { FelicaScenario } from '../../../../src/simulator/felica/scenarios/scenario.js';
import { FELICA_SCENARIOS } from '../../../../src/simulator/felica/scenarios/scenarios.js';
import { noPause, openSimulated } from '../../../support/simulated-pasori.js';

export const KEY = Buffer.alloc(32, 7);
const AT = Date.parse('2026-11-22T03:00:00.000Z');

export function surveyOptions(more: Partial<SurveyOptions> = {}): SurveyOptions {
  return {
    clock: () => AT,
    hashId: hashIdWith(KEY),
    signal: new AbortController().signal,
    timeoutMs: 120_000,
    pause: noPause,
    ...more,
  };
}

/** Surveys what lies on a simulated reader, opened for that alone. */
export async function surveyOn(
  air: SimulatedReader,
  more: Partial<SurveyOptions> = {},
): Promise<SurveyReport> {
  return withReader(air, (reader) => survey(reader, surveyOptions(more)));
}

export async function withReader<T>(
  air: SimulatedReader,
  work: (reader: PasoriReader) => Promise<T>,
): Promise<T> {
  const reader = await openSimulated(air);
  try {
    return await work(reader);
  } finally {
    await reader.close();
  }
}

export function scenarioOf(name: string): FelicaScenario {
  const found = FELICA_SCENARIOS.find((one) => one.name === name);
  if (!found) throw new RangeError(`there is no scenario ${name}`);
  return found;
}
