import { setTimeout as sleep } from 'node:timers/promises';
import { renderBoard } from '../board/board.ts';
import type { Snapshot } from '../board/tasks.ts';
import { defineCommand, jsonOption } from '../cli/command.ts';
import type { Output } from '../cli/output.ts';
import { connectProject, projectOptions } from '../connection/find-project.ts';
import type { ProjectConnection } from '../connection/find-project.ts';
import { showHubStatus } from '../connection/hub-status.ts';

/** A board is drawn at most twice a second, and at least every five: times on it go on although nothing happens. */
const REDRAW_MS_MIN = 500;
const REDRAW_MS_MAX = 5_000;
const HOME_AND_CLEAR = '\u001b[H\u001b[J';
const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';

const take = ({ query, project }: ProjectConnection): Promise<Snapshot> =>
  query('the project', 'project.snapshot', project.id, {});

const draw = (snapshot: Snapshot, connection: ProjectConnection, output: Output): void => {
  const lines = renderBoard(snapshot, {
    columns: output.columns(),
    style: output.style,
    now: connection.hub.time(),
  });
  if (output.isTty) {
    const rows = Math.max(5, (process.stdout.rows || 24) - 1);
    const shown = lines.length > rows ? [...lines.slice(0, rows - 1), output.style.dim('…')] : lines;
    process.stdout.write(HOME_AND_CLEAR + shown.join('\n'));
  } else {
    output.json(snapshot);
    output.line(...lines, '');
  }
};

/** Ends at Ctrl-C. Drawn when something happened; on a terminal also from time to time. */
const watch = async (connection: ProjectConnection, output: Output): Promise<void> => {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  let wake: () => void = () => undefined;
  const listen = async (): Promise<void> => {
    for await (const _item of connection.hub.events(connection.project.id, { signal: stop.signal })) wake();
  };
  const listening = listen();
  if (output.isTty) process.stdout.write(ENTER);
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      draw(await take(connection), connection, output);
      await sleep(REDRAW_MS_MIN, undefined, { signal: stop.signal });
      const idle = output.isTty
        ? sleep(REDRAW_MS_MAX, undefined, { signal: stop.signal })
        : new Promise(() => undefined);
      await Promise.race([changed, idle, listening]);
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    stop.abort();
    if (output.isTty) process.stdout.write(LEAVE);
  }
};

export const status = defineCommand({
  name: 'status',
  summary: 'The project at a glance: counts, agents, tasks in hand, what is next, what is stuck.',
  options: {
    watch: { type: 'boolean', summary: 'keep it on the screen until Ctrl-C' },
    deep: {
      type: 'boolean',
      summary: 'the hub itself and what it depends on, for its owners; fails when something is bad',
    },
    ...projectOptions,
    ...jsonOption,
  },
  examples: ['act status', 'act status --watch', 'act status --json | jq .counts', 'act status --deep'],
  async run({ values, output, surroundings }) {
    if (values.deep) return showHubStatus(values, surroundings, output);
    const connection = await connectProject(values, surroundings);
    if (values.watch) return watch(connection, output);
    const snapshot = await take(connection);
    output.json(snapshot);
    const options = { columns: output.columns(), style: output.style, now: connection.hub.time() };
    output.line(...renderBoard(snapshot, options));
    return undefined;
  },
});
