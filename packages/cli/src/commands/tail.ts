import type { StreamItem } from '@agentmix/act-client';
import { events } from '@agentmix/act-contract';
import { defineCommand, wholeNumber } from '../cli/command.ts';
import { EXIT, usageFailure } from '../cli/failure.ts';
import type { Output } from '../cli/output.ts';
import { connectProject, projectOptions } from '../connection/find-project.ts';
import { refusalFailure } from '../connection/explain-error.ts';
import { describeEvent } from '../tail/describe-event.ts';
import { eventLine } from '../tail/event-line.ts';
import { makeTaskNames } from '../tail/task-names.ts';
import type { TaskNames } from '../tail/task-names.ts';

/** Types and families of types: `task.claimed`, `task`. */
const filterOf = (wanted: readonly string[] | undefined): ((type: string) => boolean) => {
  const known = Object.keys(events);
  const families = new Set(known.map((type) => type.split('.')[0]));
  for (const type of wanted ?? [])
    if (!known.includes(type) && !families.has(type))
      throw usageFailure(`there is no event type ${JSON.stringify(type)}`, `there are:\n${known.join(' ')}`);
  return (type) =>
    wanted === undefined || wanted.includes(type) || wanted.includes(type.split('.')[0] ?? type);
};

const show = async (
  item: StreamItem,
  isWanted: (type: string) => boolean,
  names: TaskNames,
  output: Output,
): Promise<void> => {
  switch (item.kind) {
    case 'event': {
      const words = await describeEvent(item.event, names);
      if (!isWanted(item.event.type)) return;
      output.json(item.event);
      output.line(eventLine(item.event, words, output.style));
      return;
    }
    case 'reset':
      output.remark(`events were missed (${item.reason.code}); going on after ${item.snapshot.seq}`);
      return;
    case 'refused':
      throw refusalFailure('the stream ended', item.reason);
  }
};

export const tail = defineCommand({
  name: 'tail',
  summary: 'Live events of a project, one line each, until Ctrl-C.',
  options: {
    after: { type: 'string', hint: 'N', summary: 'begin after this position of the log; 0 is everything' },
    type: { type: 'string', multiple: true, hint: 'TYPE', summary: 'only task.claimed, say, or all of task' },
    'until-seq': { type: 'string', hint: 'N', summary: 'end after this position of the log' },
    ...projectOptions,
    json: { type: 'boolean', summary: 'one JSON object a line, as the contract defines it' },
  },
  details: [
    'It goes on by itself when the connection breaks or the hub is restarted; nothing is left out or repeated.',
  ],
  examples: ['act tail', 'act tail --after 0 --type task.completed --json | jq .data.taskId'],
  async run({ values, output, surroundings }) {
    const isWanted = filterOf(values.type);
    const after = wholeNumber(values.after, 'after', 0, Number.MAX_SAFE_INTEGER);
    const until = wholeNumber(values['until-seq'], 'until-seq', 0, Number.MAX_SAFE_INTEGER) ?? Infinity;
    const connection = await connectProject(values, surroundings);
    const { hub, project } = connection;
    const names = makeTaskNames(connection, project.id);
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
    if ((after ?? 0) >= until) return EXIT.ok;
    const stream = hub.events(project.id, {
      signal: stop.signal,
      ...(after === undefined ? {} : { after }),
      onReconnect: (cause, delayMs) =>
        output.remark(`connection lost (${cause}); trying again in ${(delayMs / 1_000).toFixed(1)} s`),
    });
    for await (const item of stream) {
      await show(item, isWanted, names, output);
      if (item.kind === 'event' && item.event.seq >= until) break;
    }
    return EXIT.ok;
  },
});
