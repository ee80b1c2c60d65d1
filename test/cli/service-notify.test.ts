import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { onLevelSignal } from '../../src/cli/level-signal.js';
import { ServiceNotify, watchdogMs } from '../../src/cli/service-notify.js';
import { SarachiError } from '../../src/errors.js';
import { createLog } from '../../src/log.js';
import { MemoryRack } from '../http/memory-rack.js';

/** A datagram socket as systemd has it, which Node cannot open: each datagram is one line. */
const RECEIVER = `use strict; use Socket; $| = 1;
socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die; bind($s, pack_sockaddr_un($ARGV[0])) or die; print "bound\\n";
while (defined recv($s, my $text, 4096, 0)) { $text =~ s/\\n+/;/g; print "$text\\n" }`;

interface Test {
  teardown(fn: () => Promise<void>): void;
}

async function receiver(t: Test): Promise<{ socket: string; heard: string[] }> {
  const dir = await mkdtemp(path.join(tmpdir(), 'sarachi-notify-'));
  const socket = path.join(dir, 'notify');
  const child = spawn('perl', ['-e', RECEIVER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  const heard: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => heard.push(line));
  t.teardown(async () => {
    child.kill();
    await rm(dir, { recursive: true });
  });
  await until(() => heard.includes('bound'));
  return { socket, heard };
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 15_000;
  while (!holds()) {
    if (Date.now() > end) throw new SarachiError('deadline-passed');
    await delay(10);
  }
}

function logged() {
  const lines: string[] = [];
  return { lines, log: createLog('info', { write: (line) => void lines.push(line) }) };
}

t.test('systemd hears that the daemon is up, that it lives, and that it ends', async (t) => {
  const { socket, heard } = await receiver(t);
  const { log, lines } = logged();
  const env = { ...process.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '150000' };
  const manager = new ServiceNotify({ env, pid: process.pid, log });
  let well = true;
  await manager.ready('listening', () => {
    if (!well) throw new SarachiError('internal', { tag: 'not-well' });
  });
  const beats = () => heard.filter((line) => line.includes('WATCHDOG=1')).length;
  await until(() => beats() >= 3);
  t.ok(heard.some((line) => /READY=1/.test(line) && /STATUS=listening/.test(line)));
  well = false;
  await until(() => lines.some((line) => line.includes('not-well')));
  // One may have been on its way.
  const seen = beats() + 1;
  await delay(400);
  t.ok(beats() <= seen, 'a daemon that is not well does not say that it is');
  await manager.stopping();
  await until(() => heard.some((line) => line.includes('STOPPING=1')));
  t.pass('STOPPING=1');
});

t.test('where nobody listens nothing is sent, and a failure is no end', async (t) => {
  const { log, lines } = logged();
  const program = '/nonexistent/systemd-notify';
  await new ServiceNotify({ env: {}, pid: 1, log, program }).ready('x', () => undefined);
  t.same(lines, []);
  const env = { NOTIFY_SOCKET: '/nonexistent/socket' };
  await new ServiceNotify({ env, pid: 1, log, program }).ready('x', () => undefined);
  t.match(lines.join(''), /could not be told/);
});

t.test('the watchdog is for this process only', async (t) => {
  t.equal(watchdogMs({ WATCHDOG_USEC: '30000000' }, 7), 30_000);
  t.equal(watchdogMs({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' }, 7), 30_000);
  t.equal(watchdogMs({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '8' }, 7), null);
  for (const WATCHDOG_USEC of ['', '0', '-1', 'x', undefined])
    t.equal(watchdogMs({ WATCHDOG_USEC }, 7), null);
});

t.test('SIGUSR2 switches the log to debug and back', async (t) => {
  const rack = new MemoryRack();
  rack.level = 'warn';
  const end = onLevelSignal('warn', rack, logged().log);
  t.teardown(end);
  process.kill(process.pid, 'SIGUSR2');
  await until(() => rack.level === 'debug');
  process.kill(process.pid, 'SIGUSR2');
  await until(() => rack.level === 'warn');
  t.same(rack.levels, [
    { level: 'debug', by: 'SIGUSR2' },
    { level: 'warn', by: 'SIGUSR2' },
  ]);
});
