import { Claim, Task } from '@agentmix/act-contract';
import { uuidv7 } from 'uuidv7';

import type { Scene, Server } from './servers.ts';

/** Fields of a task that have fields of their own, and those. */
const NESTED: Readonly<Record<string, string>> = {
  requires: '{ name level }',
  checkpoint: '{ note paths branch commit }',
  settled: '{ commit by }',
};

/** Everything that REST answers. */
const wholeClaim = (): string => {
  const task = Object.keys(Task.shape).map((name) => `${name} ${NESTED[name] ?? ''}`);
  return Object.keys(Claim.shape)
    .map((name) => (name === 'task' ? `task { ${task.join(' ')} }` : name))
    .join(' ');
};

const QUERY = `mutation ($projectId: ID!, $taskId: ID!, $sessionId: ID!) {
  taskClaim(projectId: $projectId, taskId: $taskId, sessionId: $sessionId) {
    ... on Claim { ${wholeClaim()} }
    ... on Refusal { code }
  }
}`;

/** The same claims as mutations, with the same key in the head and the same answer. */
export function graphqlClaimServer(
  name: string,
  { hub, callers, projectId, sessions, taskIds }: Scene,
): Server {
  return {
    ...hub,
    name,
    operate: async (_number, index) => {
      const taskId = taskIds.pop() ?? '';
      const variables = { projectId, taskId, sessionId: sessions[index] ?? '' };
      const key = `idempotency-key: ${uuidv7()}\r\n`;
      const body = JSON.stringify({ query: QUERY, variables });
      const answer = await callers[index]?.connection.request('POST', '/graphql', body, key);
      if (answer?.status !== 200 || !answer.body.includes(`"taskId":"${taskId}"`))
        throw new Error(`taskClaim was answered ${answer?.status}: ${answer?.body}`);
    },
    close: () => callers.forEach((caller) => caller.close()),
  };
}
