import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { stringify } from 'yaml';
import type { Check } from '../../../src/cli/doctor/check.js';
import { doctorCommand } from '../../../src/cli/doctor/doctor-command.js';
import type { HostPlaces } from '../../../src/cli/doctor/host-checks.js';
import { Ledger } from '../../../src/ledger/ledger.js';
import type { Owner } from '../../devices/helpers/owner.js';

async function listening(t: Owner, where: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(where, resolve));
  t.teardown(async () => void server.close());
}

/** A host with everything, in a folder; `spoil` takes things away before the doctor looks. */
async function host(t: Owner, spoil: (dir: string) => Promise<unknown> = async () => undefined) {
  const dir = await mkdtemp(path.join(tmpdir(), 'sarachi-doctor-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const at = (...parts: string[]) => path.join(dir, ...parts);
  const file = async (text: string, ...parts: string[]) => {
    await mkdir(path.dirname(at(...parts)), { recursive: true });
    await writeFile(at(...parts), text, { mode: 0o755 });
  };
  await listening(t, at('udev'));
  await listening(t, at('usbmuxd'));
  await file('480\n', 'sys/devices/usb1/speed');
  await file('00\n', 'sys/devices/1-1/bDeviceClass');
  await file('1\n', 'sys/devices/1-1/busnum');
  await file('7\n', 'sys/devices/1-1/devnum');
  await file('480\n', 'sys/devices/1-1/speed');
  await file('', 'dev/001/007');
  await file('256\n', 'core/usbfs_memory_mb');
  await file('-1\n', 'core/autosuspend');
  await file('#!/bin/sh\necho yes\n', 'timedatectl');
  await file('#!/bin/sh\necho Android Debug Bridge version 1.0.41\necho Version 35.0.2-1\n', 'adb');
  await mkdir(at('state'));
  const config = {
    rack: { controllers: { A: {} }, ports: { P01: { usb: ['1-1'], controller: 'A' } } },
    state: at('state'),
    adb: { binary: at('adb') },
    usbmuxd: { address: at('usbmuxd') },
  };
  await file(stringify(config), 'sarachi.yaml');
  await spoil(dir);
  const places: HostPlaces = {
    sysfs: at('sys'),
    udevControl: at('udev'),
    deviceFiles: at('dev'),
    usbcore: at('core'),
    timedatectl: at('timedatectl'),
  };
  const run = async (...args: string[]) => {
    const said = { out: [] as string[], err: [] as string[] };
    const sink = (lines: string[]) => ({ write: (text: string) => lines.push(text) > 0 });
    const io = { stdout: sink(said.out), stderr: sink(said.err) };
    const code = await doctorCommand(args, io, places);
    return { code, out: said.out.join(''), err: said.err.join('') };
  };
  const look = async () => {
    const { code, out } = await run('--config', at('sarachi.yaml'), '--json');
    const { checks, ok } = JSON.parse(out) as { ok: boolean; checks: Check[] };
    const of = (name: string) => checks.filter((check) => check.name === name);
    return { code, ok, checks, of };
  };
  return { run, look, at };
}

t.test('a host that has everything', async (t) => {
  const { look, run, at } = await host(t);
  const { code, ok, checks } = await look();
  t.strictSame(
    checks.filter(({ level }) => level === 'fail'),
    [],
  );
  t.ok(ok);
  t.equal(code, 0);
  const names = checks.map(({ name }) => name);
  for (const name of [
    'config',
    'udev',
    'usb',
    'usb-access',
    'usb-kernel',
    'clock',
    'adb',
    'redis',
    'usbmuxd',
    'hub',
    'disk',
    'ledger-lock',
    'ledger',
    'controller-A',
  ])
    t.ok(names.includes(name), name);
  const lines = await run('--config', at('sarachi.yaml'));
  t.match(lines.out, /^ok {4}config .*rack-1, 1 ports$/m);
  t.match(lines.out, /0 failed, \d+ warnings, \d+ well\n$/);
  t.strictSame(
    await readFile(at('state/ledger'), 'utf8').catch(() => 'none'),
    'none',
    'nothing was made',
  );
});

t.test('each thing that is wrong is told with what to do', async (t) => {
  const cases: [string, string, RegExp, (dir: string) => Promise<unknown>][] = [
    ['udev', 'fail', /does not run/, (dir) => rm(path.join(dir, 'udev'))],
    ['usb', 'fail', /./, (dir) => rm(path.join(dir, 'sys'), { recursive: true })],
    ['usb-access', 'fail', /1-1/, (dir) => rm(path.join(dir, 'dev'), { recursive: true })],
    [
      'usb-kernel',
      'warn',
      /16 MiB/,
      (dir) => writeFile(path.join(dir, 'core/usbfs_memory_mb'), '16\n'),
    ],
    [
      'clock',
      'fail',
      /not set/,
      (dir) => writeFile(path.join(dir, 'timedatectl'), '#!/bin/sh\necho no\n'),
    ],
    ['clock', 'warn', /cannot be told/, (dir) => rm(path.join(dir, 'timedatectl'))],
    ['adb', 'fail', /not found/, (dir) => rm(path.join(dir, 'adb'))],
    [
      'adb',
      'warn',
      /29\.0\.6/,
      (dir) => writeFile(path.join(dir, 'adb'), '#!/bin/sh\necho Version 29.0.6-debian\n'),
    ],
    ['usbmuxd', 'warn', /nothing answers/, (dir) => rm(path.join(dir, 'usbmuxd'))],
    [
      'controller-A',
      'fail',
      /no bus/,
      (dir) => rm(path.join(dir, 'sys/devices/usb1'), { recursive: true }),
    ],
    [
      'controller-A',
      'warn',
      /12 Mbit/,
      (dir) => writeFile(path.join(dir, 'sys/devices/1-1/speed'), '12\n'),
    ],
  ];
  for (const [name, level, said, spoil] of cases) {
    const { look } = await host(t, spoil);
    const { code, of } = await look();
    const found = of(name).find((check) => check.level === level);
    t.match(found?.said, said, `${name} ${level}`);
    t.match(found?.next, /.{10,}/, `${name}: what to do`);
    if (level === 'fail') t.equal(code, 1, name);
  }
});

t.test(
  'the ledger tells who holds it, whether it is whole, and whose trouble there was',
  async (t) => {
    const { look, at } = await host(t);
    const dir = at('state/ledger');
    const ledger = await Ledger.open(dir, { clock: Date.now });
    for (const [n, handset] of ['A', 'B', 'C'].entries()) {
      const [run, port] = [`r${n}`, 'P01'];
      const opened = { usbPath: '1-1', handset: `android:${handset}`, policyVersion: '1' };
      await ledger.append({ type: 'run-opened', run, port, body: opened });
      const outcome = { kind: 'again', code: 'handset-gone', detail: {} };
      await ledger.append({
        type: 'stage-ended',
        run,
        port,
        body: { stage: 'identify', fence: 1, outcome },
      });
    }
    t.match((await look()).of('ledger-lock'), [{ level: 'ok', said: /^held/ }]);
    await ledger.close();
    const now = await look();
    t.match(now.of('ledger-lock'), [{ level: 'ok', said: /^free/ }]);
    t.match(now.of('ledger'), [{ level: 'ok', said: 'holds, 6 entries' }]);
    t.match(now.of('ports'), [{ level: 'warn', next: /Replace the cable of P01/ }]);
    const [segment = ''] = (await readdir(dir)).filter((name) => name.endsWith('.jsonl'));
    const text = await readFile(path.join(dir, segment), 'utf8');
    await writeFile(path.join(dir, segment), text.replace('android:B', 'android:X'));
    const broken = await look();
    t.equal(broken.code, 1);
    t.match(broken.of('ledger'), [{ level: 'fail' }]);
  },
);

t.test('wrong calls and wrong configurations have their own exit codes', async (t) => {
  const { run, at } = await host(t);
  t.match(await run('--nonsense'), { code: 64, err: /Usage: sarachi doctor/ });
  t.match(await run('--help'), { code: 0, out: /^Usage: sarachi doctor/ });
  t.match(await run('--config', at('none.yaml')), { code: 78, out: /cannot be read/ });
  const alone = await run();
  t.match(alone.out, /the host alone/);
  t.notMatch(alone.out, /adb/);
});
