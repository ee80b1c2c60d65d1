import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { felicaSurveyCommand, type SurveyDesk } from '../../src/cli/felica-survey.js';
import { SarachiError } from '../../src/errors.js';
import { CARDS } from '../../src/simulator/felica/chip/cards.js';
import { clearedChip } from '../../src/simulator/felica/chip/clear-chip.js';
import { cleanPhone, RESIDUE, withResidue } from '../../src/simulator/felica/chip/phones.js';
import { FelicaHandset } from '../../src/simulator/felica/felica-handset.js';
import { PlasticCard } from '../../src/simulator/felica/plastic-card.js';
import type { SimulatedReader } from '../../src/simulator/felica/reader/simulated-reader.js';
import { SimulatedPasoriBus } from '../../src/simulator/pasori-desk.js';
import { freshFolder } from '../ledger/helpers/ledgers.js';
import { noPause, quickReader } from '../support/simulated-pasori.js';

const NANACO = withResidue(cleanPhone(), RESIDUE.nanaco);

function deskWith(...readers: readonly SimulatedReader[]) {
  const desk: SurveyDesk = {
    bus: new SimulatedPasoriBus(readers),
    clock: () => Date.parse('2026-11-22T03:00:00.000Z'),
    signal: new AbortController().signal,
    pause: noPause,
  };
  return (...args: string[]) => run(desk, args);
}

async function run(desk: SurveyDesk, args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const into = (lines: string[]) => ({ write: (text: string) => lines.push(text) > 0 });
  const code = await felicaSurveyCommand(args, { stdout: into(out), stderr: into(err) }, desk);
  return { code, out: out.join(''), err: err.join('') };
}

async function saved(t: Test, text: string): Promise<string> {
  const file = join(await freshFolder(t), 'before.json');
  await writeFile(file, text);
  return file;
}

t.test('before the clear, after it, and what each is worth', async (t) => {
  const air = quickReader('RC-S300/S', '1-2');
  const handset = new FelicaHandset('on the desk', NANACO);
  air.put(handset);
  const ask = deskWith(air);

  const text = await ask();
  t.equal(text.code, 1);
  t.match(text.out, /判定 \/ Verdict {3}RESIDUAL {3}残存あり \/ something is left/);
  t.match(text.out, /! FE00 common area: .*areas 2, .*services 1, 45 .*blocks used/);
  t.match(text.out, /5580-56BF +nanaco +list, probe, search/);
  t.match(text.out, /独立した確認.*\n.*independent check, not FeliCa Networks certified/);
  t.match(text.err, /Run 1\..*\n.*Run 2\./);
  t.notMatch(text.out, /140111111/, 'no id of the chip');

  const before = await ask('--json');
  const file = await saved(t, before.out);
  t.match(JSON.parse(before.out), { verdict: { verdict: 'RESIDUAL' }, survey: { runs: [{}, {}] } });
  t.notMatch(before.out, /140111111/);

  handset.chip.state = clearedChip(NANACO, 'initialised');
  const after = await ask('--before', file);
  t.equal(after.code, 0);
  t.match(after.out, /CLEAR_RF.*\n.*\n.*evidence of a tool/);
  t.match(after.out, /no node visible by contactless polling/);
  const afterJson = JSON.parse((await ask('--before', file, '--json')).out);
  t.equal(afterJson.idKey, JSON.parse(before.out).idKey, 'ids stay comparable');

  const alone = await ask();
  t.equal(alone.code, 1, 'nothing is clear without a survey before');
  t.match(alone.out, /INCONCLUSIVE.*\n.*\n.*no survey from before/);
  t.equal(handset.chip.blocksAsked, 0);
  t.notOk(air.isFieldOn, 'the field is down at the end');
});

t.test('a reader is chosen by number or path, and named where there are several', async (t) => {
  const [empty, taken] = [quickReader('RC-S380/P', '1-2'), quickReader('RC-S300/S', '1-3.1')];
  taken.put(new PlasticCard('forgotten', CARDS.suica));
  const ask = deskWith(empty, taken);
  const none = await ask();
  t.equal(none.code, 64);
  t.match(none.err, /bad-request.*1: 1-2, 2: 1-3\.1/);
  t.match((await ask('--reader', '2')).out, /WRONG_TARGET/);
  t.match((await ask('--reader', '1-3.1')).out, /WRONG_TARGET/);
  const silent = await ask('--reader', '1');
  t.match(silent.out, /NO_CHIP_RESPONSE.*\n.*\n.*Silence proves nothing/);
  t.equal(silent.code, 1);
  const absent = await ask('--reader', '3');
  t.equal(absent.code, 69);
  t.match(absent.err, /reader-gone/);
});

t.test('wrong usage and files that are no survey', async (t) => {
  const ask = deskWith(quickReader('RC-S380/P'));
  t.equal((await ask('--simulate', 'clean41')).code, 64, 'the product has no simulator');
  t.equal((await ask('--before', '/nowhere')).code, 64);
  const other = await ask('--before', await saved(t, '{"format":"else"}'));
  t.equal(other.code, 64);
  t.match(other.err, /is not a survey/);
  const help = await ask('--help');
  t.equal(help.code, 0);
  t.match(help.out, /^Usage: sarachi felica survey/);
});

t.test('a host without readers, and a person who stops it', async (t) => {
  t.match(await deskWith()(), { code: 69, err: /reader-gone/ });
  const stop = new AbortController();
  const air = quickReader('RC-S380/P');
  air.put(new FelicaHandset('on the desk', NANACO));
  air.faults.onAir = (exchange) => {
    if (exchange === 100) stop.abort(new SarachiError('aborted', { signal: 'SIGINT' }));
    return null;
  };
  const desk = { bus: new SimulatedPasoriBus([air]), clock: Date.now, signal: stop.signal };
  t.match(await run({ ...desk, pause: noPause }, []), { code: 130, out: '' });
  t.notOk(air.isFieldOn, 'the field is down all the same');
});

t.test('a reader that is unplugged in the middle ends in a verdict, not in a crash', async (t) => {
  const air = quickReader('RC-S300/S');
  air.put(new FelicaHandset('on the desk', cleanPhone()));
  air.faults.onAir = (exchange) => {
    if (exchange === 100) air.unplug();
    return null;
  };
  const said = await deskWith(air)();
  t.equal(said.code, 1);
  t.match(said.out, /INCONCLUSIVE.*\n.*\n.*The survey ended early/);
});
