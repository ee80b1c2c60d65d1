import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { COMMAND } from '../../../src/simulator/android/adbd/packet.js';
import { online } from './daemon-under-test.js';
import type { RawHost } from './raw-host.js';

const { CLSE, OKAY, OPEN, WRTE } = COMMAND;

const word = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const ask = (id: string, path: string, length = Buffer.byteLength(path)) =>
  Buffer.concat([Buffer.from(id), word(length), Buffer.from(path)]);
const data = (text: string) =>
  Buffer.concat([Buffer.from('DATA'), word(text.length), Buffer.from(text)]);
const done = Buffer.concat([Buffer.from('DONE'), word(1_700_000_000)]);
const quit = ask('QUIT', '');
const failed = (text: string) =>
  Buffer.concat([Buffer.from('FAIL'), word(text.length), Buffer.from(text)]);
const okay = Buffer.concat([Buffer.from('OKAY'), word(0)]);

/** Sends a session in pieces of `step` bytes, each acknowledged before the next, and returns the answer. */
const session = async (host: RawHost, bytes: Buffer, step = bytes.length) => {
  host.say(OPEN, 7, 0, 'sync:\0');
  const opened = await host.next();
  const local = opened?.arg0 ?? 0;
  let at = 0;
  const feed = () => {
    if (at < bytes.length) host.say(WRTE, 7, local, bytes.subarray(at, at + step));
    at += step;
  };
  feed();
  const parts: Buffer[] = [];
  for (let got = await host.next(); got !== null; got = await host.next()) {
    if (got.command === CLSE) break;
    if (got.command === OKAY) feed();
    if (got.command !== WRTE) continue;
    parts.push(got.payload);
    host.say(OKAY, 7, local);
  }
  return Buffer.concat(parts);
};

t.test('files are sent, looked at, listed and received in any cut', async (t) => {
  const { os, host } = await online(t);
  const told = Buffer.concat([ask('SEND', '/f,33188'), data('hel'), data('lo'), done]);
  for (const step of [1, 7, 4096]) {
    t.strictSame(await session(host, Buffer.concat([told, quit]), step), okay, `step ${step}`);
    t.equal(await readFile(join(os.root, 'f'), 'utf8'), 'hello');
  }
  const { mode, mtimeMs, ino } = await stat(join(os.root, 'f'));
  t.equal(mode, 0o100666, 'group and others get the owner bits');
  const mtime = Math.trunc(mtimeMs / 1000);

  const v2 = await session(host, Buffer.concat([ask('STA2', '/f'), ask('LST2', '/none'), quit]));
  t.equal(v2.length, 144);
  t.equal(v2.toString('latin1', 0, 4), 'STA2');
  t.equal(v2.readUInt32LE(4), 0);
  t.equal(v2.readBigUInt64LE(16), BigInt(ino));
  t.equal(v2.readUInt32LE(24), 0o100666);
  t.equal(v2.readBigUInt64LE(40), 5n);
  t.equal(v2.readBigInt64LE(56), BigInt(mtime));
  t.equal(v2.toString('latin1', 72, 76), 'LST2');
  t.equal(v2.readUInt32LE(76), 2);

  const v1 = await session(host, Buffer.concat([ask('STAT', '/f'), ask('STAT', '/none'), quit]));
  const stated = Buffer.concat([Buffer.from('STAT'), word(0o100666), word(5), word(mtime)]);
  t.strictSame(v1, Buffer.concat([stated, Buffer.from('STAT'), Buffer.alloc(12)]));

  const entry = Buffer.concat([Buffer.from('DENT'), stated.subarray(4), word(1), Buffer.from('f')]);
  const end = Buffer.concat([Buffer.from('DONE'), Buffer.alloc(16)]);
  const listed = Buffer.concat([ask('LIST', '/'), ask('LIST', '/none'), quit]);
  t.strictSame(await session(host, listed, 3), Buffer.concat([entry, end, end]));
  const lis2 = await session(host, Buffer.concat([ask('LIS2', '/'), quit]));
  t.equal(lis2.length, 76 + 1 + 76);
  t.equal(lis2.toString('latin1', 0, 4), 'DNT2');
  t.equal(lis2.toString('latin1', 72, 81), '\x01\0\0\0fDONE');

  const got = Buffer.concat([data('hello'), Buffer.from('DONE'), word(0)]);
  t.strictSame(await session(host, Buffer.concat([ask('RECV', '/f'), quit])), got);
  const rcv2 = Buffer.concat([ask('RCV2', '/f'), Buffer.from('RCV2'), word(0), quit]);
  t.strictSame(await session(host, rcv2), got);
  const snd2 = Buffer.concat([
    ask('SND2', '/g'),
    Buffer.from('SND2'),
    word(0o100600),
    word(0),
    data('2'),
    done,
  ]);
  t.strictSame(await session(host, Buffer.concat([snd2, quit])), okay);
  t.equal(await readFile(join(os.root, 'g'), 'utf8'), '2');
});

t.test('faults are said in the words of adbd', async (t) => {
  const { os, host } = await online(t);
  await writeFile(join(os.root, 'file'), 'x');
  const send = (spec: string, ...rest: Buffer[]) => Buffer.concat([ask('SEND', spec), ...rest]);
  const said = async (request: Buffer, text: string) => {
    t.strictSame((await session(host, request, 11)).toString(), failed(text).toString(), text);
  };
  await said(
    send('/no/such/f,33188', data('a'.repeat(60_000)), done),
    "couldn't create file: No such file or directory",
  );
  await said(send('/,33188', data('x'), done), "couldn't create file: Is a directory");
  await said(send('/link,41471', data('target'), done), 'symlink failed: Operation not permitted');
  await said(send('/f'), 'missing , in ID_SEND_V1');
  await said(send('/f,mode'), 'bad mode');
  await said(send('/f,33188', ask('WHAT', '')), 'invalid data message');
  await said(send('/f,33188', Buffer.from('DATA'), word(65_537)), 'oversize data message');
  await said(ask('RECV', '/none'), 'open failed: No such file or directory');
  await said(ask('RECV', '/'), 'read failed: Is a directory');
  await said(ask('RECV', 'x', 1025), 'path too long');
  await said(ask('ABCD', '/'), 'unknown command 44434241');
  const zstd = Buffer.concat([Buffer.from('SND2'), word(0o100600), word(4), data('z'), done]);
  await said(Buffer.concat([ask('SND2', '/z'), zstd]), 'unknown flags: 4');
  os.settings = { ...os.settings, features: ['shell_v2'] };
  await said(ask('STA2', '/'), 'unknown command 32415453');
});

t.test('a full disk is a failed write', async (t) => {
  const { os, host } = await online(t);
  const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
  const files = {
    ...os.files,
    write: async (_path: string, _mode: number, chunks: AsyncIterable<Uint8Array>) => {
      for await (const chunk of chunks) if (chunk.length > 2) throw full;
    },
  };
  Object.assign(os, { files });
  const push = Buffer.concat([ask('SEND', '/f,33188'), data('ab'), data('abc'), data('d'), done]);
  t.strictSame(await session(host, push, 5), failed('write failed: No space left on device'));
});
