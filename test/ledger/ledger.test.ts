import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { Ledger } from '../../src/ledger/ledger.js';
import { sha256Hex } from '../../src/ledger/sha256.js';
import { verifyLedger } from '../../src/ledger/verify-ledger.js';
import {
  freshFolder,
  note,
  readEntries,
  START,
  segmentLines,
  tickingClock,
  writeLedger,
} from './helpers/ledgers.js';

t.test('appends in the order of the calls, over midnight, and reads it all again', async (t) => {
  const dir = await freshFolder(t);
  const ledger = await Ledger.open(dir, { clock: tickingClock() });
  t.same(ledger.head(), { seq: 0, hash: '0'.repeat(64), at: '' });
  t.same(await readEntries(ledger), []);
  const written = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => ledger.append(note(n))));
  t.same(
    written.map(({ seq, body }) => [seq, body['number']]),
    [1, 2, 3, 4, 5, 6].map((n) => [n, n]),
  );
  t.same(await readEntries(ledger), written);
  t.equal(ledger.head().hash, written.at(-1)?.hash);
  await ledger.close();
  await t.rejects(ledger.append(note(7)), {
    code: 'ledger-unwritable',
    detail: { reason: 'closed' },
  });
  t.same(
    (await segmentLines(dir)).map(({ segment, lines }) => [segment, lines.length]),
    [
      ['2026-11-20.jsonl', 3],
      ['2026-11-21.jsonl', 3],
    ],
  );
  const again = await Ledger.open(dir, { clock: tickingClock() });
  t.same(await readEntries(again), written);
  const next = await again.append(note(7));
  t.equal(next.seq, 7);
  t.equal(next.at, written.at(-1)?.at, 'a clock that went back does not make time fall');
  await again.close();
  t.match(await verifyLedger(dir), { ok: true, entries: 7, head: { seq: 7, hash: next.hash } });
});

t.test('what has no canonical form is refused and takes no place', async (t) => {
  const ledger = await Ledger.open(await freshFolder(t), { clock: () => START });
  await t.rejects(ledger.append({ ...note(1), body: { bad: Number.NaN } }), { code: 'internal' });
  const body = { list: [1] };
  const promise = ledger.append({ ...note(1), body });
  body.list.push(2);
  t.same((await promise).body, { list: [1] });
  t.equal((await readEntries(ledger)).length, 1);
  await ledger.close();
});

t.test(
  'a second opener is refused, also in another process, until the first is gone',
  async (t) => {
    const dir = await freshFolder(t);
    const first = await Ledger.open(dir, { clock: () => START });
    await t.rejects(Ledger.open(dir, { clock: () => START }), { code: 'state-in-use' });
    await first.append(note(1));
    await first.close();
    const child = startWriter(dir);
    await once(child.stdout, 'data');
    await t.rejects(Ledger.open(dir, { clock: Date.now }), { code: 'state-in-use' });
    child.kill('SIGKILL');
    await once(child, 'close');
    const again = await Ledger.open(dir, { clock: Date.now });
    await again.close();
  },
);

t.test('a last line torn at any byte is cut off, kept and told', async (t) => {
  const source = await freshFolder(t);
  await writeLedger(source, 5);
  const [first, second] = await segmentLines(source);
  const whole = Buffer.from(`${second?.lines.join('\n')}\n`);
  const lastStart = whole.length - Buffer.byteLength(`${second?.lines.at(-1)}\n`);
  const dir = await freshFolder(t);
  for (let length = lastStart + 1; length < whole.length; length += 1) {
    const one = join(dir, String(length));
    await mkdir(one);
    await copyFile(join(source, first?.segment ?? ''), join(one, first?.segment ?? ''));
    await writeFile(join(one, second?.segment ?? ''), whole.subarray(0, length));
    const report = await verifyLedger(one);
    const ledger = await Ledger.open(one, { clock: tickingClock() });
    const entries = await readEntries(ledger);
    await ledger.close();
    const torn = whole.subarray(lastStart, length);
    const kept = (await readdir(one)).filter((name) => name.startsWith('torn-'));
    const told = entries.at(-1);
    const good =
      report.faults.length === 1 &&
      report.faults[0]?.line === 2 &&
      entries.length === 5 &&
      told?.type === 'ledger-healed' &&
      told.body['bytes'] === torn.length &&
      told.body['sha256'] === sha256Hex(torn) &&
      kept.length === 1 &&
      (await readFile(join(one, kept[0] ?? ''))).equals(torn) &&
      (await verifyLedger(one)).ok;
    if (!good) t.fail(`cut at byte ${length}`);
  }
  t.pass(`${whole.length - lastStart - 1} cuts`);
});

t.test('any other damage stops the opening and names segment and line', async (t) => {
  const source = await freshFolder(t);
  await writeLedger(source, 6);
  const segments = await segmentLines(source);
  const first = segments[0];
  const dir = await freshFolder(t);
  for (const { segment, lines } of segments) {
    await writeFile(join(dir, segment), `${lines.join('\n')}\n`);
  }
  const open = () => Ledger.open(dir, { clock: tickingClock() });
  const damage = async (segment: string, text: string, line: number, what: RegExp) => {
    const file = join(dir, segment);
    const before = await readFile(file);
    await writeFile(file, text);
    await t.rejects(open(), { code: 'ledger-corrupt', detail: { segment, line, what } });
    t.ok((await readFile(file)).equals(Buffer.from(text)), 'left as it was found');
    await writeFile(file, before);
  };
  const [a = '', b = '', c = ''] = first?.lines ?? [];
  const name = first?.segment ?? '';
  await damage(name, `${a}\n${b.slice(0, 40)}\n${c}\n`, 2, /not JSON/);
  await damage(name, `${a}\n${b}\n${c}`, 3, /cut off/);
  await damage(name, `${a}\n${b}\n\n${c}\n`, 3, /not JSON/);
  await damage(name, `${a}\n ${b}\n${c}\n`, 2, /not canonical/);
  await damage(name, `${a}\n${b.replace('"seq":2', '"seq":2,"seq":2')}\n${c}\n`, 2, /canonical/);
  await damage(name, `${a}\n${c}\n`, 2, /entries 2 to 2 are missing/);
  await (await open()).close();
});

t.test('after kill -9 in the middle of appending, every acknowledged entry is there', async (t) => {
  const dir = await freshFolder(t);
  for (let round = 0; round < 3; round += 1) {
    const child = startWriter(dir);
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.length > 400 + round * 333) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const acknowledged = text.split('\n').slice(0, -1).map(Number);
    const ledger = await Ledger.open(dir, { clock: Date.now });
    const entries = await readEntries(ledger);
    await ledger.close();
    const last = new Set(
      entries.slice(-acknowledged.length - 50).map(({ body }) => body['number']),
    );
    t.ok(acknowledged.length > 50, `${acknowledged.length} acknowledged`);
    t.same(
      acknowledged.filter((number) => !last.has(number)),
      [],
      'none is missing',
    );
    t.equal((await verifyLedger(dir)).ok, true);
  }
});

function startWriter(dir: string) {
  const file = fileURLToPath(
    new URL(`./helpers/writer${extname(import.meta.url)}`, import.meta.url),
  );
  return spawn(process.execPath, [...process.execArgv, file, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
