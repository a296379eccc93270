import { makePostgresStore, migrate } from '@agentmix/act-postgres';
import { makeMemoryTokenStores } from '@agentmix/act-memory';
import { CoordinationService, Directory, makeKey, openAccess, readConfig } from '@agentmix/act-hub';
import { openKeyProvider } from '@agentmix/act-hub/access';
import type { Called, OpenAccess } from '@agentmix/act-hub';
import { HUB_PROJECT_ID } from '@agentmix/act-contract';
import type { CommandArguments, CommandName, CommandOutput } from '@agentmix/act-contract';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import pg from 'pg';
import { uuidv7 } from 'uuidv7';

import { NO_LIMITS } from '../load/no-limits.ts';
import { timed, withDatabase } from '../measure/index.ts';
import type { Case } from '../measure/index.ts';
import { drain } from './drain.ts';
import type { TaskDoor } from './drain.ts';
import type { ClaimEnvironment } from './environment.ts';

const PLAN_TASKS = 500;
const RETENTION_MS = 7 * 24 * 3_600_000;

interface Grant {
  readonly projectId: string;
  readonly sessionId: string;
  readonly taskId: string;
  readonly epoch: number;
}

const urlOf = (connection: pg.ClientConfig): string =>
  `postgresql://${connection.user}@localhost:${connection.port}/${connection.database}?host=${encodeURIComponent(String(connection.host))}`;

/** A call as a door makes it: its key and role checked, then by the contract's schema, then through lane, commit and fan-out. */
const makeCall =
  ({ access, calls }: OpenAccess, key: string) =>
  async <N extends CommandName>(
    name: N,
    projectId: string | undefined,
    input: CommandArguments<N>,
  ): Promise<CommandOutput<N>> => {
    const admitted = await access.authenticate(key);
    if (!admitted.ok) throw new Error(`the key was refused: ${admitted.refusal.code}`);
    const commandId = calls.service.newId();
    const origin = { door: 'bench', carrier: {} };
    const call = { projectId, input, commandId, origin };
    const called: Called = await calls.command(admitted.bearer, name, call);
    if (!called.ok) throw new Error(`${name} refused: ${called.refusal.code} ${called.refusal.detail ?? ''}`);
    return called.output as CommandOutput<N>;
  };

const seed = async (call: ReturnType<typeof makeCall>, tasks: number): Promise<string> => {
  const { projectId } = await call('project.create', undefined, {
    name: 'bench',
    settings: { openTasksMax: 100_000 },
  });
  for (let first = 0; first < tasks; first += PLAN_TASKS) {
    const keys = Array.from({ length: Math.min(PLAN_TASKS, tasks - first) }, (_, at) => `task-${first + at}`);
    await call('plan.apply', projectId, { tasks: keys.map((key) => ({ key, title: key })) });
  }
  return projectId;
};

/**
 * The log has every task claimed once and completed once, and adds up; the rows say the same. The hub has to be
 * stopped before: under load rows are written a little after their records.
 */
const verify = async (connection: pg.ClientConfig, projects: number, tasks: number): Promise<void> => {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    const rows = await client.query(
      `select count(*)::int as once from act.tasks where status = 'completed' and epoch = 1`,
    );
    const steps = await client.query(
      `select e ->> 'type' as type, count(*)::int as events, count(distinct e -> 'data' ->> 'taskId')::int as tasks
       from act.log, jsonb_array_elements(events::jsonb) e
       where e ->> 'type' in ('task.claimed', 'task.completed') group by 1`,
    );
    const records = await client.query(
      `select count(distinct project_id)::int as projects,
         bool_and(last_seq - first_seq + 1 = (select sum(c) from unnest(event_counts) c)) as counted
       from act.log where project_id <> '${HUB_PROJECT_ID}'`,
    );
    const isEachOnce = steps.rows.every((step) => step.events === tasks && step.tasks === tasks);
    if (steps.rows.length !== 2 || !isEachOnce)
      throw new Error(`the log does not have ${tasks} tasks once: ${JSON.stringify(steps.rows)}`);
    if (rows.rows[0].once !== tasks)
      throw new Error(`${rows.rows[0].once} of ${tasks} rows are claimed and completed once`);
    if (records.rows[0].projects !== projects || !records.rows[0].counted)
      throw new Error('the log does not add up');
  } finally {
    await client.end();
  }
};

/** The hub's own path, in this process: validation, lane, commit, fan-out to nobody. `projects` share callers and tasks evenly. */
export function makeAct(environment: ClaimEnvironment, projects = 1): Case {
  const { connection, postmasterPid, tasks, callers } = environment;
  const hot = projects === 1 ? 'one hot project' : `${projects} projects`;
  return {
    name: `act: ${hot}, ${callers} callers`,
    run: () =>
      withDatabase(connection, 'bench_act', async (database) => {
        await migrate({ connection: { url: urlOf(database) } });
        const store = makePostgresStore({
          connection: { url: urlOf({ ...database, user: 'act_app' }) },
          log: () => undefined,
        });
        const service = new CoordinationService({
          store,
          keys: await openKeyProvider({ dataDir: '', masterKeys: randomBytes(32).toString('base64') }),
          retentionMs: RETENTION_MS,
          log: (message, fields) => console.error(message, fields),
        });
        const directory = new Directory(store, (message, fields) => console.error(message, fields));
        const { text: key } = makeKey(uuidv7(), 'test');
        const opened = await openAccess({
          stores: { store, ...makeMemoryTokenStores({ clock: () => Date.now() }) },
          service,
          directory,
          ownerKey: key,
          keyProvider: await openKeyProvider({
            dataDir: tmpdir(),
            masterKeys: randomBytes(32).toString('base64'),
          }),
          config: readConfig({ limits: NO_LIMITS }, {}),
          log: (message, fields) => console.error(message, fields),
        });
        try {
          const call = makeCall(opened, key);
          const perProject = Math.floor(tasks / projects);
          const sessions: { projectId: string; sessionId: string }[] = [];
          const projectIds: string[] = [];
          for (let one = 0; one < projects; one++) projectIds.push(await seed(call, perProject));
          for (let caller = 0; caller < callers; caller++) {
            const projectId = projectIds[caller % projects] ?? '';
            const { sessionId } = await call('agent.register', projectId, {
              agentId: `agent-${caller}`,
              leaseMs: 600_000,
            });
            sessions.push({ projectId, sessionId });
          }
          const door: TaskDoor<Grant> = {
            claim: async (caller) => {
              const session = sessions[caller];
              if (!session) throw new Error(`no session for caller ${caller}`);
              const { claim } = await call('task.next', session.projectId, { sessionId: session.sessionId });
              return claim && { ...session, taskId: claim.taskId, epoch: claim.epoch };
            },
            complete: async (_caller, { projectId, ...grant }) =>
              void (await call('task.complete', projectId, grant)),
          };
          const section = await timed(() => drain(door, callers), postmasterPid);
          await service.stop();
          await verify(database, projects, perProject * projects);
          return { ...section, ...section.value };
        } finally {
          await opened.stopAccess();
          await service.stop();
          await store.close();
        }
      }),
  };
}
