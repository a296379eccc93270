import type { QueryOutput, Task } from '@agentmix/act-client';
import { PAGE_ITEMS_MAX } from '@agentmix/act-contract';
import type { Connection } from '../connection/connect.ts';
import { printable } from '../terminal/printable.ts';
import type { Style } from '../terminal/style.ts';

export type Snapshot = QueryOutput<'project.snapshot'>;
export type Phase = Snapshot['phases'][number];
export type Agent = Snapshot['agents'][number];
type Status = Task['status'];

const GLYPHS: Readonly<Record<Status, string>> = {
  pending: '·',
  ready: '○',
  claimed: '▶',
  blocked: '‖',
  completed: '✓',
  failed: '✗',
  cancelled: '–',
};

const COLOURS: Readonly<Record<Status, (style: Style) => (text: string) => string>> = {
  pending: (style) => style.dim,
  ready: (style) => style.cyan,
  claimed: (style) => style.yellow,
  blocked: (style) => style.magenta,
  completed: (style) => style.green,
  failed: (style) => style.red,
  cancelled: (style) => style.dim,
};

export const paintOf = (status: Status, style: Style): ((text: string) => string) => COLOURS[status](style);
export const glyph = (status: Status, style: Style): string => paintOf(status, style)(GLYPHS[status]);

/** Glyphs with their meaning, for below a list. */
export const legend = (style: Style): string =>
  style.dim(
    Object.entries(GLYPHS)
      .map(([status, mark]) => `${mark} ${status}`)
      .join('  '),
  );

/** What people call a task: its key, else the end of its id, which is what tells ids of one hour apart. */
export const nameOf = (task: Pick<Task, 'key' | 'id'>): string => printable(task.key ?? task.id.slice(-8));

/** All tasks of a project, a page at a time, each page as it comes. */
export async function* pagesOfTasks(
  connection: Connection,
  projectId: string,
  filter: { readonly status?: Status; readonly phaseId?: string } = {},
): AsyncGenerator<readonly Task[], void, undefined> {
  let after: string | undefined;
  do {
    const page: QueryOutput<'task.list'> = await connection.query('the tasks', 'task.list', projectId, {
      ...filter,
      limit: PAGE_ITEMS_MAX,
      ...(after === undefined ? {} : { after }),
    });
    yield page.items;
    after = page.next;
  } while (after !== undefined);
}
