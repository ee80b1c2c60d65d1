import t, { type Test } from 'tap';
import { type CardTarget, SILENCE } from '../../../src/devices/felica/card-values.js';
import { FelicaCard } from '../../../src/devices/felica/felica-card.js';
import type { PasoriReader } from '../../../src/devices/pasori/pasori-reader.js';
import { hasCode } from '../../../src/errors.js';
import { CARDS } from '../../../src/simulator/felica/chip/cards.js';
import type { ChipState } from '../../../src/simulator/felica/chip/chip-state.js';
import type { GenerationName } from '../../../src/simulator/felica/chip/generations.js';
import { cleanPhone, RESIDUE, withResidue } from '../../../src/simulator/felica/chip/phones.js';
import type { AirFault, FelicaFaults } from '../../../src/simulator/felica/faults.js';
import { FelicaHandset } from '../../../src/simulator/felica/felica-handset.js';
import type { SimulatedReader } from '../../../src/simulator/felica/reader/simulated-reader.js';
import {
  MODELS,
  noPause,
  openSimulated,
  quickReader,
  wait,
} from '../../support/simulated-pasori.js';

interface Meeting {
  readonly air: SimulatedReader;
  readonly reader: PasoriReader;
  readonly card: FelicaCard;
  readonly handset: FelicaHandset;
}

async function meet(t: Test, model: (typeof MODELS)[number], state: ChipState): Promise<Meeting> {
  const air = quickReader(model);
  const handset = new FelicaHandset('on the desk', state);
  air.put(handset);
  const reader = await openSimulated(air);
  t.teardown(() => reader.close());
  return { air, reader, card: new FelicaCard(reader), handset };
}

function heard<T>(answer: T): Exclude<T, typeof SILENCE> {
  if (answer === SILENCE) throw new Error('silence');
  return answer as Exclude<T, typeof SILENCE>;
}

async function polled(card: FelicaCard, systemCode: number): Promise<CardTarget> {
  const answer = heard(await card.poll({ systemCode, requestCode: 1 }, wait()));
  return { idm: answer.idm, pmm: answer.pmm };
}

const ROOT = { code: 0, endCode: 0xfffe };
const NANACO = withResidue(cleanPhone(), RESIDUE.nanaco);

/** Which of the commands that not every chip has answer on which generation. */
const KNOWS: Readonly<
  Partial<Record<GenerationName, { list: boolean; info: boolean; id: boolean }>>
> = {
  'mobile-1.1': { list: false, info: false, id: false },
  'mobile-2.0': { list: false, info: false, id: false },
  'mobile-3.0': { list: true, info: true, id: false },
  'mobile-4.0': { list: true, info: true, id: false },
  'mobile-4.1': { list: true, info: true, id: true },
  apple: { list: false, info: true, id: false },
};

async function askEverything(t: Test, { card }: Meeting, generation: GenerationName) {
  const known = KNOWS[generation];
  const container = await polled(card, 0xfe0f);
  const common = await polled(card, 0xfe00);
  t.same(heard(await card.requestSystemCode(common, wait())), [0xfe0f, 0xfe00]);
  t.equal(await card.requestResponse(common, wait()), 0);
  t.same(await card.requestService(common, [0xffff, 0, 0x5588, 0x1234], wait()), [1, 1, 1, null]);
  t.same(await card.searchServiceCode(common, 0, wait()), { kind: 'area', ...ROOT });
  t.same(await card.searchServiceCode(common, 3, wait()), { kind: 'service', code: 0x5588 });
  t.same(await card.searchServiceCode(common, 4, wait()), { kind: 'end' });
  const list = await card.requestCodeList(common, { parent: 0, index: 1 }, wait());
  const blocks = await card.requestBlockInformationEx(common, [0], wait());
  t.match(list, known?.list ? { kind: 'page', more: false, services: [0x5588] } : SILENCE);
  t.same(
    blocks,
    known?.list ? { kind: 'blocks', nodes: [{ assigned: 1275, free: 1230 }] } : SILENCE,
  );
  const info = await card.getContainerIssueInformation(container, wait());
  t.match(info, known?.info ? { model: '007016', carrier: '000068' } : SILENCE);
  t.equal(await card.getContainerId(container, wait()), known?.id ? 'f14011111111b660' : SILENCE);
}

