import type { Loaded, LogRecord, ProjectImage } from '@agentmix/act-core';
import type pg from 'pg';
import * as sql from './sql/load.ts';
import type { LogRow } from './sql/log.ts';

type Image<K extends keyof ProjectImage> = ProjectImage[K] extends readonly (infer Item)[] ? Item : never;

const ms = (at: unknown): number | undefined => (at instanceof Date ? at.getTime() : undefined);

/** Leaves out what is null or undefined: absent is absent, in a row as in the state. */
export const compact = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], null | undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null && field !== undefined)) as {
    [K in keyof T]: Exclude<T[K], null | undefined>;
  };

// Rows come from our own tables, whose columns the migrations fix: the casts below name their types, and the
// acceptance suite compares every image with the state it was written from.
type Row = Record<string, unknown>;

const taskImage = (row: Row): Image<'tasks'> =>
  compact({
    id: row['id'],
    key: row['key'],
    phaseId: row['phase_id'],
    order: row['created_seq'],
    createdAt: ms(row['created_at']),
    title: row['title'],
    descriptionHash: row['description_hash'],
    type: row['type'],
    priority: row['priority'],
    complexityScore: row['complexity_score'],
    estimatedTime: row['estimated_time'],
    requires: row['requires'],
    filePaths: row['file_paths'],
    dependencies: row['dependencies'],
    status: row['status'],
    agentId: row['assigned_agent_id'],
    sessionId: row['session_id'],
    epoch: row['epoch'],
    attempts: row['attempts'],
    percent: row['percent'],
    note: row['note'],
    checkpoint: row['checkpoint'],
    blockedReason: row['blocked_reason'],
    settled: row['settled'],
    blockedBy: row['blocked_by'],
    waitingFor: row['waiting_for'],
    result: row['result'],
    startedAt: ms(row['started_at']),
    claimedAt: ms(row['claimed_at']),
    progressedAt: ms(row['progressed_at']),
    askedAt: ms(row['asked_at']),
    completedAt: ms(row['completed_at']),
    actualTime: row['actual_time'],
  }) as Image<'tasks'>;

const phaseImage = (row: Row): Image<'phases'> =>
  compact({
    id: row['id'],
    key: row['key'],
    order: row['created_seq'],
    createdAt: ms(row['created_at']),
    dependencies: row['dependencies'],
    name: row['name'],
    description: row['description'],
    ownerAgentId: row['owner_agent_id'],
    estimatedEffort: row['estimated_effort'],
    status: row['status'],
    startedAt: ms(row['started_at']),
    completedAt: ms(row['completed_at']),
    actualEffort: row['actual_effort'],
    spent: row['spent'],
  }) as Image<'phases'>;

const sessionImage = (row: Row): Image<'sessions'> =>
  ({
    id: row['id'],
    agentId: row['agent_id'],
    leaseMs: row['lease_ms'],
    startedAt: ms(row['started_at']),
    patterns: row['patterns'],
  }) as Image<'sessions'>;

const assistanceImage = (row: Row): Image<'assistance'> =>
  ({ id: row['id'], agentId: row['agent_id'], offeredTo: row['offered_to'] }) as Image<'assistance'>;

const memberImage = (row: Row): Image<'members'> =>
  compact({
    id: row['id'],
    kind: row['kind'],
    role: row['role'],
    createdAt: ms(row['created_at']),
    agentId: row['agent_id'],
    writePaths: row['write_paths'],
    broughtBy: row['brought_by'],
  }) as Image<'members'>;

const keyImage = (row: Row): Image<'keys'> =>
  compact({
    id: row['id'],
    memberId: row['member_id'],
    createdAt: ms(row['created_at']),
    label: row['label'],
    role: row['role'],
    expiresAt: ms(row['expires_at']),
    isRevoked: row['revoked_at'] !== null,
  }) as Image<'keys'>;

const artifactImage = (row: Row): Image<'artifacts'> =>
  compact({
    id: row['id'],
    name: row['name'],
    mediaType: row['media_type'],
    bytes: row['bytes'],
    sha256: row['sha256'],
    agentId: row['agent_id'],
    taskId: row['task_id'],
  }) as Image<'artifacts'>;

const conflictImage = (row: Row): Image<'conflicts'> =>
  compact({
    id: row['id'],
    type: row['conflict_type'],
    agents: row['involved_agents'],
    taskIds: row['task_ids'],
    place: row['place'],
    question: row['question'],
    deadline: ms(row['deadline']),
  }) as Image<'conflicts'>;

const reservationImage = (row: Row): Image<'reservations'> =>
  compact({
    id: row['id'],
    sessionId: row['session_id'],
    agentId: row['agent_id'],
    path: row['path'],
    pattern: row['pattern'],
    ranges: row['ranges'],
    baseHash: row['base_hash'],
    mode: row['mode'],
    taskId: row['task_id'],
    reason: row['reason'],
    status: row['status'],
    epoch: row['epoch'],
    since: ms(row['since']),
    renewedAt: ms(row['renewed_at']),
  }) as Image<'reservations'>;

