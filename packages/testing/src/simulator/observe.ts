import { isDeepStrictEqual } from 'node:util';
import { answer } from '@agentmix/act-core';
import type { Commit, ProjectState } from '@agentmix/act-core';
import { commands, commonCommandRefusals, events as eventSchemas } from '@agentmix/act-contract';
import type { FramedEvent, RefusalCode } from '@agentmix/act-contract';
import type { Outcome, Sent } from '../records.ts';
import { hashOf } from '../records.ts';
import { applyEvent } from './apply-record.ts';
import { canDo, checkCircles, checkSettled } from './model.ts';
import type { Model, ModelTask } from './model.ts';
import { checkPredictions } from './prediction-rules.ts';
import { checkReservations } from './reservation-rules.ts';
import { insist } from './violation.ts';
import { countUp } from './world.ts';
import type { World } from './world.ts';

/** Right after a decision: no agent was sent away while there was work for it, and the answer fits the contract. */
export const checkDecided = (sent: Sent, outcome: Outcome, state: ProjectState): void => {
  if ('refusal' in outcome) return;
  const { command } = sent;
  commands[command.name].output.parse(answer(command, outcome.events, state));
  if (command.name !== 'task.next' || outcome.events.length > 0) return;
  const session = state.sessions.get(command.input.sessionId);
  const capabilities = state.agents.get(session?.agentId ?? '')?.capabilities ?? [];
  for (const task of state.tasks.values()) {
    insist(
      task.status !== 'ready' || !canDo(capabilities, task.requires),
      () => `${session?.agentId} got no work while ${task.id} is ready for it`,
    );
  }
};

/** Every refusal is one of those that the command’s row of the contract names. */
export const checkRefusal = (sent: Sent, code: RefusalCode): void => {
  const { name } = sent.command;
  insist(
    [...commands[name].refusals, ...commonCommandRefusals].includes(code),
    () => `${name} was refused with ${code}, which its row does not name`,
  );
};

/** Before its events: who speaks as a holder must be the holder, who speaks as a session must be live. */
const checkSpeaker = (model: Model, { command }: Sent, clock: number): void => {
  const { name, input } = command;
  if (name === 'session.expire') {
    const session = model.sessions.get(input.sessionId);
    insist(
      session !== undefined && session.leaseUntil < clock,
      () => `${input.sessionId} expired while it was live`,
    );
    return;
  }
  if ('sessionId' in input && input.sessionId !== undefined) {
    const { sessionId } = input;
    insist(
      model.sessions.get(sessionId)?.isLive === true,
      () => `${name} by session ${sessionId}, which is not live`,
    );
  }
  if (!('epoch' in input)) return;
  const task = model.tasks.get(input.taskId);
  insist(
    task?.condition === 'held' && task.epoch === input.epoch,
    () => `${name} of ${input.taskId} with epoch ${input.epoch}: it is ${task?.condition} at ${task?.epoch}`,
  );
  insist(
    !('sessionId' in input) || task?.holder?.sessionId === input.sessionId,
    () => `${name} of ${input.taskId} by a session that does not hold it`,
  );
};

const checkEvent = (event: FramedEvent): void => {
  const parsed = eventSchemas[event.type].safeParse(event.data);
  insist(parsed.success, () => `${event.type} does not fit the contract: ${parsed.error?.message}`);
  insist(
    isDeepStrictEqual(JSON.parse(JSON.stringify(parsed.data)), event.data),
    () => `${event.type} says more than the contract: ${JSON.stringify(event.data)}`,
  );
};

const STATUS: Record<ModelTask['condition'], string> = {
  waiting: 'pending',
  ready: 'ready',
  held: 'claimed',
  blocked: 'blocked',
  parked: 'failed',
  completed: 'completed',
  cancelled: 'cancelled',
};

const checkState = (world: World, state: ProjectState): void => {
  const { model } = world;
  insist(state.seq === model.seq, () => `the state is at ${state.seq}, the log at ${model.seq}`);
  for (const [id, task] of state.tasks) {
    const told = model.tasks.get(id);
    insist(
      told !== undefined && STATUS[told.condition] === task.status,
      () => `${id} is ${task.status} in the state, ${told?.condition} by the log`,
    );
    insist(
      told?.epoch === task.epoch && told.attempts === task.attempts,
      () => `${id} has epoch ${task.epoch} and ${task.attempts} attempts in the state`,
    );
    insist(
      told?.settled === task.settled?.commit,
      () => `${id} is settled by ${task.settled?.commit} in the state, by ${told?.settled} in the log`,
    );
  }
};

/** Takes a committed record into the model, command by command, and checks every rule on the way. */
export const observeRecord = (world: World, { record, state }: Commit, batch: readonly Sent[]): void => {
  const { model, stats } = world;
  const byId = new Map(batch.map((sent) => [sent.commandId, sent]));
  insist(
    record.previousHash === model.hash,
    () => `record ${record.firstSeq} does not chain to the one before`,
  );
  insist(record.hash === hashOf(record), () => `record ${record.firstSeq} has a wrong hash`);
  insist(record.firstSeq === model.seq + 1, () => `record ${record.firstSeq} after ${model.seq}`);
  model.hash = record.hash;
  // What subscribers get is the text: the model reads nothing else.
  const events = JSON.parse(record.eventsText) as FramedEvent[];
  let first = 0;
  record.commandIds.forEach((commandId, at) => {
    insist(!model.commandIds.has(commandId), () => `command ${commandId} was committed twice`);
    const sent = byId.get(commandId);
    const own = events.slice(first, first + (record.eventCounts[at] ?? 0));
    first += own.length;
    if (sent && own.length > 0) checkSpeaker(model, sent, world.now);
    if (own.length > 0) model.commandIds.add(commandId);
    for (const event of own) {
      checkEvent(event);
      applyEvent(model, event, world.now);
      countUp(stats.eventTypes, event.type);
    }
  });
  insist(model.seq === record.lastSeq, () => `record ends at ${record.lastSeq}, its events at ${model.seq}`);
  checkSettled(model);
  checkReservations(model);
  checkPredictions(model);
  checkCircles(model);
  checkState(world, state);
  stats.records++;
  world.archive.push(record);
  world.digest.update(record.hash);
};
