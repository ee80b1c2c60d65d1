import t from 'tap';
import { fromHex } from '../../../src/simulator/felica/bytes.js';
import { randomAirFaults, seededRandom } from '../../../src/simulator/felica/faults.js';
import { FelicaHandset } from '../../../src/simulator/felica/felica-handset.js';
import { cardSession } from './card-session.js';
import { ACK, CLEAN, desk, drain, NANACO, OPENING_380, ready380, vector } from './fixtures.js';
import { TestTime } from './test-time.js';

const POLL = vector('C02');
const ABSENT = vector('C04');
const SWITCH_OFF = '0000ffffff0300fdd606002400';
const STREAM = [ACK, ...OPENING_380.map(([out]) => out), POLL.out, vector('C11').out].join('');
const SAID = [
  ...OPENING_380.map(([, answer]) => ACK + answer),
  ACK + POLL.in,
  ACK + vector('C11').in,
].join('');

t.test('frames may come cut at any byte, byte by byte, or all at once', async (t) => {
  const bytes = STREAM.length / 2;
  for (let at = 0; at <= bytes; at += 1) {
    const { bulk } = desk(CLEAN);
    await bulk.out(fromHex(STREAM.slice(0, at * 2)));
    await bulk.out(fromHex(STREAM.slice(at * 2)));
    t.equal((await drain(bulk)).join(''), SAID, `cut at ${at}`);
  }
  const { bulk } = desk(CLEAN);
  for (const byte of fromHex(STREAM)) await bulk.out(Uint8Array.of(byte));
  t.equal((await drain(bulk)).join(''), SAID, 'byte by byte');
});

t.test('answers come as sent, glued or in pieces', async (t) => {
  const { ask, reader } = await ready380(CLEAN);
  t.same(await ask(POLL.out), [ACK, POLL.in]);
  reader.faults.pieces = 'glued';
  t.same(await ask(POLL.out), [ACK + POLL.in]);
  reader.faults.pieces = 1;
  const single = await ask(POLL.out);
  t.equal(single.join(''), ACK + POLL.in);
  t.ok(single.every((piece) => piece.length === 2));
  reader.faults.pieces = 16;
  t.same(
    (await ask(POLL.out)).map((piece) => piece.length / 2),
    [6, 16, 16, 5],
  );
});

t.test('a frame that is not one is not obeyed', async (t) => {
  const { ask, bulk } = desk(CLEAN);
  const version = OPENING_380[1] ?? ['', ''];
  t.same(await ask('0000ffffff0200ffd6200a00'), [], 'checksum of the length');
  t.same(await ask('0000ffffff0200fed6200b00'), ['0000ffffff00'], 'checksum of the data');
  t.same(await ask('0000ffffff0200fed6200aff'), ['0000ffffff00'], 'end');
  t.same(await ask('0000ffffffe90314d6'), [], 'a length that is right and not all there yet');
  t.same(await ask(ACK), [], 'the host begins anew');
  t.same(await ask('0000ffffffea0313'), [], 'longer than any frame');
  t.same(await ask(`0102${version[0]}`), [ACK, version[1]], 'after rubbish');
  t.same(await ask('0000ffffff0200fed720 0900'), ['0000ffffff00'], 'not towards the reader');
  t.same(
    await ask('0000ffffff0200fed644e600'),
    ['0000ffffff00'],
    'a command that it does not have',
  );
  await bulk.out(fromHex('0000ffffff0200fed6200a'));
  t.same(await drain(bulk), [], 'its end is missing');
  t.same(await ask('00'), [ACK, version[1]]);
});

