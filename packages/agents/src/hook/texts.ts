import type { Message, QueryOutput } from '@agentmix/act-contract';
import { messagePart, recordPart, taskPart } from '@agentmix/act-contract/agents-text';
import type { Part } from '@agentmix/act-contract/agents-text';
import type { FailOpen } from './fail-opens.ts';
import type { HookContext } from './moments.ts';
import { counted, quote } from './quote.ts';

type Briefing = QueryOutput<'agent.briefing'>;

const SHOWN_MAX = 6;
/** A task’s whole description is there when it is taken; here it is only named. */
const DESCRIPTION_CHARS_MAX = 300;

const heldPart = ({ description, ...task }: Briefing['held']['tasks'][number]): Part =>
  taskPart({
    ...task,
    ...(description === undefined ? {} : { description: description.slice(0, DESCRIPTION_CHARS_MAX) }),
  });

const otherPart = ({ agentId, name, tasks }: Briefing['others']['agents'][number]): Part =>
  recordPart(
    'agent',
    { from: agentId },
    {
      name,
      'works on': tasks.map(({ title }) => title).join('; ') || undefined,
      files: tasks.flatMap(({ filePaths }) => filePaths).slice(0, SHOWN_MAX),
    },
  );

const heldLine = ({ held }: Briefing): string =>
  held.count === 0
    ? 'It holds no task.'
    : `It holds ${counted(held.count, 'task')}: ${held.tasks.map(({ id, epoch }) => `${id} (epoch ${epoch})`).join(', ')}.`;

const othersLine = ({ others }: Briefing): string => {
  if (others.count === 0) return 'No other agent is live.';
  const names = others.agents.slice(0, SHOWN_MAX).map(({ agentId }) => agentId);
  return `${counted(others.count, 'other agent')} live: ${names.join(', ')}${others.count > names.length ? ' …' : ''}.`;
};

const countsLine = ({ counts }: Briefing): string =>
  `Tasks of the project: ${counts.ready} ready, ${counts.claimed} held, ${counts.pending} waiting for others, ${counts.completed} completed.`;

/** What an agent is told when its session starts, is resumed, or was compacted: facts, at most 1,500 tokens. */
export const startText = ({ identity, place }: HookContext, briefing: Briefing): string => {
  const parts = [
    ...briefing.held.tasks.slice(0, SHOWN_MAX).map(heldPart),
    ...briefing.others.agents.slice(0, SHOWN_MAX).map(otherPart),
  ];
  return [
    `This repository belongs to the project ${place.project.projectId}, which several agents work on through ACT Hub.`,
    `This session is the agent ${identity.agentId} there.`,
    heldLine(briefing),
    othersLine(briefing),
    countsLine(briefing),
    ...(briefing.conflicts.count === 0 ? [] : [`${counted(briefing.conflicts.count, 'conflict')} open.`]),
    'Edits reserve the lines they touch; an edit of lines that another agent has reserved is denied, with who has them.',
    'Tasks are taken with the hub’s tools, or on the command line: act task next, act task complete TASK.',
    ...(parts.length === 0 ? [] : [quote(parts)]),
  ].join('\n');
};

/** What is left to do, for an agent that has done some; nothing where nothing is. */
export const workText = (briefing: Briefing): string | undefined => {
  if (briefing.held.count > 0) return heldLine(briefing).replace('It', 'This agent');
  const { ready } = briefing.counts;
  if (ready === 0) return undefined;
  return `Ready and held by nobody: ${counted(ready, 'task')} of the project; this agent holds none. act task next takes the best one.`;
};

/** Messages as they are put before the agent; as many as there is room for, the rest stay unread. */
export const mailText = (messages: readonly Message[]): { text: string; shown: readonly Message[] } => {
  const shown = messages.slice(0, SHOWN_MAX);
  const more = messages.length - shown.length;
  const text = [
    `${counted(shown.length, 'message')} for this agent${more > 0 ? `, ${more} more are unread` : ''}:`,
    quote(shown.map(messagePart)),
  ];
  return { text: text.join('\n'), shown };
};

/** What went unchecked while the hub did not answer. */
export const failOpenText = (failOpens: readonly FailOpen[]): string | undefined => {
  const [first] = failOpens;
  if (!first) return undefined;
  const edits = failOpens.filter(({ moment }) => moment === 'before-edit').length;
  return `Since ${first.at} ${counted(failOpens.length, 'hook')} of this project went on without the hub, among them ${counted(edits, 'edit')} that nobody checked. The first because ${first.reason}.`;
};
