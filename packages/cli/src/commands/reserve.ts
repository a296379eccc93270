import type { LineRange } from '@agentmix/act-contract';
import { defineCommand, jsonOption } from '../cli/command.ts';
import { usageFailure } from '../cli/failure.ts';
import { valueOf } from '../connection/connect.ts';
import { connectProject, projectOptions } from '../connection/find-project.ts';
import { agentOf, agentOption } from '../session/agent-option.ts';
import { makeSpeaker, speakAs } from '../session/speaker.ts';
import { placeOf } from './reservations/place.ts';

const rangesOf = (texts: readonly string[] | undefined): { ranges?: LineRange[] } => {
  if (texts === undefined) return {};
  const ranges = texts.map((text) => {
    const [, first, last = first] = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(text) ?? [];
    const [start, end] = [Number(first), Number(last)];
    if (!(start >= 1 && end >= start))
      throw usageFailure(`--lines ${text} is no range of lines`, 'for example: --lines 10-24');
    return { start, lines: end - start + 1 };
  });
  return { ranges };
};

export const reserve = defineCommand({
  name: 'reserve',
  summary: 'Reserve a file, lines of it, or all files of a pattern, before editing.',
  positionals: [{ name: 'PATH', summary: 'from the project’s root, or a pattern: "src/**"' }],
  options: {
    lines: {
      type: 'string',
      multiple: true,
      hint: 'FROM-TO',
      summary: 'only these lines of the committed version',
    },
    shared: { type: 'boolean', summary: 'beside others who share it' },
    wait: { type: 'boolean', summary: 'queue instead of being refused' },
    reason: { type: 'string', summary: 'what for' },
    ...agentOption,
    ...projectOptions,
    ...jsonOption,
  },
  details: ['What the agent has already is made larger and renewed. Refused, it says who has it.'],
  examples: ['act reserve src/main.ts --lines 10-24 --agent ann', 'act reserve "docs/**" --wait'],
  async run({ values, positionals: [path = ''], output, surroundings }) {
    const isPattern = /[*?{]/.test(path);
    const ranges = rangesOf(values.lines);
    if (isPattern && values.lines) throw usageFailure('a pattern has no lines', 'leave out --lines');
    const connection = await connectProject(values, surroundings);
    const { hub, project } = connection;
    const speaker = makeSpeaker(connection, agentOf(values.agent, surroundings.env));
    const region = isPattern ? { pattern: path } : { path, ...ranges };
    const result = await speakAs(speaker, (sessionId) =>
      hub.command('reservation.request', project.id, {
        sessionId,
        regions: [region],
        mode: values.shared ? 'shared' : 'exclusive',
        wait: values.wait ?? false,
        ...(values.reason === undefined ? {} : { reason: values.reason }),
      }),
    );
    const answer = valueOf(`${path} was not reserved`, result);
    output.json(answer);
    output.line(
      answer.status === 'granted'
        ? `${speaker.agent} has reserved ${answer.reservations.map(placeOf).join(', ')}`
        : `${speaker.agent} waits for ${answer.reservations.map(placeOf).join(', ')}`,
      ...answer.others.map((other) => output.style.dim(`${other.agentId} is in ${placeOf(other)}`)),
    );
  },
});
