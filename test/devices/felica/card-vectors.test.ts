import t from 'tap';
import {
  type BlockInformation,
  type CodeListPage,
  parseContainerIssueInformation,
  parsePolling,
  parseRequestSystemCode,
  parseSearchServiceCode,
} from '../../../src/devices/felica/card-answers.js';
import { SILENCE } from '../../../src/devices/felica/card-values.js';
import { chipOf } from '../../../src/devices/felica/chips.js';
import { FelicaCard } from '../../../src/devices/felica/felica-card.js';
import { CARD } from '../pasori/helpers/vectors.js';
import { payload, wait } from '../pasori/helpers/wire.js';
import { FakeReader } from './helpers/fake-reader.js';

const CONTAINER = 'f14011111111b660';
const COMMON = '014011111111b660';
const TRANSIT = '014022222222b660';
const PMM = '01188b868fbecbff';
const target = (idm: string) => ({ idm, pmm: PMM });
const root = { kind: 'area', code: 0, endCode: 0xfffe };
const poll = (idm: string, systemCode: number | null) => ({
  ...{ idm, pmm: PMM, systemCode, bitRates: null },
});
const issue = (formatVersion: string, carrier: string, model: string | null) => ({
  ...{ formatVersion, carrier, model },
});
const page = (areas: CodeListPage['areas'], services: number[]) => ({
  ...{ kind: 'page', more: false, areas, services },
});
const blocks = (...nodes: BlockInformation['nodes']) => ({ kind: 'blocks', nodes });

type Ask = (card: FelicaCard) => Promise<unknown>;
const asks = {
  poll:
    (systemCode: number): Ask =>
    (card) =>
      card.poll({ systemCode, requestCode: 1 }, wait()),
  containerId: (): Ask => (card) => card.getContainerId(target(CONTAINER), wait()),
  issue: (): Ask => (card) => card.getContainerIssueInformation(target(CONTAINER), wait()),
  systems: (): Ask => (card) => card.requestSystemCode(target(CONTAINER), wait()),
  search:
    (idm: string, index: number): Ask =>
    (card) =>
      card.searchServiceCode(target(idm), index, wait()),
  codeList: (): Ask => (card) =>
    card.requestCodeList(target(COMMON), { parent: 0, index: 1 }, wait()),
  blocks: (): Ask => (card) => card.requestBlockInformationEx(target(COMMON), [0], wait()),
  service:
    (nodes: number[]): Ask =>
    (card) =>
      card.requestService(target(COMMON), nodes, wait()),
  mode: (): Ask => (card) => card.requestResponse(target(COMMON), wait()),
};

/** What each published exchange is by name, and what it means. */
const MEANINGS: Readonly<Record<string, readonly [ask: Ask, means: unknown]>> = {
  C01: [asks.poll(0xfe0f), poll(CONTAINER, 0xfe0f)],
  C02: [asks.poll(0xfe00), poll(COMMON, 0xfe00)],
  C03: [asks.poll(0x0003), poll(TRANSIT, 0x0003)],
  C04: [asks.poll(0x0003), SILENCE],
  C05: [asks.containerId(), CONTAINER],
  C06: [asks.issue(), issue('0001', '000068', '007016')],
  C07: [asks.issue(), issue('0001', '800068', '007016')],
  C08: [asks.issue(), issue('0000', '000000', null)],
  C09: [asks.systems(), [0xfe0f, 0xfe00]],
  C10: [asks.systems(), [0xfe0f, 0xfe00, 0x0003]],
  C11: [asks.search(COMMON, 0), root],
  C12: [asks.search(COMMON, 1), { kind: 'end' }],
  C13: [asks.search(COMMON, 1), { kind: 'area', code: 0x5580, endCode: 0x56bf }],
  C14: [asks.search(COMMON, 2), { kind: 'area', code: 0x5581, endCode: 0x56bf }],
  C15: [asks.search(COMMON, 3), { kind: 'service', code: 0x5588 }],
  C16: [asks.search(COMMON, 4), { kind: 'end' }],
  C17: [asks.codeList(), page([{ code: 0, endCode: 0xfffe }], [])],
  C18: [
    asks.codeList(),
    page(
      [
        { code: 0, endCode: 0xfffe },
        { code: 0x5580, endCode: 0x56bf },
        { code: 0x5581, endCode: 0x56bf },
      ],
      [0x5588],
    ),
  ],
  C19: [asks.codeList(), { kind: 'refused', statusFlag1: 0xff, statusFlag2: 0xa5 }],
  C20: [asks.blocks(), blocks({ assigned: 1275, free: 1275 })],
  C21: [asks.blocks(), blocks({ assigned: 1275, free: 1230 })],
  C22: [asks.blocks(), blocks(null)],
  C23: [asks.service([0xffff, 0]), [1, 1]],
  C24: [asks.service([0xffff, 0]), [null, null]],
  C25: [asks.service([0, 0x5588]), [1, null]],
  C26: [asks.service([0, 0x5588]), [1, 1]],
  C27: [asks.mode(), 0],
  C28: [asks.mode(), 1],
  C29: [asks.search(TRANSIT, 0), root],
  C30: [asks.search(TRANSIT, 1), { kind: 'end' }],
};

