import t from 'tap';
import { withoutLength } from '../../../src/devices/felica/allowed-commands.js';
import * as answers from '../../../src/devices/felica/card-answers.js';
import * as commands from '../../../src/devices/felica/card-commands.js';
import {
  cardTimeoutMs,
  pollTimeoutMs,
  responseTimeMs,
} from '../../../src/devices/felica/card-timing.js';
import { FelicaCard } from '../../../src/devices/felica/felica-card.js';
import { CARD } from '../pasori/helpers/vectors.js';
import { bytes, hex, payload, wait } from '../pasori/helpers/wire.js';
import { FakeReader } from './helpers/fake-reader.js';

const IDM = '014011111111b660';
const OTHER = '014022222222b660';
const PMM = '01188b868fbecbff';
const CARD_PROTOCOL = { code: 'card-protocol' };

/** Each parser with the published answer that it is to read. */
const PARSERS: Readonly<Record<string, (answer: Uint8Array) => unknown>> = {
  C02: (answer) => answers.parsePolling(answer, { systemCode: 0xfe00, requestCode: 1 }),
  C05: answers.parseContainerId,
  C06: (answer) => answers.parseContainerIssueInformation(answer, 'f14011111111b660'),
  C10: (answer) => answers.parseRequestSystemCode(answer, 'f14011111111b660'),
  C12: (answer) => answers.parseSearchServiceCode(answer, IDM),
  C13: (answer) => answers.parseSearchServiceCode(answer, IDM),
  C18: (answer) => answers.parseRequestCodeList(answer, IDM),
  C19: (answer) => answers.parseRequestCodeList(answer, IDM),
  C21: (answer) => answers.parseRequestBlockInformationEx(answer, IDM, 1),
  C23: (answer) => answers.parseRequestService(answer, IDM, 2),
  C27: (answer) => answers.parseRequestResponse(answer, IDM),
};
const published = (id: string) => payload(CARD.find((row) => row.id === id)?.reply ?? '');

t.test('an answer with another code, of another card, too short or too long is none', async (t) => {
  for (const [id, parse] of Object.entries(PARSERS)) {
    const good = published(id);
    parse(good);
    for (let code = 0; code < 256; code += 1) {
      const changed = Uint8Array.from(good).fill(code, 0, 1);
      if (code !== good[0]) t.throws(() => parse(changed), CARD_PROTOCOL, `${id} code ${code}`);
    }
    for (let length = 0; length < good.length; length += 1) {
      // A poll is whole without what was asked for, and a service is an area without its end.
      const whole = (id === 'C02' && length === 17) || (id === 'C13' && length === 11);
      if (!whole) t.throws(() => parse(good.subarray(0, length)), CARD_PROTOCOL, `${id} ${length}`);
    }
    const longer = Buffer.concat([good, Uint8Array.of(0)]);
    t.throws(() => parse(longer), CARD_PROTOCOL, `${id} and one more`);
    if (id === 'C02' || id === 'C05') continue;
    const foreign = Buffer.from(good);
    foreign.writeUInt8(foreign.readUInt8(8) ^ 0x01, 8);
    t.throws(() => parse(foreign), { ...CARD_PROTOCOL, detail: { reason: /IDm/ } }, `${id} IDm`);
  }
});

t.test('answers that contradict themselves or the question', async (t) => {
  const idm = Buffer.from(IDM, 'hex').toString('hex');
  const none = { systemCode: 0xfe00 } as const;
  const poll = (data: string) => bytes(`01${idm}${PMM}${data}`);
  for (const [what, parse] of [
    [
      'another system answers',
      () => answers.parsePolling(poll('fe0f'), { ...none, requestCode: 1 }),
    ],
    ['data nobody asked for', () => answers.parsePolling(poll('fe00'), none)],
    ['half the data', () => answers.parsePolling(poll('fe'), { ...none, requestCode: 1 })],
    ['no system', () => answers.parseRequestSystemCode(bytes(`0d${idm}00`), IDM)],
    ['one system too few', () => answers.parseRequestSystemCode(bytes(`0d${idm}02fe00`), IDM)],
    ['half a system', () => answers.parseRequestSystemCode(bytes(`0d${idm}01fe`), IDM)],
    ['other count of nodes', () => answers.parseRequestService(bytes(`03${idm}01ffff`), IDM, 2)],
    ['a mode that is none', () => answers.parseRequestResponse(bytes(`05${idm}04`), IDM)],
    [
      'an end in the form of an area',
      () => answers.parseSearchServiceCode(bytes(`0b${idm}ffffffff`), IDM),
    ],
    ['a refusal with a list', () => answers.parseRequestCodeList(bytes(`1b${idm}ffa5000000`), IDM)],
    ['half a refusal', () => answers.parseRequestCodeList(bytes(`1b${idm}00a5000000`), IDM)],
    ['success without a list', () => answers.parseRequestCodeList(bytes(`1b${idm}0000`), IDM)],
    ['more, or twice more', () => answers.parseRequestCodeList(bytes(`1b${idm}0000020000`), IDM)],
    ['more areas than bytes', () => answers.parseRequestCodeList(bytes(`1b${idm}000000ff00`), IDM)],
    [
      'more free than there are',
      () => answers.parseRequestBlockInformationEx(bytes(`1f${idm}00000101000200`), IDM, 1),
    ],
    [
      'half not applicable',
      () => answers.parseRequestBlockInformationEx(bytes(`1f${idm}0000010100ffff`), IDM, 1),
    ],
    [
      'blocks of other nodes',
      () => answers.parseRequestBlockInformationEx(bytes(`1f${idm}0000020100010001000100`), IDM, 1),
    ],
  ] as const)
    t.throws(parse, CARD_PROTOCOL, what);
});

