import t from 'tap';
import { encodeFrame, FRAME } from '../../../src/devices/adb/shell-frames.js';
import { runShell } from '../../../src/devices/adb/shell-v2.js';
import { request } from '../../../src/devices/adb/smart-socket.js';
import { pushFile, SYNC_DATA_MAX } from '../../../src/devices/adb/sync-push.js';
import { FakeAdbServer, fail, hex4, OKAY, type Wire } from '../helpers/fake-adb-server.js';
import type { Owner } from '../helpers/owner.js';

const soon = () => ({ signal: new AbortController().signal, timeoutMs: 10_000 });
const text = (value: string) => Buffer.from(value);
const out = (value: string) => encodeFrame(FRAME.stdout, text(value));
const exit = (code: number) => encodeFrame(FRAME.exit, Buffer.of(code));

async function serverWith(t: Owner, behaviour: (wire: Wire) => Promise<void> | void) {
  const server = await new FakeAdbServer(behaviour).listen();
  t.teardown(() => server.close());
  return server;
}

/** Takes a connection to transport 7 and returns the service that was asked for. */
async function service(wire: Wire): Promise<string> {
  if ((await wire.next()) !== 'host:transport-id:7') throw new Error('wrong transport');
  wire.send(OKAY);
  return wire.next();
}

function shellOn(server: FakeAdbServer, options: Partial<Parameters<typeof runShell>[1]> = {}) {
  const where = {
    endpoint: server.endpoint,
    transportId: 7,
    command: 'ls',
    onBytes: () => undefined,
  };
  return runShell(where, { ...soon(), ...options });
}

t.test('a question, its answer, and an answer cut at every byte', async (t) => {
  const server = await serverWith(t, async (wire) => {
    t.equal(await wire.next(), 'host:version');
    wire.send(OKAY, hex4('0029'));
  });
  t.equal(await request(server.endpoint, 'host:version', soon()), '0029');

  const whole = Buffer.concat([OKAY, hex4('0029')]);
  for (let length = 0; length < whole.length; length += 1) {
    server.behaviour = async (wire) => {
      await wire.next();
      wire.socket.end(whole.subarray(0, length));
    };
    const asked = request(server.endpoint, 'host:version', soon());
    await t.rejects(asked, { code: 'adb-server-gone' }, `after ${length} bytes`);
  }
  server.behaviour = async (wire) => {
    await wire.next();
    await wire.trickle(whole);
  };
  t.equal(await request(server.endpoint, 'host:version', soon()), '0029', 'byte by byte');
});

t.test('what the server may answer instead', async (t) => {
  const answers = [
    [
      fail('unknown host service'),
      { code: 'adb-refused', detail: { message: 'unknown host service' } },
    ],
    [fail('evil\u0007\u202e text'), { code: 'adb-refused', detail: { message: 'evil text' } }],
    [text('HTTP/1.1 400'), { code: 'adb-protocol' }],
    [text('OKAYzzzz'), { code: 'adb-protocol' }],
    [text('OKAY-001'), { code: 'adb-protocol' }],
  ] as const;
  for (const [bytes, error] of answers) {
    const server = await serverWith(t, async (wire) => {
      await wire.next();
      wire.send(bytes);
    });
    await t.rejects(request(server.endpoint, 'host:version', soon()), error);
  }
  const longest = 'x'.repeat(0xffff);
  const server = await serverWith(t, async (wire) => {
    await wire.next();
    wire.send(OKAY, hex4(longest));
  });
  t.equal(await request(server.endpoint, 'host:devices-l', soon()), longest);
  await t.rejects(async () => request(server.endpoint, `${longest}x`, soon()), {
    code: 'adb-protocol',
  });
});

t.test('nobody listens', async (t) => {
  const server = await new FakeAdbServer(() => undefined).listen();
  const { endpoint } = server;
  await server.close();
  await t.rejects(request(endpoint, 'host:version', soon()), {
    code: 'adb-server-gone',
    detail: { reason: 'ECONNREFUSED' },
  });
});

