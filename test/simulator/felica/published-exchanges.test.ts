import t from 'tap';
import { fromHex, toHex } from '../../../src/simulator/felica/bytes.js';
import { CARDS } from '../../../src/simulator/felica/chip/cards.js';
import type { ChipState } from '../../../src/simulator/felica/chip/chip-state.js';
import { FelicaChip } from '../../../src/simulator/felica/chip/felica-chip.js';
import { PlasticCard } from '../../../src/simulator/felica/plastic-card.js';
import { CARD_VECTORS } from './card-vectors.js';
import {
  ACK,
  CLEAN,
  chipOf,
  desk,
  OPENING_300,
  OPENING_380,
  ready300,
  ready380,
} from './fixtures.js';

function heard(state: ChipState, command: string): string {
  const chip = new FelicaChip(state, { random: () => 0 });
  return toHex(chip.answer(fromHex(command))?.frame ?? new Uint8Array());
}

t.test('the chip answers as published', async (t) => {
  for (const { id, step, command, reply } of CARD_VECTORS)
    t.equal(heard(chipOf(id), command), reply, `${id} ${step}`);
});

t.test('an RC-S380 opens as a real one did', async (t) => {
  const { ask } = desk(CLEAN);
  t.same(await ask(ACK), [], 'P01');
  for (const [index, [out, answer]] of OPENING_380.entries())
    t.same(await ask(out), [ACK, answer], `P0${index + 2}`);
  t.same(await ask('0000ffffff0300fdd62060aa00'), [ACK, '0000ffffff0400fcd7211101f600'], 'X05');
  t.same(await ask('0000ffffff0600fad60001020f021600'), [ACK, '0000ffffff0300fdd701002800'], 'X01');
  t.same(await ask('0000ffffff0300fdd606012300'), [ACK, '0000ffffff0300fdd707002200'], 'X02');
});

t.test('an RC-S380 carries every exchange byte for byte', async (t) => {
  for (const { id, step, out, in: answer } of CARD_VECTORS) {
    const { ask } = await ready380(chipOf(id));
    t.same(await ask(out), [ACK, answer], `${id} ${step}`);
  }
});

t.test('a wildcard polling gets the common area, with each request code', async (t) => {
  const { ask } = await ready380(CLEAN);
  const answers = {
    '0000ffffff0a00f6d6046e000600ffff0000b400':
      '0000ffffff1900e7d70500000000081201014011111111b66001188b868fbecbff2d00',
    '0000ffffff0a00f6d6046e000600ffff0100b300':
      '0000ffffff1b00e5d70500000000081401014011111111b66001188b868fbecbfffe002d00',
    '0000ffffff0a00f6d6046e000600ffff0200b200':
      '0000ffffff1b00e5d70500000000081401014011111111b66001188b868fbecbff0083a800',
  };
  for (const [out, answer] of Object.entries(answers)) t.same(await ask(out), [ACK, answer]);
  t.equal(heard(CLEAN, '0600fe0f0200'), '1401f14011111111b66001188b868fbecbff0083');
  t.equal(heard(CLEAN, '0600fe0f0000'), '1201f14011111111b66001188b868fbecbff');
});

t.test('an RC-S380 tells why there is no answer', async (t) => {
  const poll = '0000ffffff0a00f6d6046e000600ffff0100b300';
  const { ask, reader } = await ready380(CLEAN);
  for (const [fault, answer] of [
    ['lost', '0000ffffff0600fad70580000000a400'],
    ['crc', '0000ffffff0600fad705040000002000'],
    ['collision', '0000ffffff0600fad705080000001c00'],
    ['field-drop', '0000ffffff0600fad705000400002000'],
  ] as const) {
    reader.faults.onAir = () => fault;
    t.same(await ask(poll), [ACK, answer], fault);
  }
  reader.faults.onAir = () => null;
  t.same(await ask(poll), [ACK, '0000ffffff0600fad705000400002000'], 'the field stays away');
  const setRf = '0000ffffff0600fad60001010f011800';
  reader.faults.refusals = 1;
  t.same(await ask(setRf), [ACK, '0000ffffff0300fdd701012700'], 'X13');
  t.same(await ask(setRf), [ACK, '0000ffffff0300fdd701002800']);
  t.match((await ask(poll))[1], /^0000ffffff1b00e5d705000000000814/, 'the field is back');
});

t.test('an RC-S300 answers its published and computed commands', async (t) => {
  const { ask } = desk(CLEAN, { model: 'RC-S300/S' });
  for (const [index, [out, answer]] of OPENING_300.entries())
    t.same(await ask(out), [answer], `K0${index + 1}`);
  const [firmware = ''] = await ask('6b040000000006000000ff560000');
  const version = fromHex(firmware).subarray(10);
  t.equal(toHex(version.subarray(14, 16)), 'ffff', 'K06 not in update mode');
  const [poll = ''] = await ask(
    '6b1b000000002c000000ff5000010000115f4604a0860100958200060600ffff0100000000',
  );
  t.equal(fromHex(poll).length, 46, 'K07');
  t.equal(poll.slice(52, 68), '014011111111b660', 'K07 IDm');
  t.equal(poll.slice(68, 84), '01188b868fbecbff', 'K07 PMm');
});

