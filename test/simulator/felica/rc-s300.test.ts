import t from 'tap';
import { fromHex, joined, le32, toHex } from '../../../src/simulator/felica/bytes.js';
import { CLEAN, desk, drain, OPENING_300, ready300 } from './fixtures.js';
import { TestTime } from './test-time.js';

const POLL_FRAME = '0600fe000100';
const POLLED = '1401014011111111b66001188b868fbecbfffe00';
const [END = '', BEGIN = '', RF_OFF = '', RF_ON = '', FELICA = ''] = OPENING_300.map(([out]) =>
  out.slice(20),
);
const FOUND = `c003009000920100960200009714${POLLED}9000`;
const NOBODY = 'c0030064019000';
const PROTOCOL = 'c0030063019000';
const OK = 'c0030090009000';

function message(apdu: string, seq = 0x20): string {
  const bytes = fromHex(apdu);
  return toHex(joined([0x6b], le32(bytes.length), [0, seq, 0, 0, 0], bytes));
}

function reply(body: string, seq = 0x20): string {
  const bytes = fromHex(body);
  return toHex(joined([0x83], le32(bytes.length), [0, seq, 0, 0, 0], bytes));
}

/** A transparent exchange; `before` are fields that come ahead of the frame. */
function exchange(frame: string, before = '5f4604a0860100'): string {
  const length = (frame.length / 2).toString(16).padStart(4, '0');
  const fields = `${before}9582${length}${frame}`;
  const lc = (fields.length / 2).toString(16).padStart(4, '0');
  return `ff50000100${lc}${fields}000000`;
}

const POLL = exchange(POLL_FRAME);
const STREAM = [...OPENING_300.map(([out]) => out), message(POLL)].join('');
const SAID = [...OPENING_300.map(([, answer]) => answer), reply(FOUND)].join('');

t.test('messages may come cut at any byte, byte by byte, or all at once', async (t) => {
  for (let at = 0; at <= STREAM.length / 2; at += 1) {
    const { bulk } = desk(CLEAN, { model: 'RC-S300/P' });
    await bulk.out(fromHex(STREAM.slice(0, at * 2)));
    await bulk.out(fromHex(STREAM.slice(at * 2)));
    t.equal((await drain(bulk)).join(''), SAID, `cut at ${at}`);
  }
  const { bulk } = desk(CLEAN, { model: 'RC-S300/P' });
  for (const byte of fromHex(STREAM)) await bulk.out(Uint8Array.of(byte));
  t.equal((await drain(bulk)).join(''), SAID, 'byte by byte');
});

t.test('a session has its order', async (t) => {
  const { ask, reader } = desk(CLEAN, { model: 'RC-S300/S' });
  const does = async (apdu: string) => (await ask(message(apdu))).map((text) => text.slice(20));
  for (const apdu of [POLL, RF_ON, RF_OFF, FELICA])
    t.same(await does(apdu), ['6985'], 'no session');
  t.same(await does('ff5d000000'), ['9000'], 'the speed is set outside');
  t.same(await does(END), [OK], 'ending what is not there');
  t.same(await does(BEGIN), [OK]);
  t.same(await does(BEGIN), ['6985'], 'twice');
  t.same(await does('ff5d000000'), ['6985']);
  t.same(await does(RF_ON), [OK]);
  t.same(await does(POLL), [PROTOCOL], 'FeliCa was not chosen');
  t.same(await does(FELICA), [OK]);
  t.same(await does(POLL), [FOUND]);
  t.same(await does(RF_OFF), [OK]);
  t.same(await does(POLL), [NOBODY], 'a reader without a field does not say so');
  t.same(await does(RF_ON), [OK]);
  t.same(await does(POLL), [FOUND]);
  t.ok(reader.isFieldOn);
  t.same(await does(END), [OK]);
  t.notOk(reader.isFieldOn);
});

t.test('what is said in one exchange counts for the next ones, until a reset', async (t) => {
  const { ask } = await ready300(CLEAN);
  const does = async (apdu: string) => (await ask(message(apdu))).map((text) => text.slice(20));
  t.same(await does(exchange(POLL_FRAME, '9002001c5f4604a0860100')), [FOUND]);
  t.same(await does(exchange(POLL_FRAME, '910107')), [NOBODY], 'seven bits of the last byte');
  t.same(await does(POLL), [NOBODY], 'still');
  t.same(await does(exchange(POLL_FRAME, '910100')), [FOUND]);
  t.same(await does(exchange(POLL_FRAME, '9002001d')), [NOBODY], 'the host adds no checksum');
  await does('ff5500000200 00');
  for (const apdu of [BEGIN, RF_ON, FELICA]) await does(apdu);
  t.same(await does(POLL), [FOUND]);
  t.same(await does(exchange(POLL_FRAME, 'ee0100')), ['6a80'], 'a field that nobody knows');
});

