import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { DaemonProcess } from '../../src/cli/demo/daemon-process.js';
import { startDemoCarriers } from '../../src/cli/demo/demo-carriers.js';
import { demoConfig } from '../../src/cli/demo/demo-config.js';

t.test('a Redis that hangs does not hang the daemon', async (t) => {
  const state = await mkdtemp(path.join(tmpdir(), 'sarachi-hang-'));
  t.teardown(() => rm(state, { recursive: true, force: true }));
  const socket = path.join(state, 'foreign.sock');
  const redis = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '']);
  t.teardown(async () => {
    const ended = once(redis, 'exit');
    redis.kill('SIGKILL');
    await ended;
  });
  redis.stdout.resume();

  const carriers = await startDemoCarriers(state, {});
  t.teardown(() => carriers.close());
  const { carrierCheck } = carriers;
  const config = {
    ...demoConfig({ state, httpPort: 0, carrierCheck }),
    redis: { url: socket },
  };
  const nothing = () => undefined;
  const daemon = new DaemonProcess({
    config,
    logFile: path.join(state, 'daemon.log'),
    ...{ onUp: nothing, onAdbUp: nothing, onDeath: nothing },
  });
  const { url } = await daemon.start(new AbortController().signal);
  redis.kill('SIGSTOP');

  const ready = await fetch(`${url}/readyz`);
  t.equal(ready.status, 503);
  const checks = await ready.text();
  t.match(checks, /redis/);
  t.match(checks, /"carrier docomo","ok":true,"detail":"not known/, 'no carrier is blamed for it');
  const queues = await fetch(`${url}/api/v1/queues`);
  t.equal(queues.status, 503, 'who asks for the queues is told');

  const before = Date.now();
  await daemon.stop();
  t.ok(Date.now() - before < 15_000, `stopped in ${Date.now() - before} ms`);
});
