import { connectHub, createAgent } from '@agentmix/act-client';
import type { CommandName } from '@agentmix/act-client';
import { inputOf, needsEpoch, speakingCommands } from '../rows/holder-inputs.ts';
import type { Speaker } from '../rows/holder-inputs.ts';
import { graphqlCommand } from '../wire/graphql.ts';
import { restCommand, routeOf } from '../wire/rest.ts';
import { openSocket, socketCommand } from '../wire/socket.ts';
import type { ZombieOrders, ZombieShot } from './zombie.ts';

/** An agent that takes a task, is stopped for longer than its lease, and then says everything it can. */
const orders = JSON.parse(process.argv[2] ?? '{}') as ZombieOrders;
const { projectId, agentId, leaseMs } = orders;
const hub = connectHub(orders);
const agent = createAgent({ hub, projectId, agentId, leaseMs });

const take = async (): Promise<number> => {
  const claimed = await agent.claimTask(orders.taskId);
  if (!claimed.ok) throw new Error(`${agentId}: not claimed: ${claimed.refusal.code}`);
  return claimed.value.epoch;
};

const fire = async (speaker: Speaker, names: readonly CommandName[]): Promise<ZombieShot[]> => {
  const shots: ZombieShot[] = [];
  const socket = await openSocket(orders);
  for (const name of names) {
    const input = inputOf(name, speaker);
    const call = { name, projectId, input };
    const viaSocket = await socketCommand(socket, call);
    shots.push({
      name,
      door: 'socket.io',
      type: viaSocket.type,
      refusal: viaSocket.type === 'fail' ? viaSocket.refusal : undefined,
    });
    // The hub's own commands have no route: there is nothing to fire at but the socket.
    if (!routeOf(name)) continue;
    for (const [door, command] of [
      ['rest', restCommand],
      ['graphql', graphqlCommand],
    ] as const) {
      const { type, ...more } = await command(orders, call);
      shots.push({ name, door, type, refusal: 'refusal' in more ? more.refusal : undefined });
    }
    // Made from the table and checked against its schema, but typed only as a record.
    const viaSdk = await hub.command(name, projectId, input as never);
    shots.push({
      name,
      door: 'sdk',
      type: viaSdk.ok ? 'ok' : 'fail',
      refusal: viaSdk.ok ? undefined : viaSdk.refusal.code,
    });
  }
  socket.disconnect();
  return shots;
};

await agent.register();
const epoch = await take();
// A living session with an earlier grant of its own: it gave the task back and took it again.
if (orders.kind === 'regranted') {
  await agent.releaseTask(orders.taskId);
  await take();
}
process.send?.({ kind: 'holding', sessionId: agent.sessionId, epoch });
process.on('message', (message) => {
  const about = message as Pick<Speaker, 'otherAgentId' | 'requestId' | 'messageId'>;
  const speaker = { ...about, sessionId: agent.sessionId ?? '', taskId: orders.taskId, epoch };
  const names = speakingCommands().filter((name) => orders.kind === 'stopped' || needsEpoch(name));
  void fire(speaker, names).then((shots) => process.send?.({ kind: 'fired', shots }));
});
process.on('disconnect', () => process.exit(0));
