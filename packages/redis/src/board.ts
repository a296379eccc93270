import { hostname } from 'node:os';
import type { Board } from '@agentmix/act-core';
import type { Client } from './connection.ts';

/** A hub that is gone is forgotten after this. */
const HUB_SECONDS = 30;
/** An agent that no hub heard any more is forgotten after this. */
const PRESENCE_MS = 60_000;

/** Replaces a hash, unless what it shows is as late or later: nothing older ever overwrites it. */
const SHOW_STATE = `
if tonumber(redis.call('GET', KEYS[2]) or '-1') >= tonumber(ARGV[1]) then return 0 end
redis.call('DEL', KEYS[1])
for at = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1]) end
redis.call('SET', KEYS[2], ARGV[1])
return 1`;

/** Notes agents as heard at the time of Redis, and drops those that were not heard for long. */
const SHOW_PRESENCE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for at = 3, #ARGV do
  redis.call('HSET', KEYS[1], ARGV[at], string.format('{"at":%.0f,"hub":"%s"}', now, ARGV[2]))
end
local all = redis.call('HGETALL', KEYS[1])
for at = 1, #all, 2 do
  local heard = tonumber(string.match(all[at + 1], '"at":(%d+)') or '0')
  if now - heard > tonumber(ARGV[1]) then redis.call('HDEL', KEYS[1], all[at]) end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return #all / 2`;

/** Hashes that programs outside read: `project:{id}`, `project:{id}:presence`, and `act:hub:{id}` of each hub. */
export const makeBoard = (client: Client, hubId: string): Board => ({
  showState: async ({ projectId, seq, entries }) => {
    const fields = entries.flatMap(([key, value]) => [key, JSON.stringify(value)]);
    await client.eval(SHOW_STATE, {
      keys: [`project:${projectId}`, `project:${projectId}:seq`],
      arguments: [String(seq), ...fields],
    });
  },
  showPresence: async (projectId, agentIds) => {
    await client.eval(SHOW_PRESENCE, {
      keys: [`project:${projectId}:presence`],
      arguments: [String(PRESENCE_MS), hubId, ...agentIds],
    });
  },
  showHub: async () => {
    const value = JSON.stringify({ host: hostname(), pid: process.pid });
    const before = await client.set(`act:hub:${hubId}`, value, {
      expiration: { type: 'EX', value: HUB_SECONDS },
      GET: true,
    });
    return before !== null;
  },
});
