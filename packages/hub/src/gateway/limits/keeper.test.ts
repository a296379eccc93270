import { refusal } from '@agentmix/act-contract';
import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import type { Authenticated, Bearer } from '../../access/access.ts';
import { bearerToken } from '../bearer.ts';
import { makeGate } from './gate.ts';
import { makeKeeper } from './keeper.ts';

const NO_LIMITS = {
  principalPerSecond: 0,
  projectPerSecond: 0,
  addressPerSecond: 0,
  connectionsPerAddress: 0,
  waitingPerAddress: 0,
};
const BEARER: Bearer = {
  credential: { projectId: 'p', memberId: 'ada', kind: 'agent', role: 'agent', isRemoved: false },
};
const authenticate = (token: string | undefined): Authenticated =>
  token === 'good' ? { ok: true, bearer: BEARER } : { ok: false, refusal: refusal('unauthorized') };

it('tells of each connection on which a good token was shown, once', async () => {
  let entered = 0;
  const gate = makeGate(NO_LIMITS, { authenticate, recall: () => undefined });
  const keeper = makeKeeper(NO_LIMITS, false, gate, { entered: () => entered++ });
  const server = createServer((request, response) => {
    const token = bearerToken(request.headers.authorization);
    void Promise.resolve(keeper.enter(request, token)).then(() => response.end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const call = async (agent: Agent, token: string): Promise<void> => {
    const asked = get({ port, host: '127.0.0.1', agent, headers: { authorization: `Bearer ${token}` } });
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    await once(answer.resume(), 'end');
  };
  const agents = Array.from({ length: 3 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  const [one, another, stranger] = agents as [Agent, Agent, Agent];
  await call(one, 'good');
  await call(one, 'good');
  await call(stranger, 'bad');
  expect(entered).toBe(1);
  await call(another, 'good');
  expect(entered).toBe(2);
  for (const agent of agents) agent.destroy();
  keeper.close();
  server.close();
});
