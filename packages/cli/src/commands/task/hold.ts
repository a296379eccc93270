import { readFile } from 'node:fs/promises';
import { Checkpoint, settledText } from '@agentmix/act-contract';
import type { Claim } from '@agentmix/act-client';
import { capabilities, defineCommand, jsonOption, wholeNumber } from '../../cli/command.ts';
import type { OptionDefinitions } from '../../cli/command.ts';
import { EXIT, usageFailure } from '../../cli/failure.ts';
import type { Output } from '../../cli/output.ts';
import { connectProject, projectOptions } from '../../connection/find-project.ts';
import { agentOf, agentOption } from '../../session/agent-option.ts';
import { claimAs, holdAs, makeSpeaker } from '../../session/speaker.ts';
import { printable } from '../../terminal/printable.ts';
import { evidenceOf, evidenceOptions } from './evidence-options.ts';
import { runOptions, withRuns } from './run-evidence.ts';
import { findTask } from './find-task.ts';
import { taskLine } from './task-line.ts';

const agentOptions = {
  ...agentOption,
  ...projectOptions,
} as const satisfies OptionDefinitions;
const capabilityOption = {
  capability: { type: 'string', multiple: true, hint: 'SKILL:LEVEL', summary: 'what the agent can do' },
} as const satisfies OptionDefinitions;
const taskArgument = [{ name: 'TASK', summary: 'key or id' }] as const;

const details = [
  'The agent’s session is kept in the data directory for the next command; every command renews it for an hour, after',
  'which its tasks return to the others.',
];

const checkpointOf = (text: string | undefined): { checkpoint: Checkpoint } | Record<string, never> => {
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw usageFailure(
      '--checkpoint is no JSON',
      'for example: --checkpoint \'{"note":"half done","branch":"x"}\'',
    );
  }
  const parsed = Checkpoint.safeParse(value);
  if (parsed.success) return { checkpoint: parsed.data };
  throw usageFailure('--checkpoint does not fit', 'it has note, paths, branch and commit, and nothing else');
};

const printClaim = (claim: Claim, agent: string, output: Output): void => {
  const { task } = claim;
  output.json({ claim });
  output.line(
    task ? taskLine(task, output) : claim.taskId,
    output.style.dim(claim.reasons.map(printable).join('; ')),
  );
  if (task?.checkpoint) output.line(`goes on from: ${printable(JSON.stringify(task.checkpoint))}`);
  output.line(
    output.style.dim(
      `held by ${agent}, attempt ${claim.attempt}; then: ${output.asCalled('act task complete')} ${printable(task?.key ?? claim.taskId)} --agent ${agent}`,
    ),
  );
};

export const next = defineCommand({
  name: 'task next',
  summary: 'Claim the best ready task for an agent.',
  options: {
    wait: { type: 'string', hint: 'SECONDS', summary: 'wait so long for one to become ready, at most 25' },
    ...capabilityOption,
    ...agentOptions,
    ...jsonOption,
  },
  details: [...details, 'With nothing to do the exit code is 1.'],
  examples: [
    'act task next --agent ann --capability rust:3',
    'act task next --wait 20 --json | jq .claim.taskId',
  ],
  async run({ values, output, surroundings }) {
    const waitMs = (wholeNumber(values.wait, 'wait', 0, 25) ?? 0) * 1_000;
    const able = capabilities(values.capability);
    const connection = await connectProject(values, surroundings);
    const speaker = makeSpeaker(connection, agentOf(values.agent, surroundings.env), able);
    const { claim, open } = await claimAs(
      speaker,
      'no task was given',
      'task.next',
      (sessionId) => ({ sessionId, waitMs }),
      (answer) => answer.claim,
    );
    if (claim) {
      printClaim(claim, speaker.agent, output);
      return EXIT.ok;
    }
    output.json({ open });
    output.line(
      open === 0
        ? 'nothing is left to do'
        : `nothing is ready for ${speaker.agent} now; ${open} tasks are open: ${output.asCalled('act status')}`,
    );
    return EXIT.failed;
  },
});

export const claim = defineCommand({
  name: 'task claim',
  summary: 'Claim one ready task for an agent.',
  positionals: taskArgument,
  options: { ...capabilityOption, ...agentOptions, ...jsonOption },
  details,
  async run({ values, positionals: [wanted = ''], output, surroundings }) {
    const able = capabilities(values.capability);
    const connection = await connectProject(values, surroundings);
    const task = await findTask(connection, wanted);
    const speaker = makeSpeaker(connection, agentOf(values.agent, surroundings.env), able);
    const granted = await claimAs(
      speaker,
      `${wanted} was not given`,
      'task.claim',
      (sessionId) => ({ sessionId, taskId: task.id }),
      (answer) => answer,
    );
    printClaim(granted, speaker.agent, output);
  },
});

export const progress = defineCommand({
  name: 'task progress',
  summary: 'Report how far a held task is, and where another agent could go on.',
  positionals: taskArgument,
  options: {
    percent: { type: 'string', hint: '0-100', summary: 'how much is done' },
    note: { type: 'string', summary: 'a few words' },
    checkpoint: { type: 'string', hint: 'JSON', summary: 'note, paths, branch, commit' },
    ...agentOptions,
    ...jsonOption,
  },
  async run({ values, positionals: [wanted = ''], output, surroundings }) {
    const percent = wholeNumber(values.percent, 'percent', 0, 100);
    const said = {
      ...(percent === undefined ? {} : { percent }),
      ...(values.note === undefined ? {} : { note: values.note }),
      ...checkpointOf(values.checkpoint),
    };
    const connection = await connectProject(values, surroundings);
    const task = await findTask(connection, wanted);
    const speaker = makeSpeaker(connection, agentOf(values.agent, surroundings.env));
    const what = `no progress of ${wanted} was noted`;
    await holdAs(speaker, what, 'task.progress', task.id, (holder) => ({ ...holder, ...said }), false);
    output.json({ taskId: task.id });
    output.line(`noted for ${printable(wanted)}`);
  },
});

