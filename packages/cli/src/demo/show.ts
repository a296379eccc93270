import type { ActEvent } from '@agentmix/act-client';
import type { Output } from '../cli/output.ts';
import type { TaskNames } from '../tail/task-names.ts';
import { padEnd, padStart } from '../terminal/width.ts';

const AGENT_COLUMNS = 5;
const SHOWN = [
  'agent.registered',
  'agent.disconnected',
  'task.released',
  'task.progress',
  'task.claimed',
  'task.completed',
] as const;
type Shown = Extract<ActEvent, { type: (typeof SHOWN)[number] }>;

const isShown = (event: ActEvent): event is Shown => SHOWN.some((type) => type === event.type);

/** What a watcher should see of the log, in few lines: work done, and everything about the agent that dies. */
export const makeShow = (output: Output, names: TaskNames, total: number) => {
  const { style } = output;
  const startedAt = performance.now();
  let completed = 0;
  const lost = new Set<string>();
  const lastCheckpoint = new Map<string, string>();
  const say = (agent: string, text: string): void => {
    const at = padStart(((performance.now() - startedAt) / 1_000).toFixed(1), 5);
    output.line(`${style.dim(`${at} s`)}  ${style.bold(padEnd(agent, AGENT_COLUMNS))}  ${text}`);
  };
  return {
    say,
    async event(event: ActEvent): Promise<void> {
      names.learn(event);
      if (!isShown(event)) return;
      const agent = event.agentId ?? '';
      switch (event.type) {
        case 'agent.registered': {
          const can = event.data.capabilities.map(({ name }) => name).join(', ');
          say(agent, style.cyan(`joins (${event.data.kind ?? 'agent'}; ${can})`));
          return;
        }
        case 'agent.disconnected':
          if (event.data.reason === 'expired')
            say(agent, style.red('is gone: its lease ran out, the hub takes its work back'));
          return;
        case 'task.released':
          lost.add(event.data.taskId);
          say(
            'hub',
            style.yellow(`${await names.of(event.data.taskId)} is ready again, with its checkpoint`),
          );
          return;
        case 'task.progress': {
          const note = event.data.checkpoint?.note;
          if (note !== undefined && !lost.has(event.data.taskId)) lastCheckpoint.set(event.data.taskId, note);
          return;
        }
        case 'task.claimed':
          if (!lost.has(event.data.taskId)) return;
          say(
            agent,
            style.yellow(
              `takes over ${await names.of(event.data.taskId)} and goes on from “${lastCheckpoint.get(event.data.taskId) ?? 'the beginning'}”`,
            ),
          );
          return;
        case 'task.completed': {
          completed++;
          const mark = lost.has(event.data.taskId) ? style.yellow('✓') : style.green('✓');
          say(
            agent,
            `${mark} ${padEnd(await names.of(event.data.taskId), 60)} ${style.dim(`${completed}/${total}`)}`,
          );
        }
      }
    },
  };
};
