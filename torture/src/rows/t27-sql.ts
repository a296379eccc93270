import { existsSync } from 'node:fs';
import { isolationProblems } from '@agentmix/act-postgres';
import { breakIsolation, openArena } from '../isolation/arena.ts';
import { connections } from '../isolation/cases/connections.ts';
import { pooler } from '../isolation/cases/pooler.ts';
import { reads } from '../isolation/cases/reads.ts';
import { roles } from '../isolation/cases/roles.ts';
import { server } from '../isolation/cases/server.ts';
import { oracles, writes } from '../isolation/cases/writes.ts';
import { judge } from '../isolation/judge.ts';
import type { Verdict } from '../isolation/judge.ts';
import type { World } from '../isolation/world.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';

type Names = 'rows-of-each' | 'postgres';
type Context = RowContext<Names>;

const POSTGRESQL_15 = '/usr/lib/postgresql/15/bin';
const CASES_MIN = 40;
const CASES = [...reads, ...writes, ...oracles, ...connections, ...pooler, ...roles, ...server];

const count = (verdicts: readonly Verdict[], verdict: Verdict['verdict']): Verdict[] =>
  verdicts.filter((one) => one.verdict === verdict);

const judgeAll = async ({ log }: Context, world: World, what: string): Promise<Verdict[]> => {
  const verdicts: Verdict[] = [];
  for (const one of CASES) {
    const verdict = await judge(one, world);
    const { name, leaked, rows, statements, said = '' } = verdict;
    log(
      `${what}  ${verdict.verdict.padEnd(7)} ${name}: ${leaked} leaked, ${rows} rows, ${statements} statements; ${said}`,
    );
    verdicts.push(verdict);
  }
  return verdicts;
};

const countUnforced = async ({ superuser }: World): Promise<number> => {
  const { rows } = await superuser.query<{ count: number }>(
    `select count(*)::int as count from pg_class where relnamespace = 'act'::regnamespace and relkind in ('r', 'p')
       and not (relrowsecurity and relforcerowsecurity)`,
  );
  return rows[0]?.count ?? -1;
};

/** Tasks of b that a statement of a sees when it names b in act.project_id itself, as the hub does. */
const countByName = async ({ open, a, b }: World): Promise<number> => {
  const client = await open();
  await client.query(`begin; select set_config('act.project_id', '${a.id}', true)`);
  const { rowCount } = await client.query(
    `with s as materialized (select set_config('act.project_id', $1, true)) select t.id from s, act.tasks t`,
    [b.id],
  );
  await client.end();
  return rowCount ?? 0;
};

/**
 * All cases on one server, then once more on the same server without isolation: a case that finds nothing there
 * could not have failed, and proves nothing.
 */
const onServer = async (context: Context, name: string, binDir?: string) => {
  const { world, version } = await openArena(context.stage, name, context.sizes['rows-of-each'], binDir);
  const problems = await isolationProblems(world.superuser);
  const tablesWithoutForce = await countUnforced(world);
  const verdicts = await judgeAll(context, world, version);
  const named = await countByName(world);
  await breakIsolation(world);
  const control = await judgeAll(context, world, `${version}, no isolation`);
  return {
    version,
    tables: world.tables.length,
    tablesWithoutForce,
    problems,
    verdicts,
    named,
    cannotFail: control
      .filter(({ verdict }) => verdict !== 'leaked' && verdict !== 'skipped')
      .map((one) => one.name),
  };
};

export const t27 = defineRow<Names>({
  name: 'T27',
  summary: 'isolation in the database: a red team works as the hub’s own role, bound to one project of two',
  sizes: { 'rows-of-each': [200, 20], postgres: [0, 0] },
  run: async (context) => {
    const { sizes } = context;
    const servers = [];
    const has15 = existsSync(POSTGRESQL_15);
    if (sizes.postgres !== 15) servers.push(await onServer(context, 'embedded'));
    if (sizes.postgres !== 18 && has15) servers.push(await onServer(context, 'fifteen', POSTGRESQL_15));
    const verdicts = servers.flatMap((one) => one.verdicts);
    const missing = [
      ...(has15 ? [] : ['PostgreSQL 15']),
      ...(count(verdicts, 'skipped').length > 0 ? ['pgbouncer'] : []),
    ];
    const cases = Math.min(
      ...servers.map((one) => one.verdicts.length - count(one.verdicts, 'skipped').length),
    );
    const figures = {
      servers: servers.map(({ version }) => version),
      cases,
      statements: verdicts.reduce((sum, one) => sum + one.statements, 0),
      rowsLeaked: verdicts.reduce((sum, one) => sum + one.leaked, 0),
      tablesWithoutForce: servers.reduce((sum, one) => sum + one.tablesWithoutForce, 0),
      problems: [...new Set(servers.flatMap((one) => one.problems))],
      leaked: count(verdicts, 'leaked').map(({ name, said }) => ({ name, said })),
      broken: count(verdicts, 'broken').map(({ name, said }) => ({ name, said })),
      cannotFail: [...new Set(servers.flatMap((one) => one.cannotFail))],
      missing,
      // No leak but the boundary: whoever may run any statement and knows the id is the hub.
      tasksSeenByNamingTheirProject: Math.max(...servers.map((one) => one.named)),
    };
    const isClean =
      figures.rowsLeaked === 0 &&
      figures.tablesWithoutForce === 0 &&
      figures.problems.length === 0 &&
      figures.broken.length === 0 &&
      figures.cannotFail.length === 0;
    return { ...figures, passed: servers.length > 0 && cases >= CASES_MIN && isClean };
  },
});
