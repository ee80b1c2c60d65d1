import t from 'tap';
import { bannerText } from '../../../src/simulator/android/adbd/banner.js';
import {
  COMMAND,
  encodePacket,
  type Packet,
  PacketParser,
  packet,
} from '../../../src/simulator/android/adbd/packet.js';
import {
  encodeShellFrame,
  SHELL_FRAME,
  ShellFrameParser,
} from '../../../src/simulator/android/adbd/shell-frames.js';

const V1 = 0x01000001;
const V0 = 0x01000000;

function hex(text: string): Buffer {
  return Buffer.from(text.replace(/\s/g, ''), 'hex');
}

const BANNER = bannerText({
  state: 'device',
  version: V1,
  maxPayload: 0x100000,
  properties: { 'ro.product.name': 'x1', 'ro.product.model': 'SO 52C', 'ro.product.device': 'pdx' },
  features: ['shell_v2', 'cmd', 'delayed_ack', 'stat_v2', 'sendrecv_v2_zstd'],
});

const SHELL_BYTES = Buffer.concat([
  encodeShellFrame(SHELL_FRAME.STDOUT, Buffer.from('ok\n')),
  encodeShellFrame(SHELL_FRAME.EXIT, Buffer.of(0)),
]);

// As on the wire, with the sums that versions after 0x01000000 leave out of all but CNXN and AUTH.
const GOLDEN = {
  cnxn: Buffer.concat([
    hex('434e584e 01000001 00001000 66000000 93250000 bcb1a7b1'),
    Buffer.from(
      'device::ro.product.name=x1;ro.product.model=SO 52C;ro.product.device=pdx;features=shell_v2,cmd,stat_v2',
    ),
  ]),
  open: hex('4f50454e 1c000000 00000000 09000000 31030000 b0afbab1 7368656c6c3a6c7300'),
  okay: hex('4f4b4159 64000000 1c000000 00000000 00000000 b0b4bea6'),
  wrte: hex('57525445 64000000 1c000000 0e000000 ec000000 a8adabba 01030000006f6b0a 030100000000'),
  close: hex('434c5345 64000000 1c000000 00000000 00000000 bcb3acba'),
  refused: hex('434c5345 00000000 1c000000 00000000 00000000 bcb3acba'),
};

const MESSAGES: readonly Packet[] = [
  packet(COMMAND.CNXN, V1, 0x100000, Buffer.from(BANNER)),
  packet(COMMAND.OPEN, 0x1c, 0, Buffer.from('shell:ls\0')),
  packet(COMMAND.OKAY, 0x64, 0x1c),
  packet(COMMAND.WRTE, 0x64, 0x1c, SHELL_BYTES),
  packet(COMMAND.CLSE, 0x64, 0x1c),
  packet(COMMAND.CLSE, 0, 0x1c),
];

function parse(chunks: Iterable<Uint8Array>, maxPayload = 0x100000, version = V0): Packet[] {
  const parser = new PacketParser({ maxPayload, version });
  parser.agree(version);
  const found: Packet[] = [];
  for (const chunk of chunks) found.push(...parser.push(chunk));
  return found;
}

t.test('packets are the golden bytes, with checksums where the version has them', async (t) => {
  const golden = Object.values(GOLDEN);
  t.strictSame(
    MESSAGES.map((message) => encodePacket(message, V0).toString('hex')),
    golden.map((bytes) => bytes.toString('hex')),
  );
  const [, open] = MESSAGES;
  const unsummed = Buffer.from(GOLDEN.open);
  unsummed.fill(0, 16, 20);
  t.strictSame(open && encodePacket(open, V1), unsummed);
  t.strictSame(
    encodePacket(packet(COMMAND.CNXN, V1, 0x100000, Buffer.from(BANNER)), V1),
    GOLDEN.cnxn,
  );
  t.throws(() => encodePacket(packet(COMMAND.CNXN, V1, 1, Buffer.alloc(4097)), V1), {
    code: 'internal',
  });
});

