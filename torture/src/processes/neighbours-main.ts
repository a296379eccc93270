import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { restCommand } from '../wire/rest.ts';
import type { RawAnswer } from '../wire/rest.ts';
import { openSocket, socketCommand } from '../wire/socket.ts';
import type { NeighbourOrders, Sample } from './neighbours.ts';

/**
 * Agents that work, half over REST, half over Socket.IO, each in a project of its own. Calls are tried once, so that
 * nothing is mended before it is seen.
 */
const orders = JSON.parse(process.argv[2] ?? '{}') as NeighbourOrders;
const PROBE_MS = 100;
/** No call may hang for longer, whatever happens: then the hub is not there. */
const PROBE_MS_MAX = 5_000;
const calls: Sample[] = [];
const probes: Sample[] = [];
let isStopping = false;
let underWay = 0;

type Ask = (
  name: Parameters<typeof restCommand>[1]['name'],
  projectId: string,
  input: Record<string, unknown>,
) => Promise<Record<string, unknown>>;

const makeAsk = async (number: number): Promise<Ask> => {
  const socket = number % 2 === 0 ? await openSocket(orders) : undefined;
  return async (name, projectId, input) => {
    const call = { name, projectId, input };
    const at = Date.now();
    const started = performance.now();
    const answer: RawAnswer = await (socket ? socketCommand(socket, call) : restCommand(orders, call));
    const error = answer.type === 'ok' ? undefined : answer.type === 'fail' ? answer.refusal : answer.error;
    calls.push({ at, ms: performance.now() - started, ...(error === undefined ? {} : { error }) });
    await sleep(orders.pauseMs * (0.5 + Math.random()));
    return answer.type === 'ok' ? (answer.output as Record<string, unknown>) : {};
  };
};

const live = async (number: number): Promise<void> => {
  const ask = await makeAsk(number);
  const { projectId } = await ask('project.create', '', { name: `neighbour ${number}` });
  const project = String(projectId);
  const { sessionId } = await ask('agent.register', project, { agentId: `neighbour-${number}` });
  while (!isStopping) {
    const { taskId } = await ask('task.create', project, { title: 'work' });
    const { epoch } = await ask('task.claim', project, { taskId, sessionId });
    await ask('agent.heartbeat', project, { sessionId });
    await ask('task.complete', project, { taskId, sessionId, epoch });
  }
};

const probe = (): Promise<string | undefined> =>
  new Promise((resolve) => {
    const headers = { authorization: `Bearer ${orders.token}` };
    const asked = request(`${orders.url}/v1`, { agent: false, headers, timeout: PROBE_MS_MAX }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode === 200 ? undefined : String(answer.statusCode)));
      answer.once('error', (error) => resolve(error.message));
    });
    asked.once('timeout', () => asked.destroy(new Error('timeout')));
    asked.once('error', (error) => resolve(error.message));
    asked.end();
  });

const probing = setInterval(() => {
  const at = Date.now();
  const started = performance.now();
  underWay++;
  void probe().then((error) => {
    underWay--;
    probes.push({ at, ms: performance.now() - started, ...(error === undefined ? {} : { error }) });
  });
}, PROBE_MS);

process.on('message', () => (isStopping = true));
process.on('disconnect', () => process.exit(0));
process.send?.({ kind: 'started' });
await Promise.all(Array.from({ length: orders.agents }, (_, number) => live(number)));
clearInterval(probing);
while (underWay > 0) await sleep(PROBE_MS);
process.send?.({ kind: 'samples', calls, probes }, () => process.exit(0));
