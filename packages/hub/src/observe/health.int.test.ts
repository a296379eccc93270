import { HUB_CHECKS, hubCalls } from '@agentmix/act-contract';
import { makeMemoryBuses, makeMemoryStore } from '@agentmix/act-memory';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../test/door.ts';
import { FailingStore, makeGate } from '../../test/failing-store.ts';
import { httpRequest } from '../../test/http-request.ts';
import { newTask } from '../../test/make-service.ts';
import { makePrincipal } from '../../test/principals.ts';
import { answerOf, bearer, openRest } from '../../test/rest-door.ts';
import type { HubAddress } from '../../test/rest-door.ts';
import { memoryStores, TestHub } from '../../test/start-test-hub.ts';
import { makeProject } from '../../test/world.ts';
import type { Health } from './health.ts';

const { route, output } = hubCalls['hub.status'];

describe('how a hub is', () => {
  const failing = new FailingStore();
  const never = new Promise<never>(() => undefined);
  let isAway = false;
  let hub: TestHub;
  let projectId: string;
  beforeAll(async () => {
    const clock = (): Promise<number> => (isAway ? never : failing.inner.clock());
    hub = await TestHub.start({ stores: memoryStores({ ...failing.store, clock }) });
    projectId = await makeProject(openRest(hub));
  });
  afterAll(() => hub.stop());

  const ask = (address: HubAddress = hub) =>
    httpRequest(`${address.url}/v1${route.path}`, { headers: bearer(address) });
  const statesOf = async (): Promise<Record<string, string>> => {
    const { checks } = JSON.parse((await ask()).text) as Health;
    return Object.fromEntries(checks.map(({ name, state }) => [name, state]));
  };

  it('is told to its owners alone, by the contract', async () => {
    const answer = await ask();
    expect(answer.status).toBe(200);
    const { checks } = output.parse(JSON.parse(answer.text));
    expect(checks.map(({ name }) => name)).toEqual(HUB_CHECKS);
    expect(new Set(Object.values(await statesOf()))).toEqual(new Set(['ok']));
    const { hub: admin } = await makePrincipal(hub, projectId, 'admin', {});
    expectProblem(answerOf(await ask(admin)), 'forbidden');
    expectProblem(answerOf(await ask({ url: hub.url, token: 'none' })), 'unauthorized');
  });

  it('is bad when the database does not answer, which is told within seconds', async () => {
    isAway = true;
    const asked = performance.now();
    expect(await statesOf()).toMatchObject({ database: 'bad', lanes: 'ok' });
    expect(performance.now() - asked).toBeLessThan(4_000);
    isAway = false;
    expect(await statesOf()).toMatchObject({ database: 'ok' });
  });

  it('gets worse the more commands wait in one project', async () => {
    const gate = makeGate();
    failing.faults.push(...Array.from({ length: 4 }, () => gate.fault));
    const { service } = hub.hub;
    const waiting: Promise<unknown>[] = [];
    const fill = async (depth: number): Promise<void> => {
      while (service.lanes.depth < depth) {
        for (let count = 0; count < 100; count++)
          waiting.push(service.command('task.create', projectId, newTask('filler'), uuidv7()));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    await fill(1_024);
    expect(await statesOf()).toMatchObject({ lanes: 'warning' });
    await fill(3_072);
    expect(await statesOf()).toMatchObject({ lanes: 'bad' });
    gate.open();
    await Promise.all(waiting);
    expect(await statesOf()).toMatchObject({ lanes: 'ok' });
  });
});

it('says of a hub among others whether it hears them', async () => {
  const store = makeMemoryStore({ clock: () => Date.now() });
  let isHearing = true;
  const bus = {
    ...makeMemoryBuses().open(),
    get isHearing() {
      return isHearing;
    },
  };
  const hub = await TestHub.start({ stores: memoryStores(store), bus });
  const replicas = async () => {
    const answer = await httpRequest(`${hub.url}/v1${route.path}`, { headers: bearer(hub) });
    return (JSON.parse(answer.text) as Health).checks.find(({ name }) => name === 'replicas');
  };
  expect(await replicas()).toMatchObject({ state: 'ok', says: expect.stringContaining('are heard') });
  isHearing = false;
  expect(await replicas()).toMatchObject({ state: 'warning' });
  await hub.stop();
});
