import t from 'tap';
import {
  encodeFrame,
  FRAME,
  type FrameState,
  NO_FRAME,
  readFrames,
  type ShellPiece,
} from '../../../src/devices/adb/shell-frames.js';

const text = (value: string) => Buffer.from(value);
const STREAM = Buffer.concat([
  encodeFrame(FRAME.stdout, text('ok\n')),
  encodeFrame(FRAME.stdout, text('')),
  encodeFrame(FRAME.stderr, text('更地')),
  encodeFrame(FRAME.windowSize, text('80x24')),
  encodeFrame(FRAME.stdout, text('end')),
  encodeFrame(FRAME.exit, Buffer.of(3)),
]);

function readAll(chunks: readonly Uint8Array[]) {
  let state: FrameState = NO_FRAME;
  const pieces: ShellPiece[] = [];
  for (const chunk of chunks) {
    const step = readFrames(state, chunk);
    state = step.state;
    pieces.push(...step.pieces);
  }
  const joined = (type: 'stdout' | 'stderr') =>
    Buffer.concat(pieces.flatMap((piece) => (piece.type === type ? [piece.bytes] : []))).toString();
  const exits = pieces.flatMap((piece) => (piece.type === 'exit' ? [piece.code] : []));
  return { stdout: joined('stdout'), stderr: joined('stderr'), exits };
}

const WHOLE = { stdout: 'ok\nend', stderr: '更地', exits: [3] };

t.test('the golden bytes of one command', async (t) => {
  const golden = Buffer.from('01030000006f6b0a030100000000', 'hex');
  t.same(readAll([golden]), { stdout: 'ok\n', stderr: '', exits: [0] });
});

t.test('cut in two and in three at every byte', async (t) => {
  for (let first = 0; first <= STREAM.length; first += 1) {
    for (let second = first; second <= STREAM.length; second += 1) {
      const cut = [
        STREAM.subarray(0, first),
        STREAM.subarray(first, second),
        STREAM.subarray(second),
      ];
      const got = readAll(cut);
      if (JSON.stringify(got) !== JSON.stringify(WHOLE)) t.same(got, WHOLE, `${first} ${second}`);
    }
  }
  t.same(readAll([...STREAM].map((byte) => Buffer.of(byte))), WHOLE);
});

t.test('a stream that ends early has no exit', async (t) => {
  for (let length = 0; length < STREAM.length; length += 1)
    if (readAll([STREAM.subarray(0, length)]).exits.length > 0)
      t.fail(`exit after ${length} bytes`);
  t.pass('no prefix has one');
});

t.test('what is no frame is an error', async (t) => {
  const broken = (hex: string) => () => readFrames(NO_FRAME, Buffer.from(hex, 'hex'));
  t.throws(broken('0600000000'), { code: 'adb-protocol' });
  t.throws(broken('ff01000000aa'), { code: 'adb-protocol' });
  t.throws(broken('0300000000'), { code: 'adb-protocol' }, 'an exit without a code');
  t.throws(broken('030200000001'), { code: 'adb-protocol' });
});

t.test('a frame that announces gigabytes is handed on as it comes', async (t) => {
  const { pieces, state } = readFrames(NO_FRAME, Buffer.from('01ffffffff6869', 'hex'));
  t.match(pieces, [{ type: 'stdout', bytes: text('hi') }]);
  t.match(state, { open: { id: 1, left: 0xffffffff - 2 } });
});