const EXCHANGES_300: readonly (readonly [string, string, string, string])[] = [
  [
    'K08',
    'C01',
    '6b1b0000000010000000ff5000010000115f4604a0860100958200060600fe0f0100000000',
    '83240000000010000000c0030090009201009602000097141401f14011111111b66001188b868fbecbfffe0f9000',
  ],
  [
    'K09',
    'C02',
    '6b1b0000000014000000ff5000010000115f4604a0860100958200060600fe000100000000',
    '83240000000014000000c0030090009201009602000097141401014011111111b66001188b868fbecbfffe009000',
  ],
  [
    'K10',
    'C04',
    '6b1b0000000011000000ff5000010000115f4604a086010095820006060000030100000000',
    '83070000000011000000c0030064019000',
  ],
  [
    'K11',
    'C07',
    '6b210000000015000000ff5000010000175f4604a08601009582000c0c22f14011111111b6600000000000',
    '832a0000000015000000c00300900092010096020000971a1a23f14011111111b660000180006830303730313600000000009000',
  ],
  [
    'K12',
    'C08',
    '6b210000000012000000ff5000010000175f4604a08601009582000c0c22f14011111111b6600000000000',
    '832a0000000012000000c00300900092010096020000971a1a23f14011111111b660000000000000000000000000000000009000',
  ],
  [
    'K13',
    'C09',
    '6b1f0000000016000000ff5000010000155f4604a08601009582000a0a0cf14011111111b660000000',
    '831f0000000016000000c00300900092010096020000970f0f0df14011111111b66002fe0ffe009000',
  ],
  [
    'K14',
    'C12',
    '6b210000000013000000ff5000010000175f4604a08601009582000c0c0a014011111111b6600100000000',
    '831c0000000013000000c00300900092010096020000970c0c0b014011111111b660ffff9000',
  ],
  [
    'K15',
    'C13',
    '6b210000000017000000ff5000010000175f4604a08601009582000c0c0a014011111111b6600100000000',
    '831e0000000017000000c00300900092010096020000970e0e0b014011111111b6608055bf569000',
  ],
];

t.test('an RC-S300 carries exchanges byte for byte', async (t) => {
  for (const [id, chip, out, answer] of EXCHANGES_300) {
    const { ask } = await ready300(chipOf(chip));
    t.same(await ask(out), [answer], id);
  }
});

t.test('an RC-S300 that is busy, or needs longer, says so', async (t) => {
  const { ask, reader } = await ready300(CLEAN);
  const begin = '6b040000000001000000ff560000';
  reader.faults.slotBusy = 1;
  t.same(await ask(begin), ['8300000000000140e000'], 'K16');
  reader.faults.timeExtensions = 1;
  const [extension, answer = ''] = await ask(begin);
  t.equal(extension, '83000000000001800000', 'K17');
  t.match(answer, /^83120000000001000000.*9000$/);
});

t.test('a FeliCa Lite-S card and an NDEF tag answer a polling as real ones did', async (t) => {
  t.equal(heard(CARDS.liteS, '0600ffff0000'), '1201012e4ce445055b8700f1000000014300');
  t.equal(heard(CARDS.liteS, '0600ffff0100'), '1401012e4ce445055b8700f100000001430088b4');
  t.equal(heard(CARDS.liteS, '0a0c012e4ce445055b87'), '', 'it has no Request System Code');
  t.equal(heard(CARDS.ndef, '0600ffff0100'), '140101010701260cca020f0d23042f7783ff12fc');
});

async function directory(card: PlasticCard, system: string): Promise<readonly string[]> {
  const polled = toHex(card.answer(fromHex(`0600${system}0000`))?.frame ?? new Uint8Array());
  const idm = polled.slice(4, 20);
  const found: string[] = [];
  while (found.at(-1) !== 'ffff' && found.length < 200) {
    const index = Buffer.from([found.length & 0xff, 0]).toString('hex');
    const answer = card.answer(fromHex(`0c0a${idm}${index}`))?.frame ?? new Uint8Array();
    found.push(toHex(answer).slice(20));
  }
  return found;
}

t.test('plastic cards list what real ones listed', async (t) => {
  const edy = new PlasticCard('Edy', CARDS.edy);
  const suica = new PlasticCard('Suica', CARDS.suica);
  t.equal(heard(CARDS.edy, '0a0c0102030405060708'), '0f0d0102030405060708028092fe00');
  t.equal(heard(CARDS.suica, '0a0c0102030405060708'), '110d0102030405060708030003fe0086a7');
  t.equal(heard(CARDS.edy, '0600ffff0000'), '1201010203040506070803014b024f4993ff');
  t.equal(heard(CARDS.suica, '0600ffff0000'), '12010102030405060708100b4b428485d0ff');
  t.same(await directory(edy, '8092'), ['0000feff', 'ffff'], 'a real empty system');
  t.same(
    await directory(suica, 'fe00'),
    '0000feff 4039ff39 4139ff39 4839 4b39 8839 8b39 c939 ffff'.split(' '),
  );
  t.equal((await directory(suica, '0003')).length, 59, 'areas and services in one list');
});
