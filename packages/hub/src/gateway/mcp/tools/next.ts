import { messagePart, recordPart } from '@agentmix/act-contract';
import type { CommandOutput, Reservation, Task } from '@agentmix/act-contract';
import { defined } from '@agentmix/act-core';
import { reservationPart } from '../regions.ts';
import type { Result, Speaker } from '../speaker.ts';
import * as card from './cards.ts';
import { reservedIn } from './reserved-in.ts';
import { told } from './told.ts';
import type { Handler, Told } from './told.ts';

const MESSAGES_SHOWN = 3;
const RESERVED_SHOWN = 4;

const start = (
  task: Task,
  reasons: readonly string[],
  briefing: card.Briefing,
  reserved: readonly Reservation[],
) => {
  const { unread, others } = briefing;
  const { parts, next } = card.describe(task, 0, [
    card.taskFields(task),
    // Reasons name capabilities, which are words of the project.
    ...(reasons.length > 0 ? [recordPart('event', { task: task.id }, { 'chosen because': reasons })] : []),
    ...unread.messages.slice(0, MESSAGES_SHOWN).map(messagePart),
    ...card.colleaguesPart(others.agents),
    ...reserved.slice(0, RESERVED_SHOWN).map(reservationPart),
  ]);
  const facts = defined({
    task: card.taskFacts(task),
    descriptionFrom: next,
    unread: unread.count,
    others: card.colleagueFacts(others.agents, task.filePaths),
    conflicts: briefing.conflicts.count || undefined,
    reservedByOthers: reserved.length || undefined,
  });
  const says = [
    'The task is yours.',
    ...(next === undefined ? [] : [`act_status with from ${next} shows more of its description.`]),
    ...(unread.count > 0 ? ['There is unread mail: act_inbox.'] : []),
    ...(reserved.length > 0 ? ['Others have reserved parts of its files.'] : []),
    'Next: act_reserve what you will edit, work, tell act_progress how far you are, then act_complete with this taskId, or act_release.',
  ].join(' ');
  return told(says, facts, parts);
};

const nothing = (briefing: card.Briefing, open: number): Result<Told> =>
  told(
    open > 0
      ? 'No task is ready for you now. Next: act_next with waitMs to wait, act_inbox, or end your turn.'
      : 'No task is open. Next: act_plan to add tasks, or end your turn.',
    { open, unread: briefing.unread.count, counts: briefing.counts },
  );

/** Asked again, both answer the grant that the session has: a lost answer leads to no second task. */
const take = async (
  { command, commandId }: Speaker,
  sessionId: string,
  taskId: string | undefined,
  waitMs: number,
): Promise<Result<Pick<CommandOutput<'task.next'>, 'claim' | 'open'>>> => {
  if (taskId === undefined) return command('task.next', { sessionId, waitMs, resume: true }, commandId);
  const claimed = await command('task.claim', { taskId, sessionId }, commandId);
  return claimed.ok ? { ok: true, value: { claim: claimed.value, open: 1 } } : claimed;
};

export const next: Handler<'act_next'> = (speaker, { taskId, waitMs }) =>
  speaker.inSession(async (sessionId) => {
    const taken = await take(speaker, sessionId, taskId, waitMs);
    const briefing = await speaker.query('agent.briefing', { agentId: speaker.agentId });
    if (!briefing.ok) return briefing;
    const { tasks } = briefing.value.held;
    const wanted = taken.ok ? taken.value.claim?.taskId : taskId?.toLowerCase();
    const task = tasks.find(({ id }) => id === wanted);
    if (!task) return taken.ok ? nothing(briefing.value, taken.value.open) : taken;
    const reserved = await reservedIn(speaker, task.filePaths);
    if (!reserved.ok) return reserved;
    const reasons = taken.ok ? (taken.value.claim?.reasons ?? []) : [];
    return start(task, reasons, briefing.value, reserved.value);
  });
