import {
  BRIEFING_AGENTS_MAX,
  BRIEFING_CONFLICTS_MAX,
  BRIEFING_MESSAGES_MAX,
  BRIEFING_PATHS_MAX,
  BRIEFING_TASKS_MAX,
} from '@agentmix/act-contract';
import * as sql from './sql/briefing.ts';

type Row = Record<string, unknown>;
type Run = (text: string, values: unknown[]) => Promise<Row[]>;

/** Rows that each tell how many there are besides. */
const counted = (rows: readonly Row[], name: string): Row => ({
  count: rows[0]?.['total'] ?? 0,
  [name]: rows.map(({ total: _total, ...row }) => row),
});

/** An agent’s briefing without the counts of tasks; undefined where there is no such agent. */
export const readBriefing = async (
  run: Run,
  projectId: string,
  agentId: string,
): Promise<Row | undefined> => {
  const [found] = await run(sql.AGENT, [projectId, agentId]);
  if (!found) return undefined;
  const { seq, ...agent } = found;
  const held = await run(sql.HELD, [projectId, agentId, BRIEFING_TASKS_MAX]);
  const unread = await run(sql.UNREAD, [projectId, agentId, BRIEFING_MESSAGES_MAX]);
  const others = await run(sql.OTHERS, [projectId, agentId, BRIEFING_AGENTS_MAX, BRIEFING_PATHS_MAX]);
  const conflicts = await run(sql.OPEN_CONFLICTS, [projectId, agentId, BRIEFING_CONFLICTS_MAX]);
  const status = agent['sessionId'] === undefined ? 'offline' : held.length > 0 ? 'working' : 'idle';
  return {
    seq,
    agent: { ...agent, status },
    held: counted(held, 'tasks'),
    unread: counted(unread, 'messages'),
    others: counted(others, 'agents'),
    conflicts: counted(conflicts, 'open'),
  };
};