t.test('frames of the tests of other programs, to be read and to be refused', async (t) => {
  const whole = (frame: string) => withoutLength(bytes(frame));
  const nanaco = '013933333333e6f5';
  const search = (frame: string) => answers.parseSearchServiceCode(whole(frame), nanaco);
  t.strictSame(
    [
      '0e0b013933333333e6f50000feff',
      '0e0b013933333333e6f58055bf56',
      '0e0b013933333333e6f58155bf56',
    ].map(search),
    [
      { kind: 'area', code: 0x0000, endCode: 0xfffe },
      { kind: 'area', code: 0x5580, endCode: 0x56bf },
      { kind: 'area', code: 0x5581, endCode: 0x56bf },
    ],
  );
  t.strictSame(search('0c0b013933333333e6f58855'), { kind: 'service', code: 0x5588 });
  t.equal(answers.parseContainerId(whole('0a711234567890abcdef')), '1234567890abcdef');
  t.equal(answers.parseContainerId(whole('0a716d696e656d6f6269')), '6d696e656d6f6269');
  const absent = whole('0d03010203040506070801ffff');
  t.strictSame(answers.parseRequestService(absent, '0102030405060708', 1), [null]);
  const issue = (frame: string) =>
    answers.parseContainerIssueInformation(whole(frame), '01020304050607ff');
  t.equal(issue('1a2301020304050607ff01020304054142434445464748494a4b').carrier, '030405');
  const systems = (frame: string) =>
    answers.parseRequestSystemCode(whole(frame), '0123456789abcdef');
  for (const [read, frame] of [
    [issue, '1b2301020304050607ff01020304054142434445464748494a4b'],
    [issue, '1a2201020304050607ff01020304054142434445464748494a4b'],
    [systems, '0c0d0123456789abcdef01fe'],
    [systems, '0d0d0123456789abcdef02fe00'],
  ] as const)
    t.throws(() => read(frame), CARD_PROTOCOL, frame);
});

t.test('an answer of another card reaches nobody', async (t) => {
  const reader = new FakeReader(() => bytes(`0b${OTHER}ffff`));
  const asked = new FelicaCard(reader).searchServiceCode({ idm: IDM, pmm: PMM }, 1, wait());
  const error = await asked.then(String, (thrown: Error) => thrown);
  t.match(error, CARD_PROTOCOL);
  t.notMatch(`${error}`, '4022', 'and its IDm is in no message');
});

t.test('what cannot be asked is not asked', async (t) => {
  for (const ask of [
    () => commands.encodePolling({ systemCode: 0x10000 }),
    () => commands.encodeRequestService(IDM, []),
    () => commands.encodeRequestService(IDM, Array(33).fill(0)),
    () => commands.encodeRequestBlockInformationEx(IDM, Array(61).fill(0)),
    () => commands.encodeSearchServiceCode(IDM, -1),
    () => commands.encodeRequestCodeList(IDM, 0, 0),
    () => commands.encodeRequestSystemCode('0102'),
    () => commands.encodeRequestSystemCode(IDM.toUpperCase()),
  ])
    t.throws(ask, RangeError);
  const most = commands.encodeRequestService(IDM, Array(32).fill(0x1234));
  t.equal(most.length, 10 + 64);
  t.ok(hex(most)?.endsWith('341234123412'), 'little-endian');
  const codes = { systemCode: 0x0003, requestCode: 2, timeSlot: 0x0f } as const;
  t.equal(hex(commands.encodePolling(codes)), '000003020f', 'big-endian');
});

t.test('a chip has the time that its PMm says, and a margin', async (t) => {
  const near = (ms: number, expected: number) => t.ok(Math.abs(ms - expected) < 0.1, `${ms} ms`);
  near(responseTimeMs(PMM, 'request-service'), 19.3);
  near(responseTimeMs(PMM, 'request-service', 1), 19.3 + 9.67);
  near(responseTimeMs(PMM, 'request-service', 32), 328.6);
  near(responseTimeMs(PMM, 'fixed'), 33.8);
  near(responseTimeMs(PMM, 'other'), 154.7);
  near(responseTimeMs(PMM, 'other', 1), 309.3);
  t.equal(cardTimeoutMs(PMM, 'fixed'), 54);
  t.equal(cardTimeoutMs('0000000000000000', 'fixed'), 22, 'at least 2 ms and the margin');
  t.strictSame(
    [0x00, 0x01, 0x03, 0x07, 0x0f].map((slot) => pollTimeoutMs(slot as 0)),
    [...[10, 11, 14, 19, 28]],
  );
  const reader = new FakeReader(() => null);
  const card = new FelicaCard(reader);
  await card.poll({ systemCode: 0xffff }, wait());
  await card.requestService({ idm: IDM, pmm: PMM }, Array(32).fill(0), wait());
  await card.requestResponse({ idm: IDM, pmm: PMM }, wait());
  t.strictSame(reader.timeouts, [10, 349, 54]);
});
