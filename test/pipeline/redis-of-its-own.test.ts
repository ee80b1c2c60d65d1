import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import t from 'tap';
import { RedisServer } from '../../src/pipeline/redis-server.js';

const silent = pino({ level: 'silent' });

async function folder(test: { teardown: (fn: () => Promise<void>) => void }): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'sarachi-redis-'));
  test.teardown(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(test: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await test())) {
    if (Date.now() > deadline) throw new Error(`not within 15 s: ${what}`);
    await delay(20);
  }
}

t.test('a killed Redis comes back with everything it had answered for', async (t) => {
  const dir = await folder(t);
  const server = new RedisServer(dir, silent);
  await server.start();
  t.teardown(() => server.stop());
  const redis = new Redis({ path: server.socket, maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  t.teardown(() => redis.disconnect());
  for (let i = 0; i < 200; i += 1) await redis.set(`key-${i}`, String(i));

  const first = server.pid;
  t.ok(first, 'Redis has a process');
  if (first) process.kill(first, 'SIGKILL');
  await until(
    () => server.pid !== null && server.pid !== first && isAlive(server.pid),
    'a new Redis',
  );
  for (let i = 0; i < 200; i += 1) t.equal(await redis.get(`key-${i}`), String(i));
});

t.test('a second daemon on the same folder is refused', async (t) => {
  const dir = await folder(t);
  const first = new RedisServer(dir, silent);
  await first.start();
  t.teardown(() => first.stop());
  const socketBefore = first.socket;
  await t.rejects(new RedisServer(dir, silent).start(), { code: 'state-in-use' });
  const redis = new Redis({ path: socketBefore, maxRetriesPerRequest: 1 });
  t.teardown(() => redis.disconnect());
  t.equal(await redis.ping(), 'PONG', 'the first one still answers');
});

t.test('a stopped server leaves no process', async (t) => {
  const server = new RedisServer(await folder(t), silent);
  await server.start();
  const { pid } = server;
  await server.stop();
  t.ok(pid && !isAlive(pid));
});

t.test('kill -9 of the daemon takes its Redis along', async (t) => {
  const dir = await folder(t);
  const script = `
    import { pino } from 'pino';
    import { RedisServer } from ${JSON.stringify(new URL('../../src/pipeline/redis-server.js', import.meta.url).href)};
    const server = new RedisServer(${JSON.stringify(dir)}, pino({ level: 'silent' }));
    await server.start();
    process.stdout.write(String(server.pid) + '\\n');
    setInterval(() => {}, 1000);
  `;
  const daemon = spawn(
    process.execPath,
    [...process.execArgv, '--input-type=module', '-e', script],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  t.teardown(() => daemon.kill('SIGKILL'));
  const [line] = (await once(daemon.stdout, 'data')) as [Buffer];
  const redisPid = Number(line.toString());
  t.ok(isAlive(redisPid));
  daemon.kill('SIGKILL');
  await until(() => !isAlive(redisPid), 'Redis to end with its daemon');
});