t.test('commands need the right order', async (t) => {
  const { ask, reader } = desk(CLEAN);
  const [type, , , , setRf, protocol] = OPENING_380.map(([out]) => out);
  const protocolError = '0000ffffff0600fad705010000002300';
  t.same(await ask(setRf ?? ''), [ACK, '0000ffffff0300fdd701072100'], 'no command type yet');
  t.same(await ask(POLL.out), [ACK, protocolError]);
  await ask(type ?? '');
  await ask(setRf ?? '');
  t.same(await ask(POLL.out), [ACK, protocolError], 'no protocol yet');
  await ask(protocol ?? '');
  t.same(await ask(POLL.out), [ACK, POLL.in]);
  t.ok(reader.isFieldOn);
  t.same(await ask('0000ffffff0600fad60001010f021700'), [ACK, '0000ffffff0300fdd701012700']);
  await ask(SWITCH_OFF);
  t.notOk(reader.isFieldOn);
  t.same(await ask(POLL.out), [ACK, '0000ffffff0600fad705000400002000'], 'without a field');
  t.same(await ask('0000ffffff0400fcd6120000 1800'), [ACK, '0000ffffff0300fdd713001600'], 'reset');
  t.same(await ask(POLL.out), [ACK, protocolError], 'all is forgotten');
});

t.test('the reader misbehaves as it is told, and as often', async (t) => {
  const { ask, reader } = await ready380(CLEAN);
  const { faults } = reader;
  faults.wrongChecksums = 1;
  const [, damaged = ''] = await ask(POLL.out);
  t.equal(damaged.slice(0, -4), POLL.in.slice(0, -4));
  t.not(damaged, POLL.in);
  faults.truncatedReplies = 1;
  t.same(await ask(POLL.out), [ACK, POLL.in.slice(0, -6)]);
  faults.lostReplies = 1;
  t.same(await ask(POLL.out), [ACK]);
  faults.missingAcks = 1;
  t.same(await ask(POLL.out), [POLL.in]);
  faults.errorFrames = 1;
  t.same(await ask(POLL.out), ['0000ffffff00']);
  faults.lateReplies = 1;
  t.same(await ask(POLL.out), [ACK]);
  t.same(await ask(vector('C01').out), [POLL.in, ACK, vector('C01').in], 'the stale one first');
  reader.leaveUnread(fromHex('01020304'));
  t.same(await ask(POLL.out), ['01020304', ACK, POLL.in]);
  faults.stopsDetecting = true;
  t.same(await ask(POLL.out), [ACK, ABSENT.in]);
  t.same(await ask(POLL.out), [ACK, ABSENT.in]);
});

t.test('everything on the air takes its time', async (t) => {
  const time = new TestTime();
  const { bulk, ask, reader } = desk(CLEAN, { time, pace: 1 });
  for (const [out] of OPENING_380) await ask(out);
  t.same(await ask(POLL.out), [ACK], 'acknowledged at once');
  // 24 ms until a chip is awake, 0.604 ms for 16 bytes, 2.417 ms to the slot, 1.133 ms for 30 bytes.
  time.pass(28.1);
  t.same(await drain(bulk), []);
  time.pass(0.1);
  t.same(await drain(bulk), [POLL.in]);
  t.same(await ask(ABSENT.out), [ACK]);
  time.pass(11.5);
  t.same(await drain(bulk), []);
  time.pass(0.2);
  t.same(await drain(bulk), [ABSENT.in], '11 ms after the end of the command');
  t.ok(Math.abs(reader.airMs - 39.76) < 0.1, `${reader.airMs} ms`);
  const waiting = bulk.in(30);
  time.pass(31);
  t.equal(await waiting, null);
});

t.test('an acknowledgement of the host cancels what runs', async (t) => {
  const time = new TestTime();
  const { ask, bulk, reader } = desk(CLEAN, { time, pace: 1 });
  for (const [out] of OPENING_380) await ask(out);
  const endless = '0000ffffff0a00f6d60400000600000301001c00';
  t.same(await ask(endless), [ACK]);
  time.pass(100_000);
  t.same(await ask(POLL.out), [], 'nothing else is done meanwhile');
  t.same(await ask(ACK), []);
  time.pass(100_000);
  t.same(await drain(bulk), [], 'the one that waited is forgotten, too');
  reader.faults.staleAfterCancel = true;
  await ask(ABSENT.out);
  await ask(ACK);
  t.same(await ask(POLL.out), [ABSENT.in, ACK], 'a stale answer');
  time.pass(100);
  t.same(await drain(bulk), [POLL.in]);
});

