import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hasRedis, startRedis } from '@agentmix/act-testing/engines';
import type { RedisServer } from '@agentmix/act-testing/engines';
import { busAcceptance } from '@agentmix/act-testing/bus-acceptance';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RedisRefused } from './connection.ts';
import { openRedis } from './open-redis.ts';
import type { Redis } from './open-redis.ts';

let server: RedisServer;
let opened: Redis[] = [];
const open = async (lines: string[] = [], url = server.url): Promise<Redis> => {
  const redis = await openRedis({ url, hubId: randomUUID(), log: (line) => void lines.push(line) });
  opened.push(redis);
  return redis;
};
const openHearing = async (lines: string[] = []): Promise<Redis> => {
  const redis = await open(lines);
  await expect.poll(() => redis.bus.isHearing, { timeout: 5_000, interval: 5 }).toBe(true);
  return redis;
};
const closeAll = async (): Promise<void> => {
  await Promise.all(opened.map((redis) => redis.close()));
  opened = [];
};
describe.skipIf(!hasRedis())('with a real Redis', () => {
  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(closeAll);
  afterAll(() => server.stop());

  busAcceptance('Redis', async () => ({
    open: async () => (await openHearing()).bus,
    dispose: closeAll,
  }));

  describe('the line between hubs', () => {
    const hearSeqs = ({ bus }: Redis): number[] => {
      const seqs: number[] = [];
      bus.subscribe((_projectId, seq) => void seqs.push(seq));
      return seqs;
    };

    it('says at most one message in 25 ms, however much is committed', async () => {
      const [one, other] = [await openHearing(), await openHearing()];
      const seqs = hearSeqs(other);
      const projectId = randomUUID();
      const until = performance.now() + 500;
      let seq = 0;
      while (performance.now() < until) {
        one.bus.publish(projectId, ++seq);
        await new Promise(setImmediate);
      }
      await expect.poll(() => seqs.at(-1), { timeout: 5_000 }).toBe(seq);
      expect(seqs.length).toBeLessThanOrEqual(26);
    });

    it('knows that it hears nothing while Redis is away, and hears again when it is back', async () => {
      const lines: string[] = [];
      const [one, other] = [await openHearing(lines), await openHearing()];
      const seqs = hearSeqs(other);
      await server.kill();
      await expect.poll(() => other.bus.isHearing, { timeout: 2_000, interval: 10 }).toBe(false);
      one.bus.publish(randomUUID(), 1);
      await server.start();
      await expect.poll(() => one.bus.isHearing && other.bus.isHearing, { timeout: 10_000 }).toBe(true);
      one.bus.publish(randomUUID(), 2);
      await expect.poll(() => seqs.at(-1), { timeout: 5_000 }).toBe(2);
      expect(lines).toEqual(['Redis is not reached', 'Redis is reached again']);
    }, 20_000);

    it('knows that it hears nothing while Redis stands still with its connections open', async () => {
      const redis = await openHearing();
      server.signal('SIGSTOP');
      await expect.poll(() => redis.bus.isHearing, { timeout: 1_000, interval: 10 }).toBe(false);
      server.signal('SIGCONT');
      await expect.poll(() => redis.bus.isHearing, { timeout: 10_000 }).toBe(true);
    }, 20_000);

    it('brings whispers to all others, and takes nothing else for one', async () => {
      const [one, other] = [await openHearing(), await openHearing()];
      const heard: string[] = [];
      const seqs = hearSeqs(other);
      let count = 0;
      one.whispers.add('count', {
        tell: () => (count++ < 2 ? `${count}` : undefined),
        hear: () => undefined,
      });
      other.whispers.add('count', { tell: () => undefined, hear: (text) => void heard.push(text) });
      await expect.poll(() => heard, { timeout: 5_000 }).toEqual(['1', '2']);
      const nonsense = [
        'x',
        '{}',
        'null',
        '[]',
        '{"hub":1,"moved":[]}',
        '{"hub":"x","moved":{}}',
        '{"hub":"x","moved":[["p"],["p",1.5],[1,2],null],"told":{"count":7,"other":"1"}}',
        '{"hub":"x","moved":[],"told":[null]}',
      ];
      for (const text of nonsense) await server.ask('PUBLISH', 'act:0:hubs', text);
      await server.ask('PUBLISH', 'act:0:hubs', '{"hub":"x","moved":[["p",7]],"told":{"count":"3"}}');
      await expect.poll(() => seqs, { timeout: 5_000 }).toEqual([7]);
      expect(heard).toEqual(['1', '2', '3']);
    });

    it('is apart from hubs that use another database number', async () => {
      const [one, other] = [await openHearing(), await open([], `${server.url}/3`)];
      await expect.poll(() => other.bus.isHearing, { timeout: 5_000 }).toBe(true);
      const seqs = hearSeqs(other);
      one.bus.publish(randomUUID(), 1);
      const third = await open([], `${server.url}/3`);
      third.bus.publish(randomUUID(), 2);
      await expect.poll(() => seqs, { timeout: 5_000 }).toEqual([2]);
    });
  });

  describe('the board', () => {
    const shown = async (key: string): Promise<Record<string, string>> =>
      (await server.ask('HGETALL', key)) as Record<string, string>;

    it('shows a project’s live state, and never an older one over a newer', async () => {
      const { board } = await open();
      const projectId = randomUUID();
      const key = `project:${projectId}`;
      await board.showState({
        projectId,
        seq: 5,
        entries: [
          ['a', { x: [1] }],
          ['b', 'text'],
        ],
      });
      expect(await shown(key)).toEqual({ a: '{"x":[1]}', b: '"text"' });
      await board.showState({ projectId, seq: 4, entries: [['old', 1]] });
      expect(await shown(key)).toEqual({ a: '{"x":[1]}', b: '"text"' });
      await board.showState({ projectId, seq: 6, entries: [['b', null]] });
      expect(await shown(key)).toEqual({ b: 'null' });
      await board.showState({ projectId, seq: 7, entries: [] });
      expect(await shown(key)).toEqual({});
      expect(await server.ask('GET', `${key}:seq`)).toBe('7');
    });

    it('shows who was heard, by which hub, at the time of Redis, and forgets them', async () => {
      const [one, other] = [await open(), await open()];
      const projectId = randomUUID();
      const key = `project:${projectId}:presence`;
      await server.ask('HSET', key, 'gone', '{"at":1,"hub":"x"}', 'odd', 'x');
      await one.board.showPresence(projectId, ['ada', 'bob "the" agent']);
      await other.board.showPresence(projectId, ['ada']);
      const hash = await shown(key);
      expect(Object.keys(hash).sort()).toEqual(['ada', 'bob "the" agent']);
      const [ada, bob] = [hash['ada'], hash['bob "the" agent']].map(
        (text) => JSON.parse(text ?? '') as { at: number; hub: string },
      );
      expect(ada?.hub).not.toBe(bob?.hub);
      expect(Math.abs(Date.now() - (ada?.at ?? 0))).toBeLessThan(5_000);
      expect(await server.ask('PTTL', key)).toBeGreaterThan(50_000);
    });

    it('notices that it was emptied', async () => {
      const { board } = await open();
      expect(await board.showHub()).toBe(false);
      expect(await board.showHub()).toBe(true);
      await server.ask('FLUSHALL');
      expect(await board.showHub()).toBe(false);
    });

    it('rejects at once while Redis is away', async () => {
      const { board } = await open();
      await server.kill();
      const started = performance.now();
      await expect(board.showState({ projectId: randomUUID(), seq: 1, entries: [] })).rejects.toThrow();
      await expect(board.showPresence(randomUUID(), ['ada'])).rejects.toThrow();
      await expect(board.showHub()).rejects.toThrow();
      expect(performance.now() - started).toBeLessThan(1_000);
      await server.start();
    });
  });

  describe('a Redis that is not there at the start', () => {
    it('is waited for in the background', async () => {
      await server.kill();
      const lines: string[] = [];
      const redis = await open(lines);
      expect(redis.bus.isHearing).toBe(false);
      expect(lines).toEqual(['Redis is not reached']);
      await server.start();
      await expect.poll(() => redis.bus.isHearing, { timeout: 10_000 }).toBe(true);
    }, 20_000);
  });

  it('works as a user who may do only what docs/redis.md names', async () => {
    const docs = await readFile(new URL('../../../docs/redis.md', import.meta.url), 'utf8');
    const rights =
      /needs `([^`]+)` on `([^`]+)` and `([^`]+)`/.exec(docs)?.slice(1).join(' ').split(' ') ?? [];
    await server.ask('ACL', 'SETUSER', 'hub', 'on', '>secret', ...rights);
    const lines: string[] = [];
    const redis = await open(lines, server.url.replace('//', '//hub:secret@'));
    await expect.poll(() => redis.bus.isHearing, { timeout: 5_000 }).toBe(true);
    expect(await redis.board.showHub()).toBe(false);
    const projectId = randomUUID();
    await redis.board.showState({ projectId, seq: 1, entries: [['a', 1]] });
    await redis.board.showState({ projectId, seq: 2, entries: [['b', 1]] });
    await server.ask('HSET', `project:${projectId}:presence`, 'old', '{"at":1}');
    await redis.board.showPresence(projectId, ['ada']);
    expect(lines).toEqual([]);
  });

  describe('a Redis with a password', () => {
    let guarded: RedisServer;
    beforeAll(async () => {
      guarded = await startRedis({ requirepass: 'right' });
    });
    afterAll(() => guarded.stop());
    const urlWith = (password: string): string => guarded.url.replace('//', `//:${password}@`);

    it('is refused in one line without the right one, which is not in it', async () => {
      for (const url of [guarded.url, urlWith('wrong-one')]) {
        const opening = open([], url);
        await expect(opening).rejects.toThrow(/^Redis refuses .*REDIS_URL$/);
        await expect(opening).rejects.toBeInstanceOf(RedisRefused);
        await expect(opening).rejects.not.toThrow('wrong-one');
      }
      await expect(open([], `${urlWith('right')}/99`)).rejects.toThrow(/^Redis refuses .*REDIS_URL$/);
    });

    it('is not used when it comes up later and refuses, which is told', async () => {
      await guarded.kill();
      const lines: string[] = [];
      await open(lines, urlWith('wrong-one'));
      await guarded.start();
      await expect
        .poll(() => lines, { timeout: 10_000 })
        .toEqual(['Redis is not reached', 'Redis is not used']);
    }, 20_000);

    it('is used with it', async () => {
      const redis = await open([], urlWith('right'));
      await expect.poll(() => redis.bus.isHearing, { timeout: 5_000 }).toBe(true);
    });
  });
});
