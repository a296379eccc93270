import type { LineRange, Region, ReservedRegion } from '@agentmix/act-contract';
import { recordPart } from '@agentmix/act-contract/agents-text';
import { counted, quote } from './quote.ts';

const SHOWN_MAX = 4;

/** Who stands in the way, as the refusal `region_reserved` tells it. */
export interface Holder extends Partial<Region> {
  readonly agentId: string;
  readonly status: 'granted' | 'queued';
  readonly taskId?: string | undefined;
  readonly taskTitle?: string;
  readonly expires?: string;
}

const rangeText = ({ start, lines }: LineRange): string => {
  if (lines === 0) return `after line ${start}`;
  return lines === 1 ? `line ${start}` : `lines ${start} to ${start + lines - 1}`;
};

export const placeText = ({ path, pattern, ranges }: Partial<Region>): string => {
  if (path === undefined) return `every file that fits ${JSON.stringify(pattern)}`;
  const where = ranges?.slice(0, SHOWN_MAX).map(rangeText).join(', ');
  return `${JSON.stringify(path)}${where === undefined ? ', the whole file' : `, ${where}`}`;
};

const untilText = ({ expires }: Holder, now: number): string => {
  if (expires === undefined) return '';
  const minutes = Math.max(1, Math.ceil((Date.parse(expires) - now) / 60_000));
  return `, until ${expires} if it is idle (${counted(minutes, 'minute')} from now)`;
};

export const holderText = (holder: Holder, now: number): string => {
  const what = holder.status === 'queued' ? 'waits for' : 'has reserved';
  const task = holder.taskId === undefined ? '' : ` for task ${holder.taskId}`;
  return `${holder.agentId} ${what} ${placeText(holder)}${task}${untilText(holder, now)}.`;
};

/** Why an edit was denied, and what else can be done: who has the place, for what, until when. */
export const deniedText = (holders: readonly Holder[], now: number): string => {
  const shown = holders.slice(0, SHOWN_MAX);
  const titles = shown.flatMap(({ taskId, taskTitle }) =>
    taskId === undefined || taskTitle === undefined
      ? []
      : [recordPart('state', { task: taskId }, { title: taskTitle })],
  );
  const { text: quoted } = quote(titles);
  return [
    'The edit was not made: it touches lines that another agent has reserved (lines are counted in the last commit).',
    ...shown.map((holder) => holderText(holder, now)),
    ...(holders.length > SHOWN_MAX ? [`${holders.length - SHOWN_MAX} more have parts of it.`] : []),
    'Other lines of the file and other files are free to edit. The same edit passes when the holder has released or committed the lines; a message reaches it through the hub.',
    ...(quoted === undefined ? [] : [quoted]),
  ].join('\n');
};

/** Who else works in the files of an edit that passed. */
export const neighboursText = (
  others: readonly (ReservedRegion & { readonly agentId: string })[],
): string | undefined =>
  others.length === 0
    ? undefined
    : [
        'The edit’s lines are free. Others work elsewhere in its files:',
        ...others.slice(0, SHOWN_MAX).map((other) => `- ${other.agentId}: ${placeText(other)}`),
      ].join('\n');

/** What could not be reserved. */
export const leftText = (left: number): string | undefined =>
  left === 0
    ? undefined
    : `${counted(left, 'more file')} of this edit could not be reserved: it is too large for that.`;