t.test('the cable, and who may open the reader', async (t) => {
  const { reader, bulk, ask } = await ready380(CLEAN);
  t.throws(() => reader.transfers(), { message: 'busy' });
  const { address, ...lasting } = reader.description;
  const seen: boolean[] = [];
  const unwatch = reader.watch(() => seen.push(reader.isPlugged));
  const waiting = t.rejects(bulk.in(10_000), { message: 'no-device' });
  reader.unplug();
  await waiting;
  await t.rejects(ask(POLL.out), { message: 'no-device' });
  t.throws(() => reader.transfers(), { message: 'no-device' });
  reader.plug();
  unwatch();
  t.same(seen, [false, true]);
  t.match(reader.description, { ...lasting, address: address + 1 });
  t.match(lasting, { vendorId: 0x054c, productId: 0x06c3, serialNumber: '0123456' });
  await t.rejects(ask(POLL.out), { message: 'no-device' });
  reader.faults.heldByOther = true;
  t.throws(() => reader.transfers(), { message: 'busy' });
  reader.faults.heldByOther = false;
  const again = reader.transfers();
  await again.out(fromHex(POLL.out));
  t.same(await drain(again), [ACK, '0000ffffff0600fad705010000002300'], 'it must be set up anew');
  await again.close();
  await t.rejects(again.in(0), { message: 'closed' });
});

t.test('a reader that lost its power has nothing left to say', async (t) => {
  for (const unplugs of ['before', 'during'] as const) {
    const { reader, bulk } = await ready380(CLEAN);
    if (unplugs === 'before') reader.leaveUnread(fromHex('01020304'));
    else
      reader.faults.onAir = () => {
        reader.unplug();
        return null;
      };
    await bulk.out(fromHex(POLL.out));
    reader.unplug();
    reader.plug();
    reader.faults.onAir = () => null;
    const next = reader.transfers();
    t.same(await drain(next), [], unplugs);
    await next.out(fromHex(OPENING_380[1]?.[0] ?? ''));
    t.same(await drain(next), [ACK, OPENING_380[1]?.[1]], 'it works');
  }
});

t.test('ten thousand random faults of the air never make an answer up', async (t) => {
  const { reader } = desk(NANACO);
  reader.unplug();
  reader.plug();
  const card = await cardSession(reader);
  const truth = vector('C18').reply;
  const counts = new Map<string, number>();
  reader.faults.onAir = randomAirFaults(seededRandom(6), 0.5);
  for (let count = 0; count < 10_000; count += 1) {
    const answer = await card.send(vector('C18').command);
    const kind = answer === truth ? 'whole' : answer === truth.slice(0, -2) ? 'cut' : answer;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    if (answer.startsWith('status 0004')) await card.cycleField();
  }
  t.same([...counts.keys()].sort(), [
    '',
    'cut',
    'status 00040000',
    'status 04000000',
    'status 08000000',
    'whole',
  ]);
  t.ok((counts.get('whole') ?? 0) > 4_500 && (counts.get('whole') ?? 0) < 5_500);
});

t.test('two handsets are told apart only where they answer in different time slots', async (t) => {
  const { reader, ask } = desk(CLEAN);
  for (const [out] of OPENING_380) await ask(out);
  for (const target of reader.targets) reader.take(target);
  let slot = 0;
  reader.put(new FelicaHandset('first slot', CLEAN, { random: () => 0 }));
  reader.put(new FelicaHandset('any slot', NANACO, { random: () => slot }));
  const poll = '0000ffffff0a00f6d6046e000600fe00010fa400';
  t.same(await ask(poll), [ACK, '0000ffffff0600fad705080000001c00'], 'at once');
  slot = 0.99;
  t.same(await ask(poll), [ACK, POLL.in]);
});