t.test('a trace cut at every byte, or into single bytes, gives the same packets', async (t) => {
  const trace = Buffer.concat(Object.values(GOLDEN));
  for (let cut = 0; cut <= trace.length; cut += 1) {
    const found = parse([trace.subarray(0, cut), trace.subarray(cut)]);
    if (JSON.stringify(found) !== JSON.stringify(MESSAGES)) t.fail(`cut at ${cut}`);
  }
  t.strictSame(parse([...trace].map((byte) => Buffer.of(byte))), MESSAGES);
  for (let end = 0; end < trace.length; end += 1) {
    if (parse([trace.subarray(0, end)]).length >= MESSAGES.length) t.fail(`whole at ${end}`);
  }
});

t.test('what breaks the framing is an error before any of its payload is kept', async (t) => {
  const spoil = (bytes: Buffer, offset: number, value: number) => {
    const copy = Buffer.from(bytes);
    copy.writeUInt32LE(value, offset);
    return copy;
  };
  const refuses = (bytes: Buffer, fault: string, version = V0) => {
    t.throws(() => parse([bytes], 4096, version), { code: 'adb-protocol', detail: { fault } });
  };
  refuses(spoil(GOLDEN.okay, 20, 7), 'magic');
  refuses(spoil(GOLDEN.open, 16, 0), 'checksum');
  refuses(spoil(GOLDEN.cnxn, 16, 1), 'checksum', V1);
  refuses(spoil(GOLDEN.cnxn, 16, 0), 'checksum');
  refuses(spoil(GOLDEN.wrte, 12, 4097).subarray(0, 24), 'payload too long');
  refuses(spoil(GOLDEN.wrte, 12, 0xffffffff).subarray(0, 24), 'payload too long');
  const handshake = spoil(GOLDEN.cnxn, 12, 4097).subarray(0, 24);
  t.throws(() => parse([handshake], 0x100000), {
    code: 'adb-protocol',
    detail: { fault: 'payload too long' },
  });
  for (const unsummed of [GOLDEN.open, GOLDEN.cnxn]) {
    t.equal(parse([spoil(unsummed, 16, 0)], 4096, V1).length, 1, 'unsummed packets pass in V1');
  }
});

t.test('a version agreed on one packet holds for the next of the same chunk', async (t) => {
  const parser = new PacketParser({ maxPayload: 4096, version: V1 });
  const unsummed = encodePacket(packet(COMMAND.WRTE, 1, 2, Buffer.from('x')), V1);
  const names: number[] = [];
  for (const { command } of parser.push(Buffer.concat([GOLDEN.cnxn, unsummed]))) {
    names.push(command);
    if (command === COMMAND.CNXN) parser.agree(V1);
  }
  t.strictSame(names, [COMMAND.CNXN, COMMAND.WRTE]);
});

t.test('an old handset ends its banner after the last property', async (t) => {
  const properties = { 'ro.product.name': 'a' };
  const old = {
    state: 'recovery',
    version: V0,
    maxPayload: 4096,
    properties,
    features: [],
  } as const;
  t.equal(bannerText(old), 'recovery::ro.product.name=a;');
});

t.test('shell frames survive every cut, and a long frame is not collected', async (t) => {
  const trace = Buffer.concat([
    encodeShellFrame(SHELL_FRAME.STDIN, Buffer.from('hello')),
    encodeShellFrame(SHELL_FRAME.CLOSE_STDIN, Buffer.alloc(0)),
    encodeShellFrame(SHELL_FRAME.STDERR, Buffer.from('!')),
  ]);
  const joined = (chunks: Buffer[]) => {
    const parser = new ShellFrameParser();
    const pieces = chunks.flatMap((chunk) => [...parser.push(chunk)]);
    const text = (id: number) =>
      pieces.flatMap((piece) => (piece.id === id ? [piece.data.toString()] : [])).join('');
    const ends = pieces.filter(({ id }) => id === SHELL_FRAME.CLOSE_STDIN).length;
    return [text(SHELL_FRAME.STDIN), text(SHELL_FRAME.STDERR), ends];
  };
  for (let cut = 0; cut <= trace.length; cut += 1) {
    const got = joined([trace.subarray(0, cut), trace.subarray(cut)]);
    t.strictSame(got, ['hello', '!', 1], `cut at ${cut}`);
  }
  const parser = new ShellFrameParser();
  const huge = hex('00 ffffffff 6162');
  t.strictSame([...parser.push(huge)], [{ id: 0, data: Buffer.from('ab') }]);
});
