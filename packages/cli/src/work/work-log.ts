import type { Claim, Task } from '@agentmix/act-client';
import { glyph, nameOf } from '../board/tasks.ts';
import type { Output } from '../cli/output.ts';
import { printable } from '../terminal/printable.ts';
import { clockText } from '../terminal/time.ts';
import { fit, padEnd } from '../terminal/width.ts';
import type { ClaimEnd } from './run-claim.ts';
import type { WorkSummary } from './worker.ts';

const NAME_COLUMNS = 14;
const AWAY_EVERY_MS = 30_000;

/** What a worker says on the terminal. The program's own output goes to stderr, each line behind its task's name. */
export interface WorkLog {
  registered(agent: string): void;
  started(task: Task, claim: Claim): void;
  ended(task: Task, end: ClaimEnd, ms: number, detail: string): void;
  output(task: Task, line: string): void;
  away(reason: string): void;
  waiting(ready: number): void;
  end(summary: WorkSummary): void;
}

const GLYPH_OF = { completed: 'completed', released: 'ready', failed: 'failed', lost: 'cancelled' } as const;

export const makeWorkLog = (agent: string, output: Output, isQuiet: boolean): WorkLog => {
  const { style } = output;
  let awayAt = -Infinity;
  let isWaiting = false;
  const say = (text: string): void =>
    output.line(`${style.dim(clockText(new Date().toISOString()))} ${style.bold(printable(agent))} ${text}`);
  const name = (task: Task): string => padEnd(fit(nameOf(task), NAME_COLUMNS), NAME_COLUMNS);
  return {
    registered: (id) => say(`joined as ${printable(id)}`),
    started(task, claim) {
      isWaiting = false;
      const attempt = claim.attempt > 1 ? `, attempt ${claim.attempt}` : '';
      const from = task.checkpoint
        ? `, goes on from: ${printable(task.checkpoint.note ?? 'its checkpoint')}`
        : '';
      say(
        `${glyph('claimed', style)} ${name(task)} ${fit(printable(task.title), 50)}${attempt}${style.yellow(from)}`,
      );
    },
    ended(task, end, ms, detail) {
      const [first = ''] = detail.split('\n');
      const why = first === '' ? '' : `: ${fit(printable(first), 60)}`;
      say(`${glyph(GLYPH_OF[end], style)} ${name(task)} ${end} after ${(ms / 1_000).toFixed(1)} s${why}`);
    },
    output(task, line) {
      if (!isQuiet) output.remark(`${nameOf(task)} | ${printable(line)}`);
    },
    away(reason) {
      if (performance.now() - awayAt < AWAY_EVERY_MS) return;
      awayAt = performance.now();
      output.remark(`the hub is away, trying on: ${printable(reason)}`);
    },
    waiting(ready) {
      if (isWaiting) return;
      isWaiting = true;
      say(
        ready > 0
          ? style.dim(`waiting: ${ready} tasks are ready, but want capabilities that this agent lacks`)
          : style.dim('waiting for others to finish'),
      );
    },
    end({ completed, released, failed, lost }) {
      const parts = [`${completed} completed`];
      if (failed > 0) parts.push(`${failed} failed`);
      if (released > 0) parts.push(`${released} given back`);
      if (lost > 0) parts.push(`${lost} lost`);
      say(parts.join(', '));
    },
  };
};
