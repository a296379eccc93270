import { recordPart } from '@agentmix/act-contract';
import { defined } from '@agentmix/act-core';
import type { Speaker } from '../speaker.ts';
import * as card from './cards.ts';
import { told } from './told.ts';
import type { Handler } from './told.ts';

const HELD_SHOWN = 4;

const around = (briefing: card.Briefing) => {
  const { held, unread, others, conflicts, counts } = briefing;
  const mine = held.tasks.slice(0, HELD_SHOWN);
  const paths = held.tasks.flatMap(({ filePaths }) => filePaths);
  const step =
    unread.count > 0
      ? 'act_inbox'
      : held.count > 0
        ? 'go on with your task'
        : counts.ready > 0
          ? 'act_next'
          : 'act_next with waitMs, or end your turn';
  return told(
    `Tasks you hold: ${held.count}. Other live agents: ${others.count}. Unread messages: ${unread.count}. Next: ${step}.`,
    defined({
      agentId: briefing.agent.id,
      held: mine.map(card.taskFacts),
      unread: unread.count,
      counts,
      others: card.colleagueFacts(others.agents, paths),
      conflicts:
        conflicts.count === 0
          ? undefined
          : {
              count: conflicts.count,
              open: conflicts.open.map(({ id, conflictType, involvedAgents }) => ({
                conflictId: id,
                conflictType,
                involvedAgents: involvedAgents.slice(0, HELD_SHOWN),
              })),
            },
    }),
    [
      ...mine.map(card.titlePart),
      ...card.colleaguesPart(others.agents),
      ...conflicts.open.map(({ id, createdAt: at, description }) =>
        recordPart('conflict', { id, at }, { description }),
      ),
    ],
  );
};

const oneTask = async ({ query }: Speaker, taskId: string, from: number) => {
  const found = await query('task.get', { taskId });
  if (!found.ok) return found;
  const { parts, next } = card.describe(found.value, from, from === 0 ? [card.taskFields(found.value)] : []);
  const says =
    next === undefined
      ? 'This is the whole task. Next: act_next with its taskId claims it if it is ready.'
      : `There is more: act_status with from ${next}.`;
  return told(says, { ...card.taskFacts(found.value), ...defined({ descriptionFrom: next }) }, parts);
};

export const status: Handler<'act_status'> = (speaker, { taskId, from }) => {
  if (taskId !== undefined) return oneTask(speaker, taskId, from);
  // Looking around is joining: others see from now on that this agent is there.
  return speaker.inSession(async () => {
    const briefing = await speaker.query('agent.briefing', { agentId: speaker.agentId });
    return briefing.ok ? around(briefing.value) : briefing;
  });
};
