import {
  BRIEFING_AGENTS_MAX,
  BRIEFING_CONFLICTS_MAX,
  BRIEFING_MESSAGES_MAX,
  BRIEFING_PATHS_MAX,
  BRIEFING_TASKS_MAX,
  URGENCIES,
} from '@agentmix/act-contract';
import type { Colleague, QueryOutput } from '@agentmix/act-contract';
import { defined } from '@agentmix/act-core';
import type { AgentRow, ConflictRow, MessageRow, ProjectRows, TaskRow } from './rows.ts';
import * as wire from './wire.ts';

type Briefing = QueryOutput<'agent.briefing'>;

/** Rows by a rank, lowest first, and within one by their ids. */
const ranked = <Row extends { id: string }>(rows: Iterable<Row>, rankOf: (row: Row) => number): Row[] =>
  [...rows].sort((a, b) => rankOf(a) - rankOf(b) || (a.id < b.id ? -1 : 1));

const colleague = ({ id, name, kind }: AgentRow, tasks: readonly TaskRow[]): Colleague => ({
  agentId: id,
  name,
  ...defined({ kind }),
  tasks: tasks.map((task) => ({
    id: task.id,
    title: task.title,
    ...defined({ key: task.key, percent: task.percent }),
    filePaths: task.filePaths.slice(0, BRIEFING_PATHS_MAX),
  })),
});

/** What an agent should know now; undefined where there is no such agent. */
export const brief = (
  rows: ProjectRows,
  agentId: string,
  counts: Briefing['counts'],
): Briefing | undefined => {
  const row = rows.agents.get(agentId);
  if (!row) return undefined;
  const held = ranked(rows.tasks.values(), () => 0).filter(({ sessionId }) => sessionId !== undefined);
  const heldBy = (id: string): TaskRow[] => held.filter((task) => task.agentId === id);
  const { performanceMetrics: _metrics, keys: _keys, ...agent } = wire.agentWriter(rows)(row);
  const isUnread = ({ recipientAgentId, readAt }: MessageRow): boolean =>
    recipientAgentId === agentId && readAt === undefined;
  const unread = ranked(
    [...rows.messages.values()].filter(isUnread),
    ({ urgency }) => -URGENCIES.indexOf(urgency),
  );
  const isOther = ({ id, sessionId }: AgentRow): boolean => id !== agentId && sessionId !== undefined;
  const others = ranked([...rows.agents.values()].filter(isOther), ({ id }) =>
    heldBy(id).length > 0 ? 0 : 1,
  );
  const conflicts = ranked(
    [...rows.conflicts.values()].filter(({ status }: ConflictRow) => status === 'open'),
    ({ involvedAgents }) => (involvedAgents.includes(agentId) ? 0 : 1),
  );
  return {
    seq: rows.project.seq,
    agent,
    held: {
      count: heldBy(agentId).length,
      tasks: heldBy(agentId).slice(0, BRIEFING_TASKS_MAX).map(wire.wireTask),
    },
    unread: {
      count: unread.length,
      messages: unread.slice(0, BRIEFING_MESSAGES_MAX).map(wire.wireMessage),
    },
    others: {
      count: others.length,
      agents: others.slice(0, BRIEFING_AGENTS_MAX).map((one) => colleague(one, heldBy(one.id))),
    },
    conflicts: {
      count: conflicts.length,
      open: conflicts.slice(0, BRIEFING_CONFLICTS_MAX).map(wire.wireConflict),
    },
    counts,
  };
};
