import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** A step that Redis does whole or not at all. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

function script(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}

/** Runs it by its hash; sends the text only where this Redis does not know it yet. */
export async function runScript(
  redis: Redis,
  { lua, sha }: Script,
  keys: readonly string[],
  values: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(sha, keys.length, ...keys, ...values);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return redis.eval(lua, keys.length, ...keys, ...values);
  }
}

/** KEYS answer, state → what is known of the question and of the carrier, as of one moment. */
export const LOOK = script(`
return {redis.call('GET', KEYS[1]),
  redis.call('HMGET', KEYS[2], 'breaker', 'canary', 'day', 'used', 'since', 'again')}`);

/**
 * The last word before a request leaves: KEYS answer, intent, state, lock of the job; ARGV lock token, newerThan, and
 * what the decision was made from: breaker, canary, day; perDay, every, ms to keep the intent, kind, channel.
 * → lost | answered (whoever may have missed it is told again) | differs + the state | go + whether somebody died over this question.
 */
export const BEGIN = script(`
if redis.call('GET', KEYS[4]) ~= ARGV[1] then return {'lost'} end
local real = ARGV[9] == 'ask'
if real then
  local entry = redis.call('GET', KEYS[1])
  if entry and tonumber(string.match(entry, '^(%d+) ') or '-1') > tonumber(ARGV[2]) then
    redis.call('PUBLISH', ARGV[10], 'answer ' .. entry)
    return {'answered'}
  end
end
local state = redis.call('HMGET', KEYS[3], 'breaker', 'canary', 'day', 'used', 'since', 'again')
local used = state[3] == ARGV[5] and tonumber(state[4] or 0) or 0
if (state[1] or '') ~= ARGV[3] or (state[2] or '') ~= ARGV[4] or used >= tonumber(ARGV[6])
  or (real and tonumber(state[5] or 0) >= tonumber(ARGV[7])) then
  return {'differs', state}
end
redis.call('HSET', KEYS[3], 'day', ARGV[5], 'used', used + 1)
if not real then return {'go', 0} end
local before = redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[8], 'GET')
if not before or before == ARGV[1] then return {'go', 0} end
redis.call('HINCRBY', KEYS[3], 'again', 1)
return {'go', 1}`);

/**
 * Right after a request: KEYS answer, intent, state, since, BullMQ's limiter; ARGV token, entry, ttl (0: tell it, keep
 * nothing), imei, channel, whether it needs the trust of the canaries, ms until the next. The limiter is set as
 * `Queue.rateLimit` sets it, only that no answer is ever kept without it.
 */
export const SETTLE = script(`
redis.call('SET', KEYS[5], ${Number.MAX_SAFE_INTEGER}, 'PX', ARGV[7])
if tonumber(ARGV[3]) > 0 then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
if ARGV[6] == '1' then
  redis.call('HINCRBY', KEYS[3], 'since', 1)
  redis.call('RPUSH', KEYS[4], ARGV[4])
end
redis.call('PUBLISH', ARGV[5], 'answer ' .. ARGV[2])`);

/**
 * KEYS state, since; ARGV breaker and canary as they were read, then as they shall be; whether the canaries were all
 * read right; channel; what is told to all racks, or nothing. → 1, or 0 where somebody else was faster.
 */
export const AMEND = script(`
local state = redis.call('HMGET', KEYS[1], 'breaker', 'canary')
if (state[1] or '') ~= ARGV[1] or (state[2] or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'breaker', ARGV[3], 'canary', ARGV[4])
if ARGV[5] == '1' then
  redis.call('HSET', KEYS[1], 'since', 0)
  redis.call('DEL', KEYS[2])
end
if ARGV[7] ~= '' then redis.call('PUBLISH', ARGV[6], ARGV[7]) end
return 1`);

/** KEYS since, state, revoked; ARGV what stands before an IMEI in its answer's key, now, channel, how many to remember. */
export const REVOKE = script(`
local imeis = redis.call('LRANGE', KEYS[1], 0, -1)
for _, imei in ipairs(imeis) do
  redis.call('DEL', ARGV[1] .. imei)
  redis.call('RPUSH', KEYS[3], ARGV[2] .. ' ' .. imei)
end
redis.call('LTRIM', KEYS[3], -tonumber(ARGV[4]), -1)
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[2], 'since', 0)
if #imeis > 0 then redis.call('PUBLISH', ARGV[3], 'revoked ' .. table.concat(imeis, ',')) end
return imeis`);