t.test('what the reader tells about itself', async (t) => {
  const { ask, reader } = desk(CLEAN, { model: 'RC-S300/S' });
  const does = async (apdu: string) => (await ask(message(apdu)))[0]?.slice(20);
  t.equal(await does('ff5f0300'), `${Buffer.from('0123456').toString('hex')}9000`);
  t.equal(await does('ff5f0200'), `${Buffer.from('FeliCa Port/PaSoRi 4.0').toString('hex')}9000`);
  t.equal(await does('ffcaf200'), '029000');
  t.equal(await does('ff110000'), '6d00');
  t.equal(await does('00560000'), '6e00');
  t.equal(await does('ff50'), '6700');
  const classes = reader.description.interfaces.map((one) => one.interfaceClass);
  t.same(classes, [0x0b, 0xff]);
  t.match(reader.description, { vendorId: 0x054c, productId: 0x0dc8 });
});

t.test('answers carry the number of their command, stale ones too', async (t) => {
  const { ask, reader } = await ready300(CLEAN);
  t.same(await ask(message(POLL, 0xfe)), [reply(FOUND, 0xfe)]);
  reader.faults.lateReplies = 1;
  t.same(await ask(message(POLL, 0xff)), []);
  t.same(await ask(message(POLL, 0x00)), [reply(FOUND, 0xff), reply(FOUND, 0x00)]);
  reader.faults.truncatedReplies = 1;
  t.same(await ask(message(POLL)), [reply(FOUND).slice(0, -6)]);
  reader.faults.lostReplies = 1;
  t.same(await ask(message(POLL)), []);
  reader.faults.refusals = 1;
  t.same(await ask(message(POLL)), [reply('6985')]);
  t.same(await ask(message(POLL).replace(/^(.{10})00/, '$101')), ['8300000000002040' + '0500']);
  t.same(await ask('00112233'), [], 'not a message');
  t.same(await ask(message(POLL)), [reply(FOUND)]);
  reader.faults.unknownElements = true;
  t.same(await ask(message(POLL)), [reply(FOUND.replace(/9000$/, 'df7f01009000'))]);
});

t.test('one command at a time', async (t) => {
  const time = new TestTime();
  const { ask, bulk } = await ready300(CLEAN, { time, pace: 1 });
  t.same(await ask(message(POLL, 1)), []);
  t.same(await ask(message(POLL, 2)), ['8300000000000240e000'], 'busy');
  time.pass(5);
  t.same(await drain(bulk), [reply(FOUND, 1)]);
  const absent = message(exchange('060000030100'), 3);
  t.same(await ask(absent), []);
  time.pass(100);
  t.same(await drain(bulk), [], '100 ms from the end of the command');
  time.pass(1);
  t.same(await drain(bulk), [reply(NOBODY, 3)]);
});

t.test('what goes wrong on the air', async (t) => {
  const { ask, reader } = await ready300(CLEAN);
  const does = async () => (await ask(message(POLL))).map((text) => text.slice(20));
  for (const [fault, body] of [
    ['lost', NOBODY],
    ['crc', PROTOCOL],
    ['collision', PROTOCOL],
    ['truncated', `c003009000920100960200009713${POLLED.slice(0, -2)}9000`],
    ['field-drop', NOBODY],
  ] as const) {
    reader.faults.onAir = () => fault;
    t.same(await does(), [body], fault);
  }
  reader.faults.onAir = () => null;
  t.same(await does(), [NOBODY], 'the field stays away, and the reader says nothing of it');
  for (const apdu of [RF_OFF, RF_ON]) await ask(message(apdu));
  t.same(await does(), [FOUND]);
  reader.faults.stopsDetecting = true;
  t.same(await does(), [NOBODY]);
  await ask(message('ff55000002 0000'));
  for (const apdu of [BEGIN, RF_ON, FELICA]) await ask(message(apdu));
  t.same(await does(), [FOUND], 'a reset helps');
});

t.test(
  'an idle session can be lost, and an old one is still there for who opens the reader',
  async (t) => {
    const time = new TestTime();
    const { ask, reader, bulk } = await ready300(CLEAN, { time });
    reader.faults.sessionIdleMs = 5_000;
    time.pass(4_000);
    t.same(await ask(message(POLL)), [reply(FOUND)]);
    time.pass(6_000);
    t.same(await ask(message(POLL)), [reply('6985')]);
    await ask(message(BEGIN));
    await bulk.close();
    const next = reader.transfers();
    await next.out(fromHex(message(BEGIN)));
    t.same(await drain(next), [reply('6985')], 'the last user did not end it');
  },
);
