import t from 'tap';
import type { CardWait, FelicaReader } from '../../../src/devices/felica/felica-reader.js';
import { judgeFelica } from '../../../src/erasure-engines/felica/judge-felica.js';
import { tryEmptyField, tryReference } from '../../../src/erasure-engines/felica/preflight.js';
import { survey } from '../../../src/erasure-engines/felica/survey.js';
import { everyNodeCode, sweepCodes } from '../../../src/erasure-engines/felica/systems.js';
import { SarachiError } from '../../../src/errors.js';
import { CARDS } from '../../../src/simulator/felica/chip/cards.js';
import { clearedChip } from '../../../src/simulator/felica/chip/clear-chip.js';
import {
  cleanPhone,
  RESIDUE,
  withResidue,
  withTransit,
} from '../../../src/simulator/felica/chip/phones.js';
import { FelicaHandset } from '../../../src/simulator/felica/felica-handset.js';
import { PlasticCard } from '../../../src/simulator/felica/plastic-card.js';
import { MODELS, quickReader, wait } from '../../support/simulated-pasori.js';
import { scenarioOf, surveyOn, surveyOptions, withReader } from './helpers/surveyed.js';

const NANACO = withResidue(cleanPhone(), RESIDUE.nanaco);

function readerWith(state = NANACO, model: (typeof MODELS)[number] = 'RC-S380/P') {
  const air = quickReader(model);
  const handset = new FelicaHandset('on the desk', state);
  air.put(handset);
  return { air, handset };
}

/** Notes every command and every change of the field on its way to the reader. */
function watched(reader: FelicaReader): { reader: FelicaReader; said: string[] } {
  const said: string[] = [];
  return {
    said,
    reader: {
      name: reader.name,
      serial: reader.serial,
      exchange: (frame: Uint8Array, options: CardWait) => {
        said.push(Buffer.from(frame).toString('hex'));
        return reader.exchange(frame, options);
      },
      field: (on, options) => {
        said.push(`field ${on}`);
        return reader.field(on, options);
      },
      bitRate: (kbps, options) => reader.bitRate(kbps, options),
      close: () => reader.close(),
    },
  };
}

t.test(
  'two runs with the field off for half a second between, and only commands that name',
  async (t) => {
    const { air, handset } = readerWith();
    const pauses: number[] = [];
    await withReader(air, async (real) => {
      const { reader, said } = watched(real);
      const pause = async (ms: number) => {
        t.notOk(air.isFieldOn, 'the field is off');
        pauses.push(ms);
      };
      const report = await survey(reader, surveyOptions({ pause }));
      t.equal(report.runs.length, 2);
      t.notOk(air.isFieldOn, 'and off at the end');
      const codes = new Set(
        said.filter((one) => !one.startsWith('f')).map((one) => one.slice(0, 2)),
      );
      t.same([...codes].sort(), ['00', '02', '04', '0a', '0c', '1a', '1e', '22', '70']);
      for (const code of sweepCodes()) {
        const poll = `00${code.toString(16).padStart(4, '0')}0100`;
        t.ok(said.filter((one) => one === poll).length >= 2, `${poll} in both runs`);
      }
    });
    t.same(pauses, [500]);
    t.equal(handset.chip.blocksAsked, 0);
  },
);

t.test('what the air disturbed is done again, and is on record', async (t) => {
  const { air } = readerWith();
  air.faults.onAir = (exchange) => (exchange === 3 ? 'crc' : null);
  const report = await surveyOn(air);
  t.same(
    report.runs.map(({ faults }) => faults),
    [1, 0, 0],
  );
  t.match(report.runs[0]?.faultKinds, ['rf-fault: crc']);
  const always = readerWith();
  always.air.faults.onAir = (exchange) => (exchange % 10 === 0 ? 'crc' : null);
  t.equal((await surveyOn(always.air)).runs.length, 4, 'not for ever');
});

t.test('a field that fails unnoticed in the sweep hides no system', async (t) => {
  const { air } = readerWith(withTransit(NANACO, RESIDUE.suica), 'RC-S300/S');
  air.faults.onAir = (exchange) => (exchange === 60 ? 'field-drop' : null);
  const report = await surveyOn(air);
  t.same(
    report.runs.map(({ ended, sweep }) => [ended, sweep]),
    [
      [true, 'complete'],
      [true, 'complete'],
    ],
  );
  t.ok((report.runs[0]?.exchanges ?? 0) > (report.runs[1]?.exchanges ?? 0), 'a stretch was redone');
});

t.test('time that runs out ends in a report, a person who stops it in an error', async (t) => {
  const { air } = readerWith();
  const stop = new AbortController();
  const late = surveyOptions({ timeoutMs: 50, pause: () => new Promise(() => undefined) });
  const report = await surveyOn(air, late);
  t.equal(report.cutShortBy, 'deadline-passed');
  t.equal(judgeFelica(null, report).verdict, report.runs[0]?.ended ? 'RESIDUAL' : 'INCONCLUSIVE');
  air.faults.onAir = (exchange) => {
    if (exchange % 100 === 99) stop.abort(new SarachiError('aborted', { by: 'test' }));
    return null;
  };
  await t.rejects(surveyOn(air, { signal: stop.signal }), { code: 'aborted' });
  t.notOk(air.isFieldOn);
});

t.test('a reader that was plugged in again surveys as before', async (t) => {
  const { air } = readerWith();
  air.faults.onAir = (exchange) => {
    if (exchange === 100) air.unplug();
    return null;
  };
  const cut = await surveyOn(air);
  t.equal(cut.cutShortBy, 'reader-gone');
  air.plug();
  const whole = await surveyOn(air);
  t.equal(whole.cutShortBy, null);
  t.equal(judgeFelica(null, whole).verdict, 'RESIDUAL');
});

t.test(
  'asking for every node finds what no listing shows and no earlier survey knew',
  async (t) => {
    const { air } = readerWith(scenarioOf('hidden-node-only-request-service').after);
    t.equal(judgeFelica(null, await surveyOn(air)).verdict, 'INCONCLUSIVE');
    const report = await surveyOn(air, { everyNode: true });
    t.equal(judgeFelica(null, report).verdict, 'RESIDUAL');
    t.equal(everyNodeCode().length, 1024 * 36 - 1);
    t.ok(everyNodeCode().includes(0x5588));
  },
);

t.test(
  'the chip of a cleared handset is asked for each node of before, whoever lists them',
  async (t) => {
    const { air, handset } = readerWith(withTransit(NANACO, RESIDUE.suica));
    const before = await surveyOn(air);
    handset.chip.state = clearedChip(NANACO, 'initialised');
    const after = await surveyOn(air, { before });
    const common = after.runs[0]?.systems.find(({ code }) => code === 0xfe00);
    t.same(common?.askedFromBefore, [0x5580, 0x5581, 0x5588]);
    t.equal(judgeFelica(before, after).verdict, 'CLEAR_RF');
    const unasked = await surveyOn(air);
    t.same(judgeFelica(before, unasked).reasons, ['not-asked-by-name']);
  },
);

for (const model of MODELS) {
  t.test(`${model}: a reader is tried with nothing on it and with a known tag`, async (t) => {
    const air = quickReader(model);
    await withReader(air, async (reader) => {
      t.equal(await tryEmptyField(reader, wait()), 'silent');
      air.put(new PlasticCard('reference', CARDS.liteS));
      t.equal(await tryReference(reader, wait()), 'answered');
      air.faults.onAir = () => 'crc';
      t.equal(await tryReference(reader, wait()), 'fault');
    });
  });
}