t.test('a late reply never reaches the next question', async (t) => {
  const late: Wire[] = [];
  const server = await serverWith(t, async (wire) => {
    const asked = await wire.next();
    if (asked === 'host:first') late.push(wire);
    else {
      // The first answer comes at the very moment the second question is open.
      for (const first of late) first.send(OKAY, hex4('answer to first'));
      wire.send(OKAY, hex4(`answer to ${asked}`));
    }
  });
  const first = request(server.endpoint, 'host:first', { ...soon(), timeoutMs: 50 });
  await t.rejects(first, { code: 'adb-server-gone', detail: { timeoutMs: 50 } });
  t.equal(await request(server.endpoint, 'host:second', soon()), 'answer to host:second');
  t.equal(server.connections, 2, 'a connection of its own for each');
  await late[0]?.closed;
  t.ok(late[0]?.socket.destroyed, 'the one that was late is cut');
});

t.test('stopping cuts the connection at once', async (t) => {
  let wire: Wire | undefined;
  const stop = new AbortController();
  const server = await serverWith(t, async (client) => {
    await client.next();
    wire = client;
    stop.abort();
  });
  const asked = request(server.endpoint, 'host:version', {
    signal: stop.signal,
    timeoutMs: 60_000,
  });
  await t.rejects(asked, { code: 'aborted' });
  await wire?.closed;
  await t.rejects(request(server.endpoint, 'x', { ...soon(), signal: stop.signal }), {
    code: 'aborted',
  });
});

t.test('shell: output, stderr, exit code, input and bytes', async (t) => {
  const seen: string[] = [];
  let moved = 0;
  const server = await serverWith(t, async (wire) => {
    t.equal(await service(wire), "shell,v2,raw:echo 'a b'; cat");
    wire.send(OKAY);
    const input = await wire.bytes(5 + 5);
    t.same(input, encodeFrame(FRAME.stdin, text('input')));
    t.same(await wire.bytes(5), encodeFrame(FRAME.closeStdin, Buffer.alloc(0)));
    const kanji = text('更');
    wire.send(encodeFrame(FRAME.stdout, kanji.subarray(0, 1)));
    wire.send(
      encodeFrame(FRAME.stdout, kanji.subarray(1)),
      encodeFrame(FRAME.stderr, text('oops')),
    );
    wire.send(exit(42));
  });
  const where = {
    endpoint: server.endpoint,
    transportId: 7,
    command: "echo 'a b'; cat",
    onBytes: (count: number) => {
      moved += count;
    },
  };
  const options = {
    ...soon(),
    stdin: text('input'),
    onStdout: (piece: string) => seen.push(piece),
  };
  t.same(await runShell(where, options), { stdout: '更', stderr: 'oops', exitCode: 42 });
  t.equal(seen.join(''), '更', 'a character cut in two comes whole');
  t.equal(moved, 5 + 3 + 4);
});

t.test('shell: a stream cut at every byte is never exit 0', async (t) => {
  const stream = Buffer.concat([out('all'), exit(0)]);
  const server = await serverWith(t, () => undefined);
  for (let length = 0; length < stream.length; length += 1) {
    server.behaviour = async (wire) => {
      await service(wire);
      wire.send(OKAY);
      wire.socket.end(stream.subarray(0, length));
    };
    await t.rejects(shellOn(server), { code: 'adb-closed' }, `after ${length} bytes`);
  }
  server.behaviour = async (wire) => {
    await service(wire);
    await wire.trickle(Buffer.concat([OKAY, stream]));
  };
  t.match(await shellOn(server), { stdout: 'all', exitCode: 0 }, 'byte by byte');
});