for (const model of MODELS) {
  t.test(`${model}: every command on every generation of chips`, async (t) => {
    for (const generation of Object.keys(KNOWS) as GenerationName[]) {
      const state = withResidue(cleanPhone(generation), RESIDUE.nanaco);
      for (const pieces of ['as-sent', 'glued', 1, 7] as const) {
        await t.test(`${generation}, pieces ${pieces}`, async (t) => {
          const meeting = await meet(t, model, state);
          meeting.air.faults.pieces = pieces;
          await askEverything(t, meeting, generation);
          t.equal(meeting.handset.chip.blocksAsked, 0);
        });
      }
    }
  });

  t.test(`${model}: a plastic card, at both bit rates, the field down in between`, async (t) => {
    const { air, reader, card } = await meet(t, model, CARDS.suica);
    for (const rate of [212, 424] as const) {
      await reader.bitRate(rate, wait());
      const transit = await polled(card, 0x0003);
      t.same(heard(await card.requestSystemCode(transit, wait())), [0x0003, 0xfe00, 0x86a7]);
      t.equal(await card.requestService(transit, [0x0028], wait()), SILENCE, 'no PIN services');
      t.equal(await card.getContainerId(transit, wait()), SILENCE);
      await reader.field(false, wait());
      t.notOk(air.isFieldOn);
    }
  });

  t.test(`${model}: what was left in the pipe, and one reader after another`, async (t) => {
    const air = quickReader(model);
    air.put(new FelicaHandset('on the desk', NANACO));
    air.leaveUnread(Uint8Array.of(1, 2, 3, 4));
    for (let round = 0; round < 3; round += 1) {
      const reader = await openSimulated(air);
      t.equal((await polled(new FelicaCard(reader), 0xfe00)).idm, '014011111111b660');
      await reader.close();
      t.notOk(air.isFieldOn, 'closed with the field down');
    }
  });

  t.test(`${model}: a field that was left on by another program`, async (t) => {
    const { air, card } = await meet(t, model, NANACO);
    await polled(card, 0xfe00);
    air.unplug();
    await t.rejects(card.poll({ systemCode: 0xfe00 }, wait()), { code: 'reader-gone' });
    air.plug();
    const again = await openSimulated(air, noPause);
    t.equal((await polled(new FelicaCard(again), 0xfe00)).idm, '014011111111b660');
    await again.close();
  });

  t.test(`${model}: each fault of the air is named, and the next answer is right`, async (t) => {
    const { air, card } = await meet(t, model, NANACO);
    const common = await polled(card, 0xfe00);
    const expected: Readonly<Record<AirFault, string>> = {
      lost: 'silence',
      crc: 'rf-fault',
      collision: 'rf-fault',
      'field-drop': model === 'RC-S380/P' ? 'rf-fault' : 'silence',
      truncated: 'card-protocol',
    };
    for (const fault of Object.keys(expected) as AirFault[]) {
      const at = air.exchanges + 1;
      air.faults.onAir = (exchange) => (exchange === at ? fault : null);
      t.equal(await outcomeOf(card, common), expected[fault], fault);
      // Only the RC-S380 notices that its field is gone.
      if (fault === 'field-drop') t.equal(air.isFieldOn, false);
      if (fault === 'field-drop' && model !== 'RC-S380/P') await reRaised(t, { air, card, common });
      t.equal(await outcomeOf(card, common), 'answered', `after ${fault}`);
    }
  });

  t.test(
    `${model}: each fault of the reader is an error or no harm, never another answer`,
    async (t) => {
      const counted = [
        ['wrongChecksums', model === 'RC-S380/P' ? ['reader-protocol'] : ['answered']],
        ['truncatedReplies', ['reader-protocol', 'reader-timeout']],
        ['lateReplies', ['reader-timeout']],
        ['lostReplies', ['reader-timeout']],
        ['refusals', ['reader-refused', 'rf-fault']],
        ['errorFrames', model === 'RC-S380/P' ? ['reader-refused'] : ['answered']],
        [
          'missingAcks',
          model === 'RC-S380/P' ? ['reader-protocol', 'reader-timeout'] : ['answered'],
        ],
        ['slotBusy', ['answered']],
        ['timeExtensions', ['answered']],
      ] as const;
      for (const [name, allowed] of counted) {
        const { air, card } = await meet(t, model, NANACO);
        const common = await polled(card, 0xfe00);
        air.faults[name] = 1;
        const outcome = await outcomeOf(card, common);
        t.ok((allowed as readonly string[]).includes(outcome), `${name}: ${outcome}`);
        air.faults[name] = 0;
        for (let round = 0; round < 3; round += 1)
          t.equal(await outcomeOf(card, common), 'answered', `after ${name}`);
      }
    },
  );

  t.test(
    `${model}: stale answers, unknown elements, an idle session, a tired reader`,
    async (t) => {
      const { air, card } = await meet(t, model, NANACO);
      const common = await polled(card, 0xfe00);
      const flagged: (keyof FelicaFaults)[] = ['staleAfterCancel', 'unknownElements'];
      for (const name of flagged) {
        Object.assign(air.faults, { [name]: true, lostReplies: 1 });
        t.equal(await outcomeOf(card, common), 'reader-timeout', name);
        t.equal(await outcomeOf(card, common), 'answered', `after ${name}`);
        Object.assign(air.faults, { [name]: false });
      }
      air.faults.stopsDetecting = true;
      t.equal(await outcomeOf(card, common), 'silence', 'which proves nothing');
      air.faults.stopsDetecting = false;
    },
  );
}

t.test('a transparent session that is gone is an error, and begun anew for the next', async (t) => {
  const { air, card } = await meet(t, 'RC-S300/S', NANACO);
  const common = await polled(card, 0xfe00);
  air.faults.sessionIdleMs = -1;
  t.equal(await outcomeOf(card, common), 'reader-refused');
  air.faults.sessionIdleMs = null;
  t.equal(await outcomeOf(card, common), 'answered');
});

t.test('an interface that another driver holds is named as busy', async (t) => {
  const air = quickReader('RC-S380/P');
  air.faults.heldByOther = true;
  await t.rejects(openSimulated(air), { code: 'reader-busy' });
});

/** What the reader makes of a question whose right answer is known. */
async function outcomeOf(card: FelicaCard, common: CardTarget): Promise<string> {
  try {
    const answer = await card.searchServiceCode(common, 1, wait());
    if (answer === SILENCE) return 'silence';
    return JSON.stringify(answer) === '{"kind":"area","code":21888,"endCode":22207}'
      ? 'answered'
      : `another answer: ${JSON.stringify(answer)}`;
  } catch (error) {
    if (hasCode(error, 'internal')) throw error;
    return error instanceof Error && 'code' in error ? String(error.code) : 'not ours';
  }
}

async function reRaised(
  t: Test,
  { air, card, common }: Pick<Meeting, 'air' | 'card'> & { common: CardTarget },
): Promise<void> {
  t.equal(await outcomeOf(card, common), 'silence', 'until somebody cycles the field');
  air.faults.refusals = 1;
  t.equal(await outcomeOf(card, common), 'reader-refused');
}
