import t from 'tap';
import { startReader } from '../../../src/devices/pasori/open-reader.js';
import { parseRecording, transferLine } from '../../../src/devices/pasori/recording.js';
import { RecordingTransfers } from '../../../src/devices/pasori/recording-transfers.js';
import { ReplayTransfers } from '../../../src/devices/pasori/replay-transfers.js';
import type { UsbTransfers } from '../../../src/devices/pasori/usb-transfers.js';
import { ACK, port100, port400, reply } from './helpers/readers.js';
import { BAD_AIR, CARD } from './helpers/vectors.js';
import { type Answer, bytes, everyByte, hex, payload, Wire, wait } from './helpers/wire.js';

const [poll] = CARD;
const POLL = payload(poll?.command ?? '');
const PAUSE = { pause: async () => undefined };
const HEAD = 'sarachi-recording 1\nreader 054c:06c3 1-4.2 serial 0123456\n';

/** What one measurement with a reader hears. */
async function measure(transfers: UsbTransfers): Promise<(string | null)[]> {
  const reader = await startReader(transfers, { ...wait(), ...PAUSE });
  const heard: (string | null)[] = [];
  for (const kbps of [212, 424] as const) {
    await reader.bitRate(kbps, wait());
    heard.push(hex(await reader.exchange(POLL, { ...wait(), cardTimeoutMs: 10 })));
  }
  await reader.field(false, wait());
  await reader.close();
  return heard;
}

const silence: Answer = [ACK, BAD_AIR[0]?.answer ?? ''];
const AIR = [
  [0x06c3, port100(oneThenSilence([ACK, poll?.answer ?? ''], silence))],
  [0x0dc9, port400(oneThenSilence([reply(`c0030090009714${poll?.reply}`)], [reply('c003006401')]))],
] as const;

function oneThenSilence(first: Answer, then: Answer): () => Answer {
  let asked = 0;
  return () => (asked++ === 0 ? first : then);
}

for (const [productId, answers] of AIR) {
  const name = productId.toString(16).padStart(4, '0');
  t.test(`${name}: what was recorded can be played, and is the same`, async (t) => {
    const wire = new Wire(productId, answers);
    wire.cut = everyByte;
    wire.leave('0102');
    const lines: string[] = [];
    const heard = await measure(new RecordingTransfers(wire, (line) => lines.push(line)));
    t.strictSame(heard, [poll?.reply?.slice(2), null]);
    const text = `${lines.join('\n')}\n`;
    t.match(text, new RegExp(`^sarachi-recording 1\\nreader 054c:${name} 1-4.2 serial 0123456\\n`));
    t.match(text, '\n< 0102\n< ! reader-timeout\n', 'what was left, and the quiet after it');

    const replay = new ReplayTransfers(parseRecording(text));
    t.strictSame(replay.device, wire.device);
    t.strictSame(await measure(replay), heard);
    t.equal(replay.left, 0);

    const again: string[] = [];
    const second = new ReplayTransfers(parseRecording(`# by hand\r\n\n${text}`));
    await measure(new RecordingTransfers(second, (line) => again.push(line)));
    t.strictSame(again, lines, 'a recording of a replay is the recording');
  });

  t.test(`${name}: whatever byte of a recording is changed, it is noticed`, async (t) => {
    const lines: string[] = [];
    await measure(new RecordingTransfers(new Wire(productId, answers), (line) => lines.push(line)));
    const text = lines.join('\n');
    for (const [at, line] of text.split('\n').entries()) {
      if (!line.startsWith('> ')) continue;
      const changed = text
        .split('\n')
        .with(at, `${line.slice(0, -1)}${line.endsWith('0') ? 1 : 0}`);
      const replay = new ReplayTransfers(parseRecording(changed.join('\n')));
      await t.rejects(measure(replay), { code: 'recording-mismatch' }, `line ${at + 1}`);
    }
  });
}

t.test('a replay is strict about order, direction, size and end', async (t) => {
  const replay = (...lines: string[]) =>
    new ReplayTransfers(parseRecording(`${HEAD}${lines.join('\n')}`));
  const mismatch = (reason: string) => ({ code: 'recording-mismatch', detail: { reason } });
  const read = (transfers: UsbTransfers, length = 64) => transfers.read(length, wait());

  const order = replay('> 0102', '< 03');
  await t.rejects(read(order), mismatch('the other direction'));
  await t.rejects(
    order.write(bytes('0102'), wait()),
    mismatch('the other direction'),
    'ever after',
  );
  await t.rejects(order.close(), mismatch('the other direction'));

  const other = replay('> 0102');
  await t.rejects(other.write(bytes('010200'), wait()), mismatch('other bytes were written'));

  const size = replay('< 010203');
  await t.rejects(read(size, 2), mismatch('less was asked for'));

  const end = replay('< -', '< ! reader-gone');
  t.equal((await read(end)).length, 0, 'a packet without bytes');
  await t.rejects(read(end), { code: 'reader-gone' }, 'a failure comes again');
  await t.rejects(read(end), mismatch('a transfer after the end'));

  const early = replay('< 01', '< 02');
  await read(early);
  await t.rejects(early.close(), mismatch('closed before the end'));
  await t.rejects(read(early), mismatch('closed before the end'));
  const stop = AbortSignal.abort();
  await t.rejects(replay('< 01').read(1, { signal: stop, timeoutMs: 1 }), { code: 'aborted' });
});

t.test('lines are in the order of the beginnings, whatever ends first', async (t) => {
  const wire = new Wire(0x06c3, () => 'hang');
  const lines: string[] = [];
  const recording = new RecordingTransfers(wire, (line) => lines.push(line));
  await recording.write(bytes('00'), wait());
  const stop = new AbortController();
  const hanging = recording.read(64, { signal: stop.signal, timeoutMs: 10_000 });
  wire.answer = () => [];
  await recording.write(bytes('01'), wait());
  stop.abort();
  await t.rejects(hanging, { code: 'aborted' });
  t.strictSame(lines.slice(1), ['> 00', '< ! aborted', '> 01']);
  t.equal(transferLine({ direction: '<', bytes: new Uint8Array(0) }), '< -');
});

t.test('a file that is no recording names its line', async (t) => {
  for (const [text, line] of [
    ['', 1],
    ['sarachi-recording 2\n', 1],
    ['# a recording\n\nsarachi-recording\n', 3],
    ['sarachi-recording 1\n', 2],
    ['sarachi-recording 1\nreader 054c:06c3 1-4.2\n', 2],
    ['sarachi-recording 1\nreader 054c:06c3 4.2 serial -\n', 2],
    ['sarachi-recording 1\nreader 054c:06c3 1-4.2 serial ../x\n', 2],
    [`${HEAD}> 0\n`, 3],
    [`${HEAD}> 01\n\n# so\n>  02\n`, 6],
    [`${HEAD}> 01 02\n`, 3],
    [`${HEAD}= 01\n`, 3],
    [`${HEAD}< ! no-such-error\n`, 3],
    [`${HEAD}< ! constructor\n`, 3],
    [`${HEAD}< 0A\n`, 3],
  ] as const)
    t.throws(
      () => parseRecording(text),
      { code: 'recording-invalid', detail: { line } },
      JSON.stringify(text),
    );
});
