import t from 'tap';
import { fromHex, toHex } from '../../../src/simulator/felica/bytes.js';
import { airTimeMs, slowestAnswerMs } from '../../../src/simulator/felica/chip/air-time.js';
import { CARDS } from '../../../src/simulator/felica/chip/cards.js';
import {
  type ChipState,
  withQuirks,
  withSystem,
} from '../../../src/simulator/felica/chip/chip-state.js';
import { FelicaChip } from '../../../src/simulator/felica/chip/felica-chip.js';
import {
  GENERATIONS,
  type GenerationName,
} from '../../../src/simulator/felica/chip/generations.js';
import { nodesFrom } from '../../../src/simulator/felica/chip/nodes.js';
import {
  COMMON_SYSTEM,
  cleanPhone,
  withTransit,
} from '../../../src/simulator/felica/chip/phones.js';
import { CLEAN, NANACO } from './fixtures.js';

const CONTAINER = 'f14011111111b660';
const COMMON = '014011111111b660';
const TRANSIT = '014022222222b660';
const PIXEL_PMM = '01188b868fbecbff';

/** The answer to a command without its length byte; empty for silence. */
function hears(state: ChipState, command: string): string {
  const length = (command.length / 2 + 1).toString(16).padStart(2, '0');
  const chip = new FelicaChip(state, { random: () => 0 });
  return toHex(chip.answer(fromHex(length + command))?.frame ?? new Uint8Array());
}

const ASKED: Readonly<Record<string, string>> = {
  '00': '00fe0f0000',
  '02': `02${COMMON}010000`,
  '04': `04${COMMON}`,
  '06': `06${COMMON}010b00018000`,
  '0a': `0a${COMMON}0000`,
  '0c': `0c${COMMON}`,
  '0e': `0e${COMMON}010000`,
  '1a': `1a${COMMON}00000100`,
  '1e': `1e${COMMON}010000`,
  '22': `22${CONTAINER}0000`,
  '3a': `3a${CONTAINER}0000`,
  '70': '700000',
  f0: `f0${COMMON}`,
};

t.test('each generation answers its own commands', async (t) => {
  const answered = (generation: GenerationName) => {
    const state = cleanPhone(generation);
    return Object.keys(ASKED)
      .sort()
      .filter((code) => hears(state, ASKED[code] ?? '') !== '');
  };
  const old = ['00', '02', '04', '06', '0a', '0c', '0e'];
  t.same(answered('mobile-1.1'), old);
  t.same(answered('mobile-2.0'), old);
  t.same(answered('mobile-3.0'), [...old, '1a', '1e', '22']);
  t.same(answered('mobile-4.0'), [...old, '1a', '1e', '22', '3a']);
  t.same(answered('mobile-4.1'), [...old, '1a', '1e', '22', '3a', '70']);
  t.same(answered('apple'), ['00', '02', '04', '06', '0a', '0c', '22', '3a']);
  const ics = Object.entries(GENERATIONS).map(([name, { pmm }]) => `${name} ${pmm.slice(2, 4)}`);
  t.match(
    ics.join(),
    /mobile-1.1 07,mobile-2.0 13,mobile-3.0 14,mobile-4.0 17,mobile-4.1 18,apple 16/,
  );
});

t.test('a chip keeps silent at whatever is not exactly right', async (t) => {
  const chip = new FelicaChip(CLEAN);
  for (const [what, frame] of [
    ['a byte too many after a polling', '0700fe0f010000'],
    ['a polling that is too short', '0500fe0f01'],
    ['time slots that do not exist', '0600fe0f0002'],
    ['a length that is too high', '0b04014011111111b660'],
    ['an index cut short', '0b0a014011111111b66000'],
    ['an unknown IDm', '0a04014011111111b661'],
    ['no node', '0b02014011111111b66000'],
    ['fewer nodes than are told', '0d02014011111111b660020000'],
    ['an unknown command', '0aee014011111111b660'],
    ['issue information of another system', '0c22014011111111b6600000'],
    ['issue information without reserved bytes', '0a22f14011111111b660'],
    ['nothing', ''],
  ] as const)
    t.equal(chip.answer(fromHex(frame)), null, what);
  const many = `02${COMMON}21${'0000'.repeat(33)}`;
  t.equal(hears(CLEAN, many), '', 'more than 32 nodes');
  t.match(hears(CLEAN, `02${COMMON}20${'0000'.repeat(32)}`), /^4b03.{16}20(0100){32}$/);
  const bare = withQuirks(CLEAN, { bareIssueInfo: true });
  t.equal(hears(bare, ASKED['22'] ?? ''), '');
  t.match(hears(bare, `22${CONTAINER}`), /^1a23/);
  t.equal(hears(CARDS.suica, `02010203040506070801${'2800'}`), '', 'PIN services on plastic');
  t.match(hears(CARDS.suica, `02010203040506070801${'0800'}`), /ffff$/);
});

