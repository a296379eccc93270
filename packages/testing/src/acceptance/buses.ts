import type { Bus } from '@agentmix/act-core';
import { uuidv7 } from 'uuidv7';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

/** Where hubs meet; each opens an end of its own, which hears when this resolves. */
export interface BusesUnderTest {
  readonly open: () => Promise<Bus>;
  readonly dispose: () => Promise<void>;
}

const HEARD_MS_MAX = 5_000;
const heardBy = (bus: Bus): Map<string, number[]> => {
  const heard = new Map<string, number[]>();
  bus.subscribe((projectId, seq) => heard.set(projectId, [...(heard.get(projectId) ?? []), seq]));
  return heard;
};

/** What every Bus promises, as tests: each adapter passes them unchanged. */
export const busAcceptance = (name: string, make: () => Promise<BusesUnderTest>): void => {
  describe(`${name} as a bus`, () => {
    let made: BusesUnderTest | undefined;
    let open: Bus[] = [];
    const openBus = async (): Promise<Bus> => {
      if (!made) throw new Error('the buses are not made yet');
      const bus = await made.open();
      open.push(bus);
      return bus;
    };
    beforeAll(async () => {
      made = await make();
    });
    afterEach(async () => {
      await Promise.all(open.splice(0).map((bus) => bus.close()));
      open = [];
    });
    afterAll(() => made?.dispose());
    const last = (heard: Map<string, number[]>, projectId: string) =>
      expect.poll(() => heard.get(projectId)?.at(-1), { timeout: HEARD_MS_MAX, interval: 5 });

    it('tells every other hub how far a project is', async () => {
      const [one, other, third] = [await openBus(), await openBus(), await openBus()];
      const [atOther, atThird] = [heardBy(other), heardBy(third)];
      const projectId = uuidv7();
      one.publish(projectId, 7);
      await last(atOther, projectId).toBe(7);
      await last(atThird, projectId).toBe(7);
      expect(other.isHearing).toBe(true);
    });

    it('tells the end of whatever is said in quick succession, of each project', async () => {
      const [one, other] = [await openBus(), await openBus()];
      const heard = heardBy(other);
      const projectIds = Array.from({ length: 300 }, () => uuidv7());
      for (let seq = 1; seq <= 5; seq++) for (const projectId of projectIds) one.publish(projectId, seq);
      for (const projectId of projectIds) await last(heard, projectId).toBe(5);
    });

    it('tells a listener nothing more when it has left, and the others all', async () => {
      const [one, other] = [await openBus(), await openBus()];
      const left: number[] = [];
      const leave = other.subscribe((_projectId, seq) => void left.push(seq));
      const heard = heardBy(other);
      const projectId = uuidv7();
      one.publish(projectId, 1);
      await last(heard, projectId).toBe(1);
      leave();
      one.publish(projectId, 2);
      await last(heard, projectId).toBe(2);
      expect(left).toEqual([1]);
    });

    it('takes words after its end without a fuss, and says none of them', async () => {
      const [one, other] = [await openBus(), await openBus()];
      const heard = heardBy(other);
      const projectId = uuidv7();
      await one.close();
      one.publish(projectId, 1);
      const third = await openBus();
      third.publish(projectId, 2);
      await last(heard, projectId).toBe(2);
      expect(heard.get(projectId)).toEqual([2]);
    });
  });
};