const worktreeImage = (row: Row): Image<'worktrees'> =>
  compact({
    key: row['key'],
    sessionId: row['session_id'],
    agentId: row['agent_id'],
    machine: row['machine'],
    branch: row['branch'],
    head: row['head'],
    base: row['base'],
    tree: row['tree'],
    files: row['files'],
    merges: row['merges'],
    omitted: row['omitted'],
    reportedAt: ms(row['reported_at']),
  }) as Image<'worktrees'>;

const toldImage = (row: Row): Image<'told'> =>
  compact({
    worktrees: row['worktrees'],
    agents: row['agents'],
    path: row['path'],
    kind: row['kind'],
  }) as Image<'told'>;

const byType = ([a]: [string, number], [b]: [string, number]): number => (a < b ? -1 : 1);

const agentImages = (rows: Row[], completed: sql.CompletedRow[]): Image<'agents'>[] => {
  const agents = rows.map(
    (row) =>
      compact({
        id: row['id'],
        name: row['name'],
        kind: row['kind'],
        capabilities: row['capabilities'],
        registeredAt: ms(row['registered_at']),
        sessionId: row['session_id'],
        keys: row['keys'],
        failed: Object.entries(
          (row['performance_metrics'] as { failed: Record<string, number> }).failed,
        ).sort(byType),
        completed: [],
      }) as Image<'agents'>,
  );
  const known = new Map(agents.map((agent) => [agent.id, agent]));
  for (const { assigned_agent_id: id, type, completed: count } of completed) {
    const agent = known.get(id);
    agent?.completed.push([type, count]);
  }
  for (const agent of agents) agent.completed.sort(byType);
  return agents;
};

export const logRecord = (row: LogRow): LogRecord => ({
  projectId: row.project_id,
  firstSeq: row.first_seq,
  lastSeq: row.last_seq,
  at: row.at.getTime(),
  commandIds: row.command_ids,
  actors: row.actors,
  eventCounts: row.event_counts,
  fingerprints: row.fingerprints.map(Number),
  idHigh: row.id_high,
  eventsText: row.events,
  previousHash: row.previous_hash,
  hash: row.hash,
});

/** Reads one project in one snapshot; undefined when there is none. */
export const loadProject = async (
  client: pg.PoolClient,
  projectId: string,
  recentCommandsMax: number,
): Promise<Loaded | undefined> => {
  const rows = async <T extends pg.QueryResultRow = Row>(text: string, ...more: unknown[]): Promise<T[]> =>
    (await client.query<T>(text, [projectId, ...more])).rows;
  const [project] = await rows<sql.ProjectRow & pg.QueryResultRow>(sql.PROJECT_SQL);
  if (!project) return undefined;
  const image: ProjectImage = {
    project: compact({
      id: project.id,
      seq: project.written_seq,
      hash: project.last_hash,
      name: project.name,
      description: project.description,
      status: project.status,
      settings: project.settings,
      createdAt: project.created_at.getTime(),
      updatedAt: project.updated_at.getTime(),
    }) as ProjectImage['project'],
    phases: (await rows(sql.PHASES_SQL)).map(phaseImage),
    agents: agentImages(
      await rows(sql.AGENTS_SQL),
      await rows<sql.CompletedRow & pg.QueryResultRow>(sql.COMPLETED_SQL),
    ),
    sessions: (await rows(sql.SESSIONS_SQL)).map(sessionImage),
    members: (await rows(sql.MEMBERS_SQL)).map(memberImage),
    keys: (await rows(sql.KEYS_SQL)).map(keyImage),
    tasks: (await rows(sql.OPEN_TASKS_SQL)).map(taskImage),
    closedTasks: (await rows<{ id: string }>(sql.CLOSED_TASKS_SQL)).map(({ id }) => id),
    taskKeys: (await rows<{ key: string; id: string }>(sql.TASK_KEYS_SQL)).map(({ key, id }) => [key, id]),
    assistance: (await rows(sql.ASSISTANCE_SQL)).map(assistanceImage),
    conflicts: (await rows(sql.CONFLICTS_SQL)).map(conflictImage),
    artifacts: (await rows(sql.ARTIFACTS_SQL)).map(artifactImage),
    reservations: (await rows(sql.RESERVATIONS_SQL)).map(reservationImage),
    mainCommits: (await rows<{ commit: string }>(sql.MAIN_COMMITS_SQL)).map(({ commit }) => commit),
    worktrees: (await rows(sql.WORKTREES_SQL)).map(worktreeImage),
    told: (await rows(sql.PREDICTIONS_SQL)).map(toldImage),
    liveState: (await rows<{ key: string; version: number }>(sql.LIVE_STATE_SQL)).map(({ key, version }) => [
      key,
      version,
    ]),
  };
  const tail = (await rows<LogRow & pg.QueryResultRow>(sql.TAIL_SQL, recentCommandsMax)).map(logRecord);
  const [before] = await rows<{ id_high: number }>(sql.ID_HIGH_BEFORE_SQL, tail[0]?.lastSeq ?? 0);
  const unwritten =
    project.written_seq < project.last_seq
      ? await rows<LogRow & pg.QueryResultRow>(sql.UNWRITTEN_SQL, project.written_seq)
      : [];
  return { image, unwritten: unwritten.map(logRecord), tail, idHighBefore: before?.id_high ?? 0 };
};
