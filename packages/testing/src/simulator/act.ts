import { commands } from '@agentmix/act-contract';
import type { CommandArguments, FramedEvent } from '@agentmix/act-contract';
import type { LaneCommand, LaneCommandName } from '@agentmix/act-core';
import type { Sent } from '../records.ts';
import { inputs } from './inputs.ts';
import { checkRefusal } from './observe.ts';
import { SimulatedHub } from './simulated-hub.ts';
import { countUp } from './world.ts';
import type { Actor, Reply, World } from './world.ts';

export interface Asked {
  readonly sent: Sent;
  readonly actor?: Actor | undefined;
}

/** A command as a door would let it in; undefined when the contract’s schema refuses it there. */
export const ask = <N extends LaneCommandName>(
  world: World,
  name: N,
  input: CommandArguments<N>,
  actor?: Actor,
): Asked | undefined => {
  const parsed = commands[name].input.safeParse(input);
  if (!parsed.success) {
    countUp(world.stats.refused, 'invalid_input');
    return undefined;
  }
  // The row’s schema has made the input; TypeScript cannot pair it with its name.
  const command = { name, input: parsed.data } as LaneCommand;
  return { sent: { commandId: world.newCommandId(), command }, actor };
};

export const askAnything = (world: World, name: LaneCommandName, actor: Actor): Asked | undefined =>
  // The table pairs each name with its own input; TypeScript cannot follow that pairing through an index.
  ask(
    world,
    name,
    (inputs[name] as (world: World, actor: Actor) => CommandArguments<typeof name>)(world, actor),
    actor,
  );

const drop = (actor: Actor, taskId: string): void => {
  const gone = actor.grants.filter((grant) => grant.taskId === taskId);
  actor.old.push(...gone);
  actor.grants = actor.grants.filter((grant) => grant.taskId !== taskId);
};

const learn = (actor: Actor, event: FramedEvent): void => {
  if (event.type === 'task.claimed' && event.agentId === actor.agentId) {
    const { taskId, epoch, sessionId } = event.data;
    actor.grants.push({ taskId, epoch, sessionId });
  } else if (event.type === 'agent.registered' && event.agentId === actor.agentId) {
    actor.old.push(...actor.grants);
    actor.grants = [];
    actor.sessionId = event.data.sessionId;
  } else if (event.type === 'task.completed' || event.type === 'task.released')
    drop(actor, event.data.taskId);
};

/** What an agent makes of an answer: claims it now has, grants it has lost. */
export const hear = ({ sent, actor }: Asked, reply: Reply): void => {
  if (!actor) return;
  const { command } = sent;
  if (!('refusal' in reply)) {
    for (const event of reply.events) learn(actor, event);
    if (command.name === 'agent.disconnect' && command.input.sessionId === actor.sessionId)
      actor.sessionId = undefined;
    return;
  }
  if (reply.refusal === 'stale_epoch' && 'taskId' in command.input && command.input.taskId !== undefined)
    drop(actor, command.input.taskId);
  if (reply.refusal !== 'session_expired' || !('sessionId' in command.input)) return;
  if (actor.sessionId !== command.input.sessionId) return;
  actor.old.push(...actor.grants);
  actor.grants = [];
  actor.sessionId = undefined;
};

const note = (world: World, { sent }: Asked, reply: Reply): void => {
  const { command, commandId } = sent;
  const said = 'refusal' in reply ? reply.refusal : reply.events.map(({ type }) => type).join(' ');
  world.stats.commands++;
  countUp(
    'refusal' in reply ? world.stats.refused : world.stats.accepted,
    'refusal' in reply ? said : command.name,
  );
  world.digest.update(`${commandId} ${said}`);
  world.trace.push(`${command.name} ${JSON.stringify(command.input).slice(0, 240)} -> ${said || 'nothing'}`);
};

/** Sends a batch to one replica. Some answers are lost: their askers hear nothing and will ask again. */
export const deliver = async (world: World, batch: readonly Asked[], lossy = true): Promise<Reply[]> => {
  const { random, hubs } = world;
  const hub = random.maybe(hubs) ?? new SimulatedHub(world);
  if (random.chance(0.5)) await hub.catchUp();
  const replies = await hub.submit(batch.map(({ sent }) => sent));
  batch.forEach((asked, at) => {
    const reply = replies[at] ?? { refusal: 'internal' };
    if ('refusal' in reply) checkRefusal(asked.sent, reply.refusal);
    note(world, asked, reply);
    if (lossy && random.chance(0.08)) world.lost.push({ ...asked, reply });
    else hear(asked, reply);
  });
  if (random.chance(0.05)) hub.restart();
  return replies;
};
