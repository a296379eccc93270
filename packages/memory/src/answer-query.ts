import { HUB_PROJECT_ID } from '@agentmix/act-contract';
import type { FramedEvent, QueryInput, QueryOutput, Task } from '@agentmix/act-contract';
import { defined } from '@agentmix/act-core';
import type { ReservationState, StoredQueryName } from '@agentmix/act-core';
import { brief } from './brief.ts';
import { isOpen, isStored } from './load-image.ts';
import { recordsAfter } from './log.ts';
import { isMessageOf } from './privacy.ts';
import type { AgentRow, ArtifactRow, MessageRow, PredictionRow, ProjectRows, TaskRow } from './rows.ts';
import * as wire from './wire.ts';

type Projects = ReadonlyMap<string, ProjectRows>;
type Reader<N extends StoredQueryName> = (
  rows: ProjectRows,
  input: QueryInput<N>,
  projects: Projects,
) => QueryOutput<N> | undefined;

interface Page {
  readonly limit: number;
  readonly after?: string | undefined;
  readonly newestFirst?: boolean;
}

/** Rows in the order of their keys, or in the reverse, from the one after the cursor. */
const page = <Row, Item>(
  rows: Iterable<Row>,
  { limit, after, newestFirst = false }: Page,
  keyOf: (row: Row) => string,
  itemOf: (row: Row) => Item,
): { items: Item[]; next?: string } => {
  const later = [...rows]
    .filter((row) => after === undefined || (newestFirst ? keyOf(row) < after : keyOf(row) > after))
    .sort((a, b) => (keyOf(a) < keyOf(b) === newestFirst ? 1 : -1));
  const shown = later.slice(0, limit);
  const last = shown.at(-1);
  const items = shown.map(itemOf);
  return last !== undefined && later.length > limit ? { items, next: keyOf(last) } : { items };
};

const byId = ({ id }: { id: string }): string => id;

const countsOf = (tasks: Iterable<TaskRow>): Record<Task['status'], number> => {
  const counts = { pending: 0, ready: 0, claimed: 0, blocked: 0, completed: 0, failed: 0, cancelled: 0 };
  for (const { status } of tasks) counts[status]++;
  return counts;
};

const snapshot: Reader<'project.snapshot'> = (rows) => ({
  seq: rows.project.seq,
  project: wire.wireProject(rows),
  phases: page(rows.phases.values(), { limit: Infinity }, byId, wire.wirePhase).items,
  agents: page(rows.agents.values(), { limit: Infinity }, byId, wire.agentWriter(rows)).items,
  tasks: page([...rows.tasks.values()].filter(isOpen), { limit: Infinity }, byId, wire.wireTask).items,
  counts: countsOf(rows.tasks.values()),
});

const listTasks: Reader<'task.list'> = (rows, input) => {
  const fits = (task: TaskRow): boolean =>
    (input.status === undefined || task.status === input.status) &&
    (input.phaseId === undefined || task.phaseId === input.phaseId) &&
    (input.key === undefined || task.key === input.key);
  return page([...rows.tasks.values()].filter(fits), input, byId, wire.wireTask);
};

const listMessages: Reader<'message.list'> = (rows, input) => {
  const isForReader = ({ recipientAgentId, senderAgentId }: MessageRow): boolean =>
    recipientAgentId === undefined ? senderAgentId !== input.agentId : recipientAgentId === input.agentId;
  const isWanted = ({ recipientAgentId, readAt }: MessageRow): boolean =>
    !(input.unread && (recipientAgentId === undefined || readAt !== undefined)) &&
    !(input.toAll && recipientAgentId !== undefined);
  const inbox = [...rows.messages.values()].filter((message) => isForReader(message) && isWanted(message));
  return page(inbox, input, byId, wire.wireMessage);
};

const taskIdOf = ({ data }: FramedEvent): string | undefined => ('taskId' in data ? data.taskId : undefined);

const listEvents: Reader<'event.list'> = (rows, { after, limit, taskId, agentId, type }) => {
  const fits = (event: FramedEvent): boolean =>
    event.seq > Math.max(after, rows.forgottenSeq) &&
    (taskId === undefined || taskIdOf(event) === taskId) &&
    (agentId === undefined || event.agentId === agentId) &&
    (type === undefined || event.type === type);
  const items: QueryOutput<'event.list'>['items'] = [];
  for (const record of recordsAfter(rows.log, after)) {
    // Records hold what was committed: framed events.
    for (const event of (JSON.parse(record.eventsText) as FramedEvent[]).filter(fits)) {
      const last = items.at(-1);
      if (last && items.length === limit) return { items, next: last.seq };
      const projectId = rows.project.id;
      items.push({
        ...event,
        id: `${projectId}/${event.seq}`,
        projectId,
        timestamp: new Date(record.at).toISOString(),
      } as (typeof items)[number]);
    }
  }
  return { items };
};

