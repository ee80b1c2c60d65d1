import path from 'node:path';
import { Redis } from 'ioredis';
import type { Config } from '../config.js';
import type { Log } from '../log.js';
import { RedisServer } from '../pipeline/redis-server.js';

/** The Redis of the configuration, or one of our own in the state folder. */
export async function connectRedis(
  config: Config,
  state: string,
  { log, stops }: { readonly log: Log; readonly stops: (() => Promise<unknown>)[] },
): Promise<Redis> {
  const redisLog = log.child({ part: 'redis' });
  const options = { maxRetriesPerRequest: null, retryStrategy: () => 200 };
  let connection: Redis;
  if (config.redis.url) {
    connection = new Redis(config.redis.url, options);
  } else {
    const server = new RedisServer(path.join(state, 'redis'), redisLog);
    await server.start();
    stops.push(() => server.stop());
    connection = new Redis({ path: server.socket, ...options });
  }
  connection.on('error', (error) =>
    redisLog.warn({ err: error, code: 'redis-gone' }, 'redis connection'),
  );
  stops.push(async () => connection.disconnect());
  return connection;
}
