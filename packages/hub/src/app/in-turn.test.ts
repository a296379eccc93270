import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { inTurn } from './in-turn.ts';

it('runs one after another, and who asks while one waits shares it', async () => {
  const log: string[] = [];
  let runs = 0;
  const ask = inTurn(async () => {
    const own = ++runs;
    log.push(`begin ${own}`);
    await sleep(5);
    log.push(`end ${own}`);
    return own;
  });
  const first = ask();
  await sleep(1);
  // The first has begun: what is new is not in it.
  const others = await Promise.all([ask(), ask(), ask()]);
  expect(await first).toBe(1);
  expect(others).toEqual([2, 2, 2]);
  expect(await ask()).toBe(3);
  expect(log).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3']);
});

it('goes on after a run that failed, which only those learn who shared it', async () => {
  let runs = 0;
  const ask = inTurn(async () => {
    if (++runs === 1) throw new Error('away');
    return runs;
  });
  await expect(ask()).rejects.toThrow('away');
  expect(await ask()).toBe(2);
});
