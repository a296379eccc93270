import type { Message, Prediction, QueryOutput } from '@agentmix/act-contract';
import { messagePart, predictionPart, recordPart, taskPart, weigh } from '@agentmix/act-contract/agents-text';
import type { Part } from '@agentmix/act-contract/agents-text';
import type { FailOpen } from './fail-opens.ts';
import type { HookContext } from './moments.ts';
import { counted, quote } from './quote.ts';

type Briefing = QueryOutput<'agent.briefing'>;

const SHOWN_MAX = 4;
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
    : `It holds ${counted(held.count, 'task')}: ${held.tasks
        .slice(0, SHOWN_MAX)
        .map(({ id, epoch }) => `${id} (epoch ${epoch})`)
        .join(', ')}${held.count > SHOWN_MAX ? ' …' : ''}.`;

const othersLine = ({ others }: Briefing): string =>
  others.count === 0 ? 'No other agent is live.' : `${counted(others.count, 'other agent')} live.`;

const countsLine = ({ counts }: Briefing): string =>
  `Tasks of the project: ${counts.ready} ready, ${counts.claimed} held, ${counts.pending} waiting for others, ${counts.completed} completed.`;

/** What a session is told at its start, and of that what messages may take. */
const START_TOKENS_MAX = 1_300;
export const START_MAIL_TOKENS_MAX = 550;

/**
 * What an agent is told when its session starts, is resumed, or was compacted: facts, with its mail and what went
 * unchecked meanwhile at most 1,500 tokens.
 */
export const startText = (
  { identity, place }: Pick<HookContext, 'identity' | 'place'>,
  briefing: Briefing,
  mail = '',
): string => {
  const parts = [
    ...briefing.held.tasks.slice(0, SHOWN_MAX).map(heldPart),
    ...briefing.others.agents.slice(0, SHOWN_MAX).map(otherPart),
  ];
  const own = [
    `This repository belongs to the project ${place.project.projectId}, which several agents work on through ACT Hub.`,
    `This session is the agent ${identity.agentId} there.`,
    heldLine(briefing),
    othersLine(briefing),
    countsLine(briefing),
    ...(briefing.conflicts.count === 0 ? [] : [`${counted(briefing.conflicts.count, 'conflict')} open.`]),
    'Edits reserve the lines they touch; an edit of lines that another agent has reserved is denied, with who has them.',
    'Tasks are taken with the hub’s tools, or on the command line: act task next, act task complete TASK.',
  ].join('\n');
  const { text } = quote(parts, START_TOKENS_MAX - weigh(own) - weigh(mail));
  return text === undefined ? own : `${own}\n${text}`;
};

/** What is left to do, for an agent that has done some; nothing where nothing is. */
export const workText = (briefing: Briefing): string | undefined => {
  if (briefing.held.count > 0) return heldLine(briefing).replace('It', 'This agent');
  const { ready } = briefing.counts;
  if (ready === 0) return undefined;
  return `Ready and held by nobody: ${counted(ready, 'task')} of the project; this agent holds none. act task next takes the best one.`;
};

/** Messages as they are put before the agent; as many as there is room for, the rest stay unread. */
export const mailText = (
  messages: readonly Message[],
  tokensMax?: number,
): { text: string; shown: readonly Message[] } => {
  const quoted = quote(messages.slice(0, SHOWN_MAX).map(messagePart), tokensMax);
  const shown = messages.slice(0, quoted.shown);
  const more = messages.length - shown.length;
  const head = `${counted(shown.length, 'message')} for this agent${more > 0 ? `, ${more} more are unread` : ''}:`;
  return { text: `${head}\n${quoted.text ?? ''}`, shown };
};

/** Where the agent’s work would conflict with that of others, and where it no longer would. */
export const predictionsText = (
  reader: string,
  fresh: readonly Prediction[],
  gone: readonly Prediction[],
): string => {
  const parts = [
    ...fresh.map((one) => predictionPart(one, reader)),
    ...gone.map((one) => predictionPart(one, reader, true)),
  ];
  const { text, shown } = quote(parts.slice(0, SHOWN_MAX));
  const more = parts.length - shown;
  const changes = [
    ...(fresh.length > 0 ? [`would now conflict in ${counted(fresh.length, 'more place')}`] : []),
    ...(gone.length > 0 ? [`would no longer conflict in ${counted(gone.length, 'place')}`] : []),
  ].join(', and ');
  const head = `Merging this agent’s worktree with those of others ${changes}${more > 0 ? `; ${more} of these are not shown` : ''}:`;
  return text === undefined ? head : `${head}\n${text}`;
};

/** What went unchecked while the hub did not answer. */
export const failOpenText = (failOpens: readonly FailOpen[]): string | undefined => {
  const [first] = failOpens;
  if (!first) return undefined;
  const edits = failOpens.filter(({ moment }) => moment === 'before-edit').length;
  return `Since ${first.at} ${counted(failOpens.length, 'hook')} of this project went on without the hub, among them ${counted(edits, 'edit')} that nobody checked. The first because ${first.reason}.`;
};