const exportMember: Reader<'privacy.export'> = (rows, input) => {
  const row = rows.members.get(input.memberId);
  if (!row) return undefined;
  const keys = [...rows.keys.values()].filter(({ memberId }) => memberId === row.id);
  const messages = [...rows.messages.values()].filter(isMessageOf(row));
  const { items, ...next } = page(messages, input, byId, wire.wireMessage);
  return {
    member: { ...wire.memberWriter(rows)(row), ...defined({ removedAt: wire.maybeIso(row.removedAt) }) },
    ...defined({ erasedAt: wire.maybeIso(rows.erasedAt.get(row.id)) }),
    keys: page(keys, { limit: Infinity }, byId, wire.wireKey).items,
    messages: items,
    ...next,
  };
};

const readers: { readonly [N in StoredQueryName]: Reader<N> } = {
  'project.list': (_rows, input, projects) =>
    page(
      [...projects.values()].filter(({ project }) => project.id !== HUB_PROJECT_ID),
      input,
      ({ project }) => project.id,
      wire.wireProject,
    ),
  'project.get': (rows) => wire.wireProject(rows),
  'project.snapshot': snapshot,
  'member.list': (rows, input) =>
    page(
      [...rows.members.values()].filter(({ removedAt }) => removedAt === undefined),
      input,
      byId,
      wire.memberWriter(rows),
    ),
  'key.list': (rows, input) => page(rows.keys.values(), input, byId, wire.wireKey),
  'privacy.export': exportMember,
  'phase.list': (rows, input) => page(rows.phases.values(), input, byId, wire.wirePhase),
  'task.list': listTasks,
  'task.get': (rows, { taskId }) => {
    const row = rows.tasks.get(taskId);
    return row && wire.wireTask(row);
  },
  'agent.list': (rows, input) => {
    const fits = ({ id }: AgentRow): boolean => input.agentId === undefined || id === input.agentId;
    return page([...rows.agents.values()].filter(fits), input, byId, wire.agentWriter(rows));
  },
  'agent.briefing': (rows, { agentId }) => brief(rows, agentId, countsOf(rows.tasks.values())),
  'message.list': listMessages,
  'assistance.list': (rows, input) => page(rows.assistance.values(), input, byId, wire.wireAssistance),
  'state.list': (rows, input) => page(rows.liveState.values(), input, ({ key }) => key, wire.wireState),
  'state.get': (rows, { key }) => {
    const row = rows.liveState.get(key);
    return row && wire.wireState(row);
  },
  'file.list': (rows, input) => page(rows.files.values(), input, ({ filePath }) => filePath, wire.wireFile),
  'conflict.list': (rows, input) => page(rows.conflicts.values(), input, byId, wire.wireConflict),
  'reservation.list': (rows, input) => {
    const fits = ({ path, agentId }: ReservationState): boolean =>
      (input.path === undefined || path === input.path) &&
      (input.agentId === undefined || agentId === input.agentId);
    return page([...rows.reservations.values()].filter(fits), input, byId, wire.wireReservation);
  },
  'prediction.list': (rows, { agentId, after, limit }) => {
    const fits = ({ agents, seq }: PredictionRow): boolean =>
      seq > after && (agentId === undefined || agents.includes(agentId));
    const found = [...rows.predictions.values()].filter(fits).sort((a, b) => a.seq - b.seq);
    const last = found[limit - 1];
    return {
      items: found.slice(0, limit).map(wire.wirePrediction),
      ...(found.length > limit && last ? { next: last.seq } : {}),
    };
  },
  'artifact.list': (rows, input) => {
    const fits = (row: ArtifactRow): boolean =>
      isStored(row) && (input.taskId === undefined || row.taskId === input.taskId);
    return page([...rows.artifacts.values()].filter(fits), input, byId, wire.wireArtifact);
  },
  'artifact.get': (rows, { artifactId }) => {
    const row = rows.artifacts.get(artifactId);
    return row && isStored(row) ? wire.wireArtifact(row) : undefined;
  },
  'event.list': listEvents,
};

/** Answers one query of the contract from rows; undefined when the thing asked for is not there. */
export const answerQuery = <N extends StoredQueryName>(
  name: N,
  rows: ProjectRows,
  input: QueryInput<N>,
  projects: Projects,
): QueryOutput<N> | undefined => readers[name](rows, input, projects);