const resultOf = async (text: string | undefined): Promise<{ result?: unknown }> => {
  if (text === undefined) return {};
  const source = text.startsWith('@') ? await readFile(text.slice(1), 'utf8') : text;
  try {
    return { result: JSON.parse(source) as unknown };
  } catch {
    throw usageFailure(
      '--result is no JSON',
      'for example: --result \'{"commit":"3f2a1b0"}\' or --result @FILE',
    );
  }
};

export const complete = defineCommand({
  name: 'task complete',
  summary: 'Complete a held task.',
  positionals: taskArgument,
  options: {
    result: { type: 'string', hint: 'JSON|@FILE', summary: 'what came of it' },
    ...evidenceOptions,
    ...runOptions,
    ...agentOptions,
    ...jsonOption,
  },
  async run({ values, positionals: [wanted = ''], output, surroundings }) {
    const { result } = await resultOf(values.result);
    const shown = await withRuns(evidenceOf(values), values, surroundings);
    const connection = await connectProject(values, surroundings);
    const task = await findTask(connection, wanted);
    const speaker = makeSpeaker(connection, agentOf(values.agent, surroundings.env));
    const done = await holdAs(
      speaker,
      `${wanted} was not completed`,
      'task.complete',
      task.id,
      // What JSON.parse made is JSON.
      (holder) => ({ ...holder, ...shown, ...(result === undefined ? {} : { result: result as string }) }),
      true,
    );
    output.json(done);
    output.line(
      `completed ${printable(wanted)}${done.ready.length === 0 ? '' : `; ${done.ready.length} more are ready`}`,
    );
    if (done.settled) output.line(`it was perhaps done before: ${settledText(done.settled)}`);
  },
});

const giveBackOptions = {
  checkpoint: { type: 'string', hint: 'JSON', summary: 'where to go on: note, paths, branch, commit' },
  ...agentOptions,
  ...jsonOption,
} as const satisfies OptionDefinitions;

export const fail = defineCommand({
  name: 'task fail',
  summary: 'Give a held task back as failed; after the last attempt it is parked.',
  positionals: taskArgument,
  options: { reason: { type: 'string', summary: 'why (required)' }, ...giveBackOptions },
  async run({ values, positionals: [wanted = ''], output, surroundings }) {
    const { reason } = values;
    if (reason === undefined) throw usageFailure('--reason is missing', 'say why, for whoever tries next');
    const said = checkpointOf(values.checkpoint);
    const connection = await connectProject(values, surroundings);
    const task = await findTask(connection, wanted);
    const speaker = makeSpeaker(connection, agentOf(values.agent, surroundings.env));
    const what = `${wanted} was not given back`;
    const done = await holdAs(
      speaker,
      what,
      'task.fail',
      task.id,
      (holder) => ({ ...holder, reason, ...said }),
      true,
    );
    output.json(done);
    output.line(
      `${printable(wanted)} ${done.parked ? output.asCalled('is parked: act task retry takes it up again') : 'is back'}`,
    );
  },
});

export const release = defineCommand({
  name: 'task release',
  summary: 'Give a held task back unfinished; it costs no attempt.',
  positionals: taskArgument,
  options: { note: { type: 'string', summary: 'a few words' }, ...giveBackOptions },
  async run({ values, positionals: [wanted = ''], output, surroundings }) {
    const said = {
      ...(values.note === undefined ? {} : { note: values.note }),
      ...checkpointOf(values.checkpoint),
    };
    const connection = await connectProject(values, surroundings);
    const task = await findTask(connection, wanted);
    const speaker = makeSpeaker(connection, agentOf(values.agent, surroundings.env));
    const what = `${wanted} was not given back`;
    await holdAs(speaker, what, 'task.release', task.id, (holder) => ({ ...holder, ...said }), true);
    output.json({ taskId: task.id, released: true });
    output.line(`${printable(wanted)} is back`);
  },
});

export const block = defineCommand({
  name: 'task block',
  summary: 'Say that a held task cannot go on; the agent is free again.',
  positionals: taskArgument,
  options: {
    reason: { type: 'string', summary: 'why (required)' },
    'waiting-for': { type: 'string', hint: 'AGENT', summary: 'whom it waits for' },
    ...giveBackOptions,
  },
  async run({ values, positionals: [wanted = ''], output, surroundings }) {
    const { reason } = values;
    if (reason === undefined) throw usageFailure('--reason is missing', 'say what it waits for');
    const said = {
      reason,
      ...(values['waiting-for'] === undefined ? {} : { waitingFor: values['waiting-for'] }),
      ...checkpointOf(values.checkpoint),
    };
    const connection = await connectProject(values, surroundings);
    const task = await findTask(connection, wanted);
    const speaker = makeSpeaker(connection, agentOf(values.agent, surroundings.env));
    const what = `${wanted} was not blocked`;
    await holdAs(speaker, what, 'task.block', task.id, (holder) => ({ ...holder, ...said }), true);
    output.json({ taskId: task.id, blocked: true });
    output.line(`${printable(wanted)} ${output.asCalled('is blocked: act task unblock lets it go on')}`);
  },
});
