import type { CommandOutput } from '@agentmix/act-contract';
import { defined } from '@agentmix/act-core';
import { commandIdOf } from '../command-id.ts';
import type { Result, Speaker } from '../speaker.ts';
import { grantOf } from './grant.ts';
import type { Grant } from './grant.ts';
import { told } from './told.ts';
import type { Handler, Told } from './told.ts';

const HELP_OFFERED_SHOWN = 8;

/** A second question in the same words about the same grant is the first one again. */
const askForHelp = (
  { command, now }: Speaker,
  { sessionId, taskId, epoch }: Grant,
  question: string,
  requires: readonly { name: string; level: number }[],
): Promise<Result<CommandOutput<'assistance.request'>>> =>
  command(
    'assistance.request',
    { sessionId, taskId, question, requires: [...requires] },
    commandIdOf(sessionId, now(), ['help', taskId, String(epoch), question, JSON.stringify(requires)]),
  );

export const progress: Handler<'act_progress'> = (speaker, { taskId, question, requires, ...report }) =>
  speaker.inSession(async (sessionId) => {
    const grant = await grantOf(speaker, sessionId, taskId);
    if (!grant.ok) return grant;
    const reported = await speaker.command('task.progress', { ...grant.value, ...report }, speaker.commandId);
    if (!reported.ok) return reported;
    const facts = { taskId: grant.value.taskId };
    if (question === undefined) return told('Noted. Next: go on, or act_complete.', facts);
    const asked = await askForHelp(speaker, grant.value, question, requires);
    if (!asked.ok) return asked;
    const { requestId, offeredTo } = asked.value;
    return told(
      offeredTo.length > 0
        ? 'Noted, and help was asked for: whoever helps writes to your act_inbox. Next: go on with what you can.'
        : 'Noted. No live agent has the skills for your question now. Next: go on with what you can, or act_release with how: block.',
      { ...facts, requestId, offeredTo: offeredTo.slice(0, HELP_OFFERED_SHOWN) },
    );
  });

/** The task is not held: a repetition finds what the first call did, anything else that it came too late. */
const settled = async (
  { agentId, query }: Speaker,
  taskId: string,
  wanted: 'completed' | 'given back',
  refused: Result<never>,
): Promise<Result<Told>> => {
  const task = await query('task.get', { taskId });
  if (!task.ok) return task;
  const { status, assignedAgentId } = task.value;
  const isMine = assignedAgentId === agentId;
  const facts = { taskId: task.value.id, status };
  if (wanted === 'completed' && status === 'completed' && isMine)
    return told('The task was completed already. Next: act_next.', facts);
  if (wanted === 'given back' && !(isMine && status === 'claimed'))
    return told('You do not hold this task. Next: act_next.', facts);
  return refused;
};

export const complete: Handler<'act_complete'> = (speaker, { taskId, result, evidence }) =>
  speaker.inSession(async (sessionId) => {
    const grant = await grantOf(speaker, sessionId, taskId);
    if (!grant.ok) return settled(speaker, taskId, 'completed', grant);
    const input = { ...grant.value, ...defined({ result, evidence }) };
    const done = await speaker.command('task.complete', input, speaker.commandId);
    if (!done.ok) return done;
    const { ready } = done.value;
    return told('Completed. Next: act_next.', { taskId, madeReady: ready.length });
  });

export const release: Handler<'act_release'> = (speaker, { taskId, how, reason, waitingFor, checkpoint }) =>
  speaker.inSession(async (sessionId) => {
    const grant = await grantOf(speaker, sessionId, taskId);
    if (!grant.ok) return settled(speaker, taskId, 'given back', grant);
    const input = { ...grant.value, ...defined({ checkpoint }) };
    const { command, commandId } = speaker;
    switch (how) {
      case 'release': {
        const done = await command('task.release', { ...input, note: reason }, commandId);
        return done.ok ? told('Given back: others may go on with it. Next: act_next.', { taskId }) : done;
      }
      case 'fail': {
        const done = await command('task.fail', { ...input, reason }, commandId);
        if (!done.ok) return done;
        const { parked } = done.value;
        const end = parked ? 'it waits for a person now' : 'it will be tried again';
        return told(`Given back as failed: ${end}. Next: act_next.`, { taskId, parked });
      }
      case 'block': {
        const done = await command('task.block', { ...input, reason, ...defined({ waitingFor }) }, commandId);
        return done.ok ? told('Blocked until somebody unblocks it. Next: act_next.', { taskId }) : done;
      }
    }
  });
