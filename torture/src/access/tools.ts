import { commands, tools } from '@agentmix/act-contract';
import type { Role, ToolInput, ToolName } from '@agentmix/act-contract';
import { strangersOf } from '@agentmix/act-testing/calls';
import type { World } from '@agentmix/act-testing/calls';

type Given<N extends ToolName> = Partial<ToolInput<N>> & object;

/** A call of every tool that names the things of a world. A `key` is new for each. */
export const toolCalls: { readonly [N in ToolName]: (world: World, key: string) => Given<N> } = {
  act_next: (w) => ({ taskId: w.openTaskId }),
  act_progress: (w) => ({ taskId: w.heldTaskId, note: 'not yours', question: 'whose is it?' }),
  act_complete: (w) => ({ taskId: w.heldTaskId }),
  act_release: (w) => ({ taskId: w.heldTaskId, reason: 'not yours' }),
  act_status: (w) => ({ taskId: w.openTaskId }),
  act_message: (w, key) => ({ key, to: 'ada', text: 'hello', threadId: w.messageId, taskId: w.openTaskId }),
  act_inbox: (w) => ({ read: [w.messageId] }),
  act_reserve: (w) => ({ regions: [{ path: 'src/not-yours.ts' }], taskId: w.heldTaskId }),
  act_free: () => ({ paths: ['src/a.ts'] }),
  act_plan: (_w, key) => ({ tasks: [{ key, title: 'x' }] as never }),
};

export const toolNames = Object.keys(tools) as readonly ToolName[];

/** The least role that a tool asks for. */
export const roleOfTool = (name: ToolName): Role => {
  if (name === 'act_status') return 'viewer';
  return (name === 'act_plan' ? commands['task.create'].role : undefined) ?? 'agent';
};

/** Whether it speaks as an agent, and not as its member alone. */
export const isSpoken = (name: ToolName): boolean => name !== 'act_plan' && name !== 'act_status';

/** Whether its call names things by id. */
export const hasToolIds = (name: ToolName, world: World): boolean =>
  JSON.stringify(toolCalls[name](world, '')) !== JSON.stringify(toolCalls[name](strangersOf(world), ''));
