import { describe, expect, it } from 'vitest';
import { ActUnavailable } from '../errors.ts';
import { heartbeatDelayMs, heartbeatTimeoutMs, startHeartbeats } from './heartbeats.ts';

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('heartbeats', () => {
  it('come at a third of the lease ± 20 %', () => {
    expect(heartbeatDelayMs(30_000, 0)).toBeCloseTo(8_000);
    expect(heartbeatDelayMs(30_000, 0.5)).toBeCloseTo(10_000);
    expect(heartbeatDelayMs(30_000, 1)).toBeCloseTo(12_000);
    expect(heartbeatTimeoutMs(9_000)).toBe(3_000);
    expect(heartbeatTimeoutMs(60_000)).toBe(5_000);
  });

  it('go on after failures, sooner than usual, and stop when the session is over', async () => {
    const at: number[] = [];
    const beats = startHeartbeats(1_500, () => {
      at.push(performance.now());
      if (at.length <= 3) return Promise.reject(new ActUnavailable('down', { attempts: 1, elapsedMs: 1 }));
      return Promise.resolve(at.length === 5 ? 'over' : 'live');
    });
    await expect.poll(() => at.length).toBe(5);
    await wait(700);
    expect(at).toHaveLength(5);
    expect(((at[3] ?? 0) - (at[0] ?? 0)) / 3).toBeLessThan((at[4] ?? 0) - (at[3] ?? 0));
    expect((at[4] ?? 0) - (at[3] ?? 0)).toBeGreaterThanOrEqual(395);
    beats.stop();
  });

  it('stop when they are stopped, also while one is under way', async () => {
    let count = 0;
    const beats = startHeartbeats(150, async () => {
      count++;
      await wait(100);
      return 'live';
    });
    await wait(100);
    beats.stop();
    await wait(300);
    expect(count).toBe(1);
  });
});
