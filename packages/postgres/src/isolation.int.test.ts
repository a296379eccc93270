import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabaseIfMissing } from './create-database.ts';
import { startEmbedded } from './embedded/index.ts';
import type { EmbeddedServer } from './embedded/index.ts';
import { migrate } from './migrate.ts';

type Row = Record<string, unknown>;

/** Tables that belong to the hub as a whole and to no project. */
const HUB_TABLES = ['hub_beat', 'signing_keys', 'refresh_families'];

describe('isolation of projects by the database', () => {
  const [a, b] = [randomUUID(), randomUUID()];
  let folder: string;
  let server: EmbeddedServer;
  let owner: pg.Client;
  let app: pg.Client;
  /** Tables that belong to projects, with the column that says which. */
  let tables: { name: string; column: string }[];

  const open = async (user: string): Promise<pg.Client> => {
    const { socketDir, port } = server;
    const client = new pg.Client({ host: socketDir, port, user, database: 'act' });
    await client.connect();
    return client;
  };
  const rows = async (client: pg.Client, text: string, values: unknown[] = []): Promise<Row[]> =>
    (await client.query<Row>(text, values)).rows;
  /** In a transaction that is undone, bound to a project or to nothing. */
  const within = async <T>(projectId: string | undefined, work: () => Promise<T>): Promise<T> => {
    await app.query('begin');
    try {
      if (projectId) await app.query(`select set_config('act.project_id', $1, true)`, [projectId]);
      return await work();
    } finally {
      await app.query('rollback');
    }
  };

  /** A value that a column of any table of ours takes. */
  const valueFor = (
    { column_name: name, udt_name: type, is_nullable: isNeeded }: Row,
    projectId: string,
  ): unknown => {
    if (name === 'project_id' || name === 'artifact_id' || (name === 'id' && type === 'uuid'))
      return projectId;
    const words: Record<string, string> = {
      conflict_type: 'resource_contention',
      last_change: 'created',
      agent_id: 'ada',
      kind: 'agent',
      role: 'agent',
      mode: 'shared',
    };
    if (name === 'member_id' || name === 'key_id') return projectId;
    if (name === 'session_id' && isNeeded === 'NO') return projectId;
    if (type === 'uuid') return null;
    if (type === 'jsonb') return '{}';
    if (type === 'timestamptz') return new Date().toISOString();
    if (String(type).startsWith('_')) return '{}';
    if (type === 'int4' || type === 'int8') return 1;
    return words[String(name)] ?? 'x';
  };

  /** What each table allows as status, from its own constraints. */
  const statusOf = async (table: string): Promise<string> => {
    const [found] = await rows(
      owner,
      `select substring(pg_get_constraintdef(oid) from '''([a-z]+)''') as word from pg_constraint
       where conrelid = $1::regclass and contype = 'c' and pg_get_constraintdef(oid) like '%(status)%any%'
         and pg_get_constraintdef(oid) not like '%session_id%'
       limit 1`.replace('%any%', '%ANY%'),
      [`act.${table}`],
    );
    const word = found?.['word'];
    return typeof word === 'string' ? word : 'active';
  };

  const rowOf = async (
    table: string,
    projectId: string,
  ): Promise<{ columns: string[]; values: unknown[] }> => {
    const columns = await rows(
      owner,
      `select column_name, udt_name, is_nullable from information_schema.columns
       where table_schema = 'act' and table_name = $1 order by ordinal_position`,
      [table],
    );
    const status = await statusOf(table);
    return {
      columns: columns.map((one) => String(one['column_name'])),
      values: columns.map((one) => (one['column_name'] === 'status' ? status : valueFor(one, projectId))),
    };
  };

  const insert = async (client: pg.Client, table: string, projectId: string): Promise<void> => {
    const { columns, values } = await rowOf(table, projectId);
    const places = values.map((_value, at) => `$${at + 1}`);
    await client.query(
      `insert into act.${table} (${columns.join(', ')}) values (${places.join(', ')})`,
      values,
    );
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'act-isolation-'));
    server = await startEmbedded({ dataDir: join(folder, 'data') });
    const { socketDir, port, superuser } = server;
    await createDatabaseIfMissing({ socketDir, port, user: superuser }, 'act');
    await migrate({ connection: { socketDir, port, user: superuser } });
    owner = await open(superuser);
    app = await open('act_app');
    const found = await rows(
      owner,
      `select c.relname as name,
         case when exists (select from pg_attribute k where k.attrelid = c.oid and k.attname = 'project_id')
           then 'project_id' else 'id' end as column
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'act' and c.relkind in ('r', 'p') and c.relname not in ('migrations', ${HUB_TABLES.map((name) => `'${name}'`).join(', ')})
       order by c.relname <> 'projects', c.relname <> 'members', c.relname = 'artifact_chunks', c.relname`,
    );
    tables = found.map((one) => ({ name: String(one['name']), column: String(one['column']) }));
    for (const projectId of [a, b]) for (const { name } of tables) await insert(owner, name, projectId);
  });
  afterAll(async () => {
    await owner.end();
    await app.end();
    await server.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });

  it('knows every table of the specification', () => {
    expect(tables.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'projects',
        'agents',
        'phases',
        'tasks',
        'agent_communications',
        'file_watches',
        'conflicts',
        'log',
      ]),
    );
  });

  it('is enabled and forced on every table', async () => {
    const open_ = await rows(
      owner,
      `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'act' and c.relkind in ('r', 'p')
         and not (c.relrowsecurity and c.relforcerowsecurity)`,
    );
    expect(open_).toEqual([]);
  });

  it('binds a role that owns nothing, bypasses nothing, and belongs to no other role', async () => {
    const [role] = await rows(
      owner,
      `select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication from pg_roles
       where rolname = 'act_app'`,
    );
    expect(Object.values(role ?? { missing: true }).every((one) => one === false)).toBe(true);
    expect(await rows(owner, `select 1 from pg_auth_members where member = 'act_app'::regrole`)).toEqual([]);
    for (const catalogue of [
      'pg_class:relowner',
      'pg_proc:proowner',
      'pg_namespace:nspowner',
      'pg_database:datdba',
    ]) {
      const [table, column] = catalogue.split(':');
      expect(await rows(owner, `select 1 from ${table} where ${column} = 'act_app'::regrole`)).toEqual([]);
    }
    await expect(app.query('set role act_owner')).rejects.toThrow(/permission denied/);
    await expect(app.query('alter table act.tasks disable row level security')).rejects.toThrow(/owner/);
    await expect(app.query('drop policy project on act.tasks')).rejects.toThrow(/owner/);
    await expect(app.query('create table act.mine (id int)')).rejects.toThrow(/permission denied/);
  });

  it('has no function that runs with its owner’s rights', async () => {
    const found = await rows(
      owner,
      `select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where n.nspname = 'act' and p.prosecdef`,
    );
    expect(found).toEqual([]);
  });

  it('shows no row of any table to a statement that names no project', async () => {
    for (const { name } of tables)
      expect([name, await rows(app, `select 1 from act.${name}`)]).toEqual([name, []]);
    for (const empty of ['', randomUUID()])
      for (const { name } of tables)
        expect(
          await within(undefined, async () => {
            await app.query(`select set_config('act.project_id', $1, true)`, [empty]);
            return rows(app, `select 1 from act.${name}`);
          }),
        ).toEqual([]);
  });

  it('shows a project its own rows of every table, and nobody else’s', async () => {
    for (const { name, column } of tables) {
      const seen = await within(a, () => rows(app, `select ${column} as project from act.${name}`));
      expect([name, seen]).toEqual([name, [{ project: a }]]);
    }
  });

  it('changes and deletes no row of another project', async () => {
    for (const { name, column } of tables) {
      for (const text of [
        `update act.${name} set ${column} = ${column} where ${column} = $1`,
        `delete from act.${name} where ${column} = $1`,
      ]) {
        // Some tables allow no deletion at all; that is as good.
        const changed = await within(a, () => app.query(text, [b])).then(
          ({ rowCount }) => rowCount,
          (error: Error) => /permission denied/.test(error.message) && 0,
        );
        expect([text, changed]).toEqual([text, 0]);
      }
    }
  });

  it('takes no row that names another project, and moves none there', async () => {
    const refused = /row-level security|permission denied/;
    const third = randomUUID();
    for (const { name, column } of tables) {
      await expect(within(a, () => insert(app, name, third))).rejects.toThrow(refused);
      const move = `update act.${name} set ${column} = $1`;
      await expect(within(a, () => app.query(move, [third]))).rejects.toThrow(refused);
    }
  });

  it('refuses a batch for one project whose rows name another', async () => {
    const message = { project_id: b, id: randomUUID(), sender_agent_id: 'ada', message_type: 'info' };
    const more = { urgency: 'low', content: {}, timestamp: new Date().toISOString() };
    const rowsJson = JSON.stringify({ messages: [{ ...message, ...more }] });
    const written = within(a, () =>
      app.query('select act.write_rows($1, clock_timestamp(), $2)', [a, rowsJson]),
    );
    await expect(written).rejects.toThrow(/row-level security/);
  });

  it('gives the hub’s own view no more than what it needs', async () => {
    const asHub = <T>(work: () => Promise<T>): Promise<T> =>
      within(undefined, async () => {
        await app.query(`select set_config('act.scope', 'hub', true)`);
        return work();
      });
    const readable: string[] = [];
    for (const { name } of tables)
      if ((await asHub(() => rows(app, `select 1 from act.${name}`))).length > 0) readable.push(name);
    expect(readable.toSorted()).toEqual([
      'api_keys',
      'history',
      'key_uses',
      'members',
      'projects',
      'relays',
      'sessions',
    ]);
    // Leases are renewed, and uses of keys noted, for all projects at once.
    const changed = ['sessions', 'key_uses'];
    for (const { name, column } of tables.filter((one) => !changed.includes(one.name))) {
      const update = asHub(() => app.query(`update act.${name} set ${column} = ${column}`));
      const rowCount = await update.then(
        (result) => result.rowCount,
        (error: Error) => (error.message.startsWith('permission denied') ? 0 : error),
      );
      expect([name, rowCount]).toEqual([name, 0]);
    }
  });

  it('keeps the hub’s own tables from every project', async () => {
    await owner.query(
      `insert into act.signing_keys (number, kid, master_key_id, private_key) values (1, 'kid', 'master', 'x')`,
    );
    await owner.query(
      `insert into act.refresh_families (id, secret_hash, member_id, project_id, key_id, expires_at, idle_until)
       values ($1, 'hash', $1, $1, $1, clock_timestamp(), clock_timestamp())`,
      [a],
    );
    for (const name of HUB_TABLES)
      for (const projectId of [undefined, a]) {
        const seen = await within(projectId, () => rows(app, `select 1 from act.${name}`));
        expect([name, seen]).toEqual([name, []]);
        const changed = await within(projectId, () =>
          app.query(`update act.${name} set ${name === 'signing_keys' ? 'number = number' : 'id = id'}`),
        );
        expect([name, changed.rowCount]).toEqual([name, 0]);
      }
    const forged = `insert into act.signing_keys (number, kid, master_key_id, private_key) values (2, 'mine', 'm', 'x')`;
    await expect(within(a, () => app.query(forged))).rejects.toThrow(/row-level security/);
    await expect(within(a, () => app.query('delete from act.signing_keys'))).rejects.toThrow(
      /permission denied/,
    );
  });

  it('shows the list of migrations, and lets nobody but the owner write it', async () => {
    expect((await rows(app, 'select number from act.migrations')).length).toBeGreaterThan(0);
    await expect(app.query('insert into act.migrations values (1)')).rejects.toThrow(/permission denied/);
  });

  it('lets the hub’s view renew a session, and neither move it nor give it away', async () => {
    await app.query(`begin; select set_config('act.scope', 'hub', true)`);
    const renewed = await app.query('update act.sessions set lease_until = lease_until');
    expect(renewed.rowCount).toBe(2);
    for (const change of [`project_id = '${a}'`, `agent_id = 'eve'`, 'lease_ms = 1', 'id = project_id']) {
      await app.query('savepoint before');
      await expect(app.query(`update act.sessions set ${change}`)).rejects.toThrow(/permission denied/);
      await app.query('rollback to before');
    }
    await app.query('rollback');
  });

  it('gives a transaction that is bound to a project none of the hub’s view', async () => {
    const seen = await within(a, async () => {
      await app.query(`select set_config('act.scope', 'hub', true)`);
      return rows(app, 'select id from act.projects');
    });
    expect(seen).toEqual([{ id: a }]);
  });

  it('ends with the transaction, also on a connection that others use after it', async () => {
    const { socketDir, port } = server;
    const pool = new pg.Pool({ host: socketDir, port, user: 'act_app', database: 'act', max: 1 });
    const inTransaction = async (end: 'commit' | 'rollback'): Promise<void> => {
      const client = await pool.connect();
      await client.query(`begin; select set_config('act.project_id', '${a}', true)`);
      expect((await client.query('select 1 from act.tasks')).rowCount).toBe(1);
      if (end === 'rollback') await client.query('select 1 / 0').catch(() => undefined);
      await client.query(end);
      client.release();
    };
    for (const end of ['commit', 'rollback'] as const) {
      await inTransaction(end);
      const after = await pool.query('select 1 from act.tasks');
      expect([end, after.rowCount]).toEqual([end, 0]);
      const scope = await pool.query(`select current_setting('act.project_id', true) as id`);
      expect(scope.rows[0]).toEqual({ id: '' });
    }
    await pool.end();
  });
});