t.test(
  'wildcards find the lowest system that matches, and nothing that is not on the air',
  async (t) => {
    const state = withTransit(CLEAN);
    const finds = (code: string) => hears(state, `00${code}0100`).slice(4, 20);
    t.equal(finds('ffff'), COMMON);
    t.equal(finds('feff'), COMMON);
    t.equal(finds('ff0f'), CONTAINER);
    t.equal(finds('ff00'), COMMON);
    t.equal(finds('00ff'), TRANSIT);
    t.equal(finds('ff03'), TRANSIT);
    t.equal(finds('fdff'), '');
    const hidden = withSystem(state, COMMON_SYSTEM, (system) => ({ ...system, activated: false }));
    t.equal(hears(hidden, '00feff0100').slice(4, 20), CONTAINER);
  },
);

t.test('long code lists come in pages, of the whole system or of one area', async (t) => {
  const services = Array.from({ length: 60 }, (_, index) => {
    const code = 0x1008 + index * 0x40;
    return Buffer.from([code & 0xff, code >> 8]).toString('hex');
  });
  const state = withSystem(CLEAN, COMMON_SYSTEM, (system) => ({
    ...system,
    nodes: nodesFrom(`0000feff 0010ff7f ${services.join(' ')}`),
  }));
  const page = (parent: string, index: string) =>
    hears(state, `1a${COMMON}${parent}${index}`).slice(20);
  t.equal(
    page('0000', '0100'),
    `0000010200 00feff0010ff7f16${services.slice(0, 22).join('')}`.replace(' ', ''),
  );
  t.equal(page('0000', '0200'), `0000010018${services.slice(22, 46).join('')}`);
  t.equal(page('0000', '0300'), `000000000e${services.slice(46).join('')}`);
  t.equal(page('0010', '0300').slice(0, 10), '000000000d');
  t.equal(page('0000', '0000'), 'ffa6');
  t.equal(page('4000', '0100'), 'ffa6');
  t.ok(page('0000', '0100').length / 2 + 10 <= 255);
});

t.test('blocks are counted for area 0 only', async (t) => {
  t.equal(hears(NANACO, `1e${COMMON}0200008055`).slice(20), '000002fb04ce04ffffffff');
  t.equal(hears(NANACO, `0e${COMMON}0200008855`).slice(20), '02fb04ffff');
});

t.test('nobody gets a block, and who asks for one is counted', async (t) => {
  const chip = new FelicaChip(NANACO);
  const read = chip.answer(fromHex(`1006${COMMON}01885501 8000`));
  t.equal(toHex(read?.frame ?? new Uint8Array()).slice(20), '01a8');
  chip.answer(fromHex(`2008${COMMON}0188550180 00${'00'.repeat(16)}`));
  t.equal(chip.blocksAsked, 2);
});

t.test('times are those of the manual and the bit rate', async (t) => {
  const near = (value: number, wanted: number) => Math.abs(value - wanted) < wanted / 200;
  t.ok(near(slowestAnswerMs(PIXEL_PMM, 0x02, 0), 19.33));
  t.ok(near(slowestAnswerMs(PIXEL_PMM, 0x02, 32), 328.6));
  t.ok(near(slowestAnswerMs(PIXEL_PMM, 0x04, 0), 33.83));
  t.ok(near(slowestAnswerMs(PIXEL_PMM, 0x0a, 9), 33.83));
  t.ok(near(airTimeMs(6, 212), 0.604));
  t.ok(near(airTimeMs(20, 424), 0.566));
  let slot = 0;
  const chip = new FelicaChip(CLEAN, { random: () => slot, shareOfSlowest: 1 });
  const pollMs = () => chip.answer(fromHex('0600fe0f000f'))?.afterMs ?? 0;
  t.ok(near(pollMs(), 2.417));
  slot = 0.9999;
  t.ok(near(pollMs(), 2.417 + 15 * 1.208));
  t.ok(near(chip.answer(fromHex(`0a04${COMMON}`))?.afterMs ?? 0, 33.83));
});