t.test('every published exchange is asked byte for byte and means what it should', async (t) => {
  t.strictSame(
    CARD.map(({ id }) => id),
    Object.keys(MEANINGS),
  );
  for (const { id, step, command, reply } of CARD) {
    const [ask, means] = MEANINGS[id] ?? [];
    const reader = new FakeReader(() => (reply === null ? null : payload(reply)));
    const heard = await ask?.(new FelicaCard(reader));
    if (typeof means === 'object') t.match(heard, means, `${id} ${step}`);
    else t.equal(heard, means, `${id} ${step}`);
    t.strictSame(reader.asked, [command.slice(2)], id);
  }
});

t.test('real directories of real cards are read whole', async (t) => {
  const idm = '0102030405060708';
  const edy =
    '0000feff 00101717 01101717 0810 0811 0a11 0b11 0812 1013 1213 1713 0814 0a14 0815 0a15 0816 0a16 0c17 0f17 ffff';
  const suica =
    '0000feff 4000ff07 4800 4a00 8800 8b00 0008bf0f 1008 1208 1608 5008 5208 5608 9008 9208 9608 c808 ca08 0a09 0c09 0f09 c00fff7f 0010bf17 0810 0a10 4810 4a10 8c10 8f10 c810 cb10 0811 0a11 4811 4a11 c017ff7f 00183f1a 0818 0a18 4818 4b18 c818 ca18 0819 0a19 4819 4b19 8819 8b19 00233f24 0823 0a23 4823 4b23 8823 8b23 c823 cb23 ffff';
  for (const [name, list, areas, services] of [
    ['an empty system of an Edy card', '0000feff ffff', 1, 0],
    ['Edy FE00', edy, 3, 16],
    ['Suica 0003', suica, 8, 50],
    ['Suica FE00', '0000feff 4039ff39 4139ff39 4839 4b39 8839 8b39 c939 ffff', 3, 5],
    ['Suica 86A7', '0000feff 40007f00 4800 4b00 8002bf02 8802 8b02 ffff', 3, 4],
  ] as const) {
    const nodes = list.split(' ');
    const found = nodes.map((node) => {
      const frame = `${node.length === 8 ? '0e0b' : '0c0b'}${idm}${node}`;
      return parseSearchServiceCode(payload(frame), idm);
    });
    const count = (kind: string) => found.filter((entry) => entry.kind === kind).length;
    t.strictSame([count('area'), count('service'), count('end')], [areas, services, 1], name);
    t.equal(found.at(-1)?.kind, 'end');
  }
  const [, area] = edy.split(' ').map((node) => node);
  t.strictSame(parseSearchServiceCode(payload(`0e0b${idm}${area}`), idm), {
    ...{ kind: 'area', code: 0x1000, endCode: 0x1717 },
  });
  const codes = (frame: string) => parseRequestSystemCode(payload(frame), idm);
  t.strictSame(codes('0f0d0102030405060708028092fe00'), [0x8092, 0xfe00]);
  t.strictSame(codes('110d0102030405060708030003fe0086a7'), [0x0003, 0xfe00, 0x86a7]);
});

t.test('answers to polls of phones, plastic cards and tags', async (t) => {
  const any = (requestCode: 0 | 1 | 2) => ({ systemCode: 0xffff, requestCode });
  for (const [frame, asked, expected, name] of [
    ['1401f14011111111b66001188b868fbecbff0083', any(2), { bitRates: 0x83 }, 'Mobile FeliCa 4.1'],
    ['1201f14011111111b66001188b868fbecbff', any(0), { idm: CONTAINER }, 'Mobile FeliCa 4.1'],
    ['1201f14011111111b66001188b868fbecbff', any(1), { systemCode: null }, 'Mobile FeliCa 4.1'],
    ['1201f14011111111b66001188b868fbecbff', any(2), { bitRates: null }, 'Mobile FeliCa 4.1'],
    ['1401012e4ce445055b8700f100000001430088b4', any(1), { systemCode: 0x88b4 }, 'FeliCa Lite-S'],
    ['140101010701260cca020f0d23042f7783ff12fc', any(1), { systemCode: 0x12fc }, 'FeliCa Standard'],
    [
      '12010102030405060708100b4b428485d0ff',
      any(0),
      { pmm: '100b4b428485d0ff' },
      'FeliCa Standard',
    ],
    [
      '1201010203040506070803014b024f4993ff',
      any(0),
      { pmm: '03014b024f4993ff' },
      'FeliCa Standard',
    ],
  ] as const) {
    const heard = parsePolling(payload(frame), asked);
    t.match(heard, expected, frame);
    t.equal(chipOf(heard.pmm).name, name);
    t.equal(chipOf(heard.pmm).kind, name.startsWith('Mobile') ? 'mobile' : 'other');
  }
});

t.test('issue information as other programs read it', async (t) => {
  const frame = '1a2301020304050607ff01020304054142434445464748494a4b';
  t.strictSame(parseContainerIssueInformation(payload(frame), '01020304050607ff'), {
    formatVersion: '0102',
    carrier: '030405',
    model: 'ABCDEFGHIJK',
    raw: '01020304054142434445464748494a4b',
  });
});

t.test('only codes in the public lists of mobile chips are handsets', async (t) => {
  const mobile = Array.from({ length: 256 }, (_, ic) => ic).filter(
    (ic) => chipOf(`01${ic.toString(16).padStart(2, '0')}8b868fbecbff`).kind === 'mobile',
  );
  const expected = [0x06, 0x07, ...Array.from({ length: 16 }, (_, at) => 0x10 + at)];
  t.strictSame(mobile, expected);
});
