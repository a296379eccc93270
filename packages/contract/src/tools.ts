import { z } from 'zod';
import { Checkpoint } from './evidence.ts';
import * as s from './scalars.ts';
import { commands } from './table.ts';

/** A tool as agents see it over MCP. Its description is ours alone: no text of any project is ever in it. */
interface Tool<Input extends z.ZodObject> {
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  /** Changes nothing. */
  readonly isReadOnly?: boolean;
  /** Worth its tokens from the first turn, for clients that load tools only when they need them. */
  readonly isEssential?: boolean;
}

const tool = <Input extends z.ZodObject>(definition: Tool<Input>): Tool<Input> => definition;

const { shape: next } = commands['task.next'].input;
const { shape: progress } = commands['task.progress'].input;
const { shape: complete } = commands['task.complete'].input;
const { shape: fail } = commands['task.fail'].input;
const { shape: block } = commands['task.block'].input;
const { shape: create } = commands['task.create'].input;
const { shape: send } = commands['message.send'].input;
const { shape: read } = commands['message.read'].input;
const { shape: reserve } = commands['reservation.request'].input;
const { shape: free } = commands['reservation.release'].input;
const { shape: help } = commands['assistance.request'].input;

const taskId = s.TaskId.optional().meta({ description: 'Default: the task you hold' });
export const TOOL_TASKS_MAX = 20;

const PlannedTask = z
  .object({
    key: s.Key.meta({ description: 'Your name for it; a key that exists is left alone' }),
    title: create.title,
    description: create.description,
    priority: create.priority,
    filePaths: create.filePaths,
    dependsOn: z.array(s.Key).max(TOOL_TASKS_MAX).default([]).meta({ description: 'Keys it waits for' }),
  })
  .strict();

/** In the order in which they are listed. */
export const tools = {
  act_next: tool({
    title: 'Take work',
    description:
      'Claim the best ready task and get everything needed to start: the task, where the agent before you stopped, unread messages, who works nearby. While you hold a task this answers that task again.',
    input: z
      .object({
        taskId: s.TaskId.optional().meta({ description: 'Claim this ready task instead of the best' }),
        waitMs: next.waitMs,
      })
      .strict(),
    isEssential: true,
  }),
  act_progress: tool({
    title: 'Report progress',
    description:
      'Say how far you are and where another agent could go on (checkpoint). Without a word for long the task goes to others. `question` asks agents with the right skills for help.',
    input: z
      .object({
        taskId,
        percent: progress.percent,
        note: progress.note,
        checkpoint: progress.checkpoint,
        question: help.question.optional().meta({ description: 'What you need help with' }),
        requires: help.requires,
      })
      .strict(),
  }),
  act_complete: tool({
    title: 'Complete the task',
    description:
      'The task is done; tasks that waited for it become ready. A project may ask for evidence: the commit, checks that passed.',
    input: z.object({ taskId: s.TaskId, result: complete.result, evidence: complete.evidence }).strict(),
    isEssential: true,
  }),
  act_release: tool({
    title: 'Give the task back',
    description:
      'Give the task back undone. `release`: others may go on. `fail`: it went wrong, an attempt is counted. `block`: it cannot go on until somebody unblocks it.',
    input: z
      .object({
        taskId: s.TaskId,
        how: z.enum(['release', 'fail', 'block']).default('release'),
        reason: fail.reason,
        waitingFor: block.waitingFor.meta({ description: 'With block: the agent it waits for' }),
        checkpoint: Checkpoint.optional(),
      })
      .strict(),
  }),
  act_status: tool({
    title: 'Look around',
    description:
      'Who works on what, your tasks, unread messages, open conflicts, counts of the plan. With `taskId`: that task, its description from character `from` on.',
    input: z.object({ taskId: s.TaskId.optional(), from: z.int().min(0).max(20_000).default(0) }).strict(),
    isReadOnly: true,
    isEssential: true,
  }),
  act_message: tool({
    title: 'Send a message',
    description:
      'Write to one agent, or without `to` to all. The answer says whether the recipient is at work, idle, or gone. To answer a message give its thread or id as `threadId`.',
    input: z
      .object({
        key: s.Key.meta({ description: 'New for each message; the same again is never sent twice' }),
        to: send.to.optional(),
        text: s.Note.min(1),
        messageType: send.messageType,
        urgency: send.urgency,
        threadId: send.threadId,
        taskId: s.TaskId.optional(),
      })
      .strict(),
    isEssential: true,
  }),
  act_inbox: tool({
    title: 'Read messages',
    description:
      'Your unread messages, the most urgent first, what was said to all within the last hour, and where merging your worktree with others’ would conflict. `read` marks messages that you have taken in.',
    input: z.object({ read: read.messageIds.optional() }).strict(),
  }),
  act_reserve: tool({
    title: 'Reserve before editing',
    description:
      'Reserve files, or ranges of their lines, before you edit them: all or none. A refusal says who has them, for which task, until when, and how to go on. Ask again to renew, or to see whether what you wait for is yours.',
    input: z
      .object({
        regions: reserve.regions,
        mode: reserve.mode,
        wait: z.boolean().default(false).meta({ description: 'Queue instead of being refused' }),
        reason: reserve.reason,
        taskId,
      })
      .strict(),
  }),
  act_free: tool({
    title: 'Free what you reserved',
    description:
      'Give reservations back when your edits are done, or leave the queue: of some paths, or all.',
    input: z.object({ paths: free.paths, committed: free.committed }).strict(),
  }),
  act_plan: tool({
    title: 'Add tasks',
    description:
      'Add tasks, each with a key of yours and the keys of tasks it waits for. Repeating it changes nothing.',
    input: z.object({ tasks: z.array(PlannedTask).min(1).max(TOOL_TASKS_MAX) }).strict(),
  }),
} as const;

export type ToolName = keyof typeof tools;
export type ToolInput<N extends ToolName> = z.output<(typeof tools)[N]['input']>;
export const isToolName = (name: string): name is ToolName => Object.hasOwn(tools, name);

type Json = Readonly<Record<string, unknown>>;

/** What a model has no use for: it counts as tokens in every session, and the hub checks it anyway. */
const NOISE = new Set([
  '$schema',
  'id',
  'pattern',
  'maxLength',
  'minLength',
  'maxItems',
  'additionalProperties',
]);

const withoutNoise = (value: unknown, isNames = false): unknown => {
  if (Array.isArray(value)) return value.map((item) => withoutNoise(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => isNames || !NOISE.has(key))
      .map(([key, inner]) => [key, withoutNoise(inner, key === 'properties' && !isNames)]),
  );
};

/** `agent` is an argument where neither the token nor a header says who speaks. */
const Named = z.object({
  agent: s.AgentId.meta({ description: 'Who you are: the same name in every call' }),
});

/** The input of a tool, with the speaker’s name where the call has to tell it. */
export const toolInput = (name: ToolName, isNamed: boolean): z.ZodObject => {
  const { input } = tools[name];
  return isNamed ? input.extend(Named.shape) : input;
};

/** The JSON Schema of a tool’s input, as short as it can be. */
export const toolSchema = (name: ToolName, isNamed: boolean): Json =>
  withoutNoise(
    z.toJSONSchema(toolInput(name, isNamed), { io: 'input', reused: 'inline', unrepresentable: 'any' }),
  ) as Json;
