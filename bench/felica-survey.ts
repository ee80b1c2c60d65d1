import { openReader } from '../src/devices/pasori/open-reader.js';
import { hashIdWith } from '../src/erasure-engines/felica/hash-id.js';
import { judgeFelica } from '../src/erasure-engines/felica/judge-felica.js';
import { survey } from '../src/erasure-engines/felica/survey.js';
import { SarachiError } from '../src/errors.js';
import { cleanPhone, RESIDUE, withResidue } from '../src/simulator/felica/chip/phones.js';
import { FelicaHandset } from '../src/simulator/felica/felica-handset.js';
import { SimulatedReader } from '../src/simulator/felica/reader/simulated-reader.js';
import { SimulatedPasoriBus } from '../src/simulator/pasori-desk.js';
import type { Bench, BenchContext, BenchResult, Row } from './bench.js';
import { median, spread } from './statistics.js';

const MODELS = ['RC-S380/P', 'RC-S300/S'] as const;
type Model = (typeof MODELS)[number];
const GOAL = 1.15;
const LIMIT_MS = 120_000;

interface Sample {
  readonly model: Model;
  /** From the first command of the survey to its report. */
  readonly tookMs: number;
  /** What everything on the air takes by itself in that time, as the simulated reader adds it up. */
  readonly airMs: number;
  readonly exchanges: number;
}

export const felicaSurvey: Bench = {
  name: 'felica-survey',
  title: 'a whole FeliCa survey of two runs, against the sum of its times on the air',
  run: async (context) => {
    const samples: Sample[] = [];
    for (let n = 0; n < (context.quick ? 1 : 5); n += 1) {
      for (const model of MODELS) {
        const sample = await measure(model, context);
        samples.push(sample);
        context.say(
          `${model}: ${seconds(sample.tookMs)} for ${seconds(sample.airMs)} on the air, ${sample.exchanges} exchanges`,
        );
      }
    }
    return report(samples);
  },
};

async function measure(model: Model, { signal }: BenchContext): Promise<Sample> {
  const air = new SimulatedReader({ model, serialNumber: '1', usbPath: '1-2', pace: 1 });
  air.put(new FelicaHandset('surveyed', withResidue(cleanPhone(), RESIDUE.nanaco)));
  const waits = { signal, timeoutMs: LIMIT_MS };
  const reader = await openReader(new SimulatedPasoriBus([air]), air.description.usbPath, waits);
  try {
    const [start, airBefore] = [performance.now(), air.airMs];
    const hashId = hashIdWith(Buffer.alloc(32));
    const surveyed = await survey(reader, { ...waits, clock: Date.now, hashId });
    const [tookMs, airMs] = [performance.now() - start, air.airMs - airBefore];
    if (judgeFelica(null, surveyed).verdict !== 'RESIDUAL' || surveyed.runs.length !== 2)
      throw new SarachiError('internal', { tag: 'survey-went-wrong' });
    const exchanges = surveyed.runs.reduce((sum, run) => sum + run.exchanges, 0);
    return { model, tookMs, airMs, exchanges };
  } finally {
    await reader.close();
  }
}

function report(samples: readonly Sample[]): BenchResult {
  return {
    rows: MODELS.map((model) =>
      rowOf(
        samples.filter((sample) => sample.model === model),
        model,
      ),
    ),
    samples: samples.map((sample) => ({ ...sample })),
    notes: [
      'felica survey: ours is from the first command to the report, two runs with the 500 ms between them in which the field is off; peer is the sum of commands, answers, waits for silent polls and guard times on the air. Ours is a multiple of that, so 1 is the least that can be.',
      'felica survey: the chip answers in a tenth of the longest time that its PMm allows. Most of a survey is 510 polls a run for systems that nobody has.',
    ],
  };
}

function rowOf(samples: readonly Sample[], model: Model): Row {
  const ratios = samples.map(({ tookMs, airMs }) => tookMs / airMs);
  const ratio = median(ratios);
  return {
    claim: `felica survey: time, ${model}`,
    ours: `${ratio.toFixed(2)} x air`,
    peer: `air ${seconds(median(samples.map(({ airMs }) => airMs)))}`,
    ratio: null,
    goal: `<= ${GOAL}`,
    met: ratio <= GOAL,
    runs: samples.length,
    spread: spread(ratios, (value) => value.toFixed(3)),
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