t.test('shell: refusals, silence, garbage and floods', async (t) => {
  const server = await serverWith(t, () => undefined);
  const serving = (act: (wire: Wire) => void) => {
    server.behaviour = async (wire) => {
      await service(wire);
      act(wire);
    };
  };
  serving((wire) => wire.send(fail('closed')));
  await t.rejects(shellOn(server), { code: 'adb-closed' });
  serving((wire) => wire.socket.destroy());
  await t.rejects(shellOn(server), { code: 'adb-closed' });
  serving(() => undefined);
  await t.rejects(shellOn(server, { timeoutMs: 50 }), { code: 'handset-timeout' });
  serving((wire) => wire.send(OKAY, out('partial')));
  await t.rejects(shellOn(server, { timeoutMs: 100 }), { code: 'handset-timeout' });
  serving((wire) => wire.send(OKAY, Buffer.from('4e6f742061206672616d65', 'hex')));
  await t.rejects(shellOn(server), { code: 'adb-protocol' });
  serving((wire) => wire.send(OKAY, out('x'.repeat(600)), out('x'.repeat(600)), exit(0)));
  await t.rejects(shellOn(server, { maxBytes: 1_000 }), { code: 'handset-too-talkative' });
  t.match(
    await shellOn(server, { maxBytes: 1_200 }),
    { exitCode: 0 },
    'the limit itself is allowed',
  );
  const thrown = new Error('listener');
  const throwing = () => {
    throw thrown;
  };
  await t.rejects(shellOn(server, { onStdout: throwing }), thrown);

  server.behaviour = async (wire) => {
    await wire.next();
    wire.send(fail("no device with transport id '7'"));
  };
  await t.rejects(shellOn(server), { code: 'handset-gone' });
  server.behaviour = async (wire) => {
    await wire.next();
    wire.send(fail('device unauthorized.\nThis adb server is not allowed'));
  };
  await t.rejects(shellOn(server), { code: 'adb-refused', detail: { message: /^device unauth/ } });
});

t.test('push: records, refusals and lies', async (t) => {
  const bytes = Buffer.alloc(SYNC_DATA_MAX * 2 + 17, 'sarachi');
  const got: Buffer[] = [];
  let moved = 0;
  const server = await serverWith(t, () => undefined);
  const push = (file: Partial<Parameters<typeof pushFile>[0]> = {}) =>
    pushFile(
      {
        endpoint: server.endpoint,
        transportId: 7,
        bytes,
        remotePath: '/data/local/tmp/a b',
        mode: 0o755,
        mtime: 1_700_000_000,
        onBytes: (count) => {
          moved += count;
        },
        ...file,
      },
      soon(),
    );
  const take = async (wire: Wire): Promise<[string, number]> => {
    const head = await wire.bytes(8);
    return [head.toString('latin1', 0, 4), head.readUInt32LE(4)];
  };
  const takeFile = async (wire: Wire) => {
    t.equal(await service(wire), 'sync:');
    wire.send(OKAY);
    const [, length] = await take(wire);
    got.push(await wire.bytes(length));
    for (;;) {
      const [id, value] = await take(wire);
      if (id === 'DONE') return value;
      t.ok(id === 'DATA' && value <= SYNC_DATA_MAX);
      got.push(await wire.bytes(value));
    }
  };
  server.behaviour = async (wire) => {
    t.equal(await takeFile(wire), 1_700_000_000);
    wire.send(text('OKAY\0\0\0\0'));
  };
  await push();
  t.equal(got[0]?.toString(), `/data/local/tmp/a b,${0o100755}`);
  t.ok(Buffer.concat(got.slice(1)).equals(bytes));
  t.equal(moved, bytes.length);

  const words = text("couldn't create file: No space left\u0000 on device\n");
  const failing = Buffer.concat([text('FAIL'), Buffer.of(words.length, 0, 0, 0), words]);
  const refused = {
    code: 'command-failed',
    detail: { message: "couldn't create file: No space left on device" },
  };
  server.behaviour = async (wire) => {
    await takeFile(wire);
    await wire.trickle(failing);
  };
  await t.rejects(push(), refused, 'after the file');
  server.behaviour = async (wire) => {
    await service(wire);
    wire.send(OKAY, failing);
    await wire.closed;
  };
  await t.rejects(push({ bytes: Buffer.alloc(20_000_000) }), refused, 'in the middle of the file');
  server.behaviour = async (wire) => {
    await service(wire);
    wire.send(OKAY, text('OKAY\0\0\0\0'));
    await wire.closed;
  };
  await t.rejects(push({ bytes: Buffer.alloc(20_000_000) }), { code: 'adb-protocol' }, 'too early');
  for (let length = 0; length < 8; length += 1) {
    server.behaviour = async (wire) => {
      await takeFile(wire);
      wire.socket.end(text('OKAY\0\0\0\0').subarray(0, length));
    };
    await t.rejects(push(), { code: 'adb-closed' }, `answer cut after ${length} bytes`);
  }
  await t.rejects(push({ remotePath: `/${'p'.repeat(1024)}` }), { code: 'command-failed' });
  await t.rejects(push({ remotePath: '/a\0b' }), { code: 'command-failed' });
});
