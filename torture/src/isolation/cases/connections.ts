import { inScope, openPool } from '@agentmix/act-postgres';
import type pg from 'pg';
import { rowId } from '../fill.ts';
import type { Attack } from '../attack.ts';
import type { Case, World } from '../world.ts';

/** The hub's own pool, one connection wide, so that whoever comes next has what was left. */
const withPool = async (world: World, work: (pool: pg.Pool) => Promise<void>): Promise<void> => {
  const pool = openPool({ connection: { url: world.url() }, connectionsMax: 1, log: () => undefined });
  try {
    await work(pool);
  } finally {
    await pool.end();
  }
};

const readWith = async (attack: Attack, world: World, client: pg.Pool | pg.ClientBase): Promise<void> => {
  for (const { name } of world.tables) {
    const text = `select * from act.${name}`;
    const { rows } = await client.query<Record<string, unknown>>(text);
    attack.rows += rows.length;
    attack.statements++;
    attack.judge({ rows, heard: [] }, text);
  }
};

/** Work for b, and the next user of the connection, who names no project and then names a. */
const afterwards = async (
  attack: Attack,
  world: World,
  work: (client: pg.ClientBase) => Promise<unknown>,
): Promise<void> =>
  withPool(world, async (pool) => {
    await inScope(pool, { projectId: world.b.id }, work).catch(() => undefined);
    await readWith(attack, world, pool);
    await inScope(pool, { projectId: world.a.id }, (client) => readWith(attack, world, client));
  });

const titles = (client: pg.ClientBase): Promise<unknown> => client.query('select title from act.tasks');

/** What the hub's work for b leaves on a connection that works for a next. */
export const connections: readonly Case[] = [
  {
    name: 'pool, after a commit',
    tries: 'everything on the connection that just worked for b',
    run: (attack, world) => afterwards(attack, world, titles),
  },
  {
    name: 'pool, after an error',
    tries: 'the same after a statement of b’s transaction failed',
    run: (attack, world) => afterwards(attack, world, (client) => client.query('select 1 / 0')),
  },
  {
    name: 'pool, after a rollback',
    tries: 'the same after b’s work was given up between two statements',
    run: (attack, world) =>
      afterwards(attack, world, async (client) => {
        await titles(client);
        throw new Error('given up');
      }),
  },
  {
    name: 'pool, after a timeout',
    tries: 'the same after b’s statement ran out of time',
    run: (attack, world) =>
      afterwards(attack, world, async (client) => {
        await client.query('set local statement_timeout = 20');
        await client.query('select pg_sleep(1)');
      }),
  },
  {
    name: 'pool, after the connection was ended',
    tries: 'the same after the server ended b’s connection in its transaction',
    run: (attack, world) =>
      afterwards(attack, world, (client) => client.query('select pg_terminate_backend(pg_backend_pid())')),
  },
  {
    name: 'set without local',
    tries: 'session-level settings of b’s work: the hub’s next transaction is for a',
    run: (attack, world) =>
      withPool(world, async (pool) => {
        for (const left of [`set act.project_id = '${world.b.id}'`, `set act.scope = 'hub'`]) {
          await inScope(pool, { projectId: world.b.id }, (client) => client.query(left));
          await inScope(pool, { projectId: world.a.id }, (client) => readWith(attack, world, client));
        }
      }),
  },
  {
    name: 'set_config inside a query',
    tries: 'the same, set for the session from inside a query bound to a',
    run: (attack, world) =>
      withPool(world, async (pool) => {
        for (const [name, value] of [
          ['act.project_id', world.b.id],
          ['act.scope', 'hub'],
        ])
          await inScope(pool, { projectId: world.a.id }, (client) =>
            client.query('select title, set_config($1, $2, false) from act.tasks', [name, value]),
          );
        await inScope(pool, { projectId: world.a.id }, (client) => readWith(attack, world, client));
      }),
  },
  {
    name: 'savepoints',
    tries: 'a binding taken away in a savepoint and rolled back, one released, an error in between',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const end of ['rollback to s', 'release s', 'rollback to s; release s']) {
        await attack.client.query(`savepoint s; select set_config('act.project_id', '', true)`);
        for (const { name } of world.tables) await attack.reads(`select * from act.${name}`);
        await attack.client.query(end);
        for (const { name } of world.tables) await attack.reads(`select * from act.${name}`);
      }
    },
  },
  {
    name: 'prepared statements',
    tries: 'statements that were prepared and planned for b, run for a and for nobody',
    run: (attack, world) =>
      withPool(world, async (pool) => {
        const query = { name: 'tasks', text: 'select * from act.tasks' };
        for (let time = 0; time < 6; time++)
          await inScope(pool, { projectId: world.b.id }, (client) => client.query(query));
        await inScope(pool, { projectId: world.b.id }, (client) =>
          client.query(
            'set local plan_cache_mode = force_generic_plan; prepare mine as select * from act.tasks; execute mine',
          ),
        );
        const judge = async (client: pg.Pool | pg.ClientBase): Promise<void> => {
          for (const text of [query, 'execute mine', 'select statement from pg_prepared_statements']) {
            const { rows } = await client.query<Record<string, unknown>>(text);
            attack.judge({ rows, heard: [] }, 'prepared for b');
          }
        };
        await inScope(pool, { projectId: world.a.id }, judge);
        await judge(pool);
      }),
  },
  {
    name: 'cursors with hold',
    tries: 'a cursor opened for nobody, fetched while the connection works for b; cursors that b’s work left',
    run: (attack, world) =>
      withPool(world, async (pool) => {
        await pool.query('declare held cursor with hold for select * from act.tasks');
        await inScope(pool, { projectId: world.b.id }, async (client) => {
          await titles(client);
          const { rows } = await client.query<Record<string, unknown>>('fetch all from held');
          attack.judge({ rows, heard: [] }, 'fetch all from held');
        });
        const { rows } = await pool.query(`select * from pg_cursors where name <> 'held'`);
        attack.leak(rows.length, 'a cursor is left');
      }),
  },
  {
    name: 'snapshots',
    tries: 'the snapshot of b’s transaction, imported into one of a',
    run: (attack, world) =>
      withPool(world, async (pool) => {
        await inScope(pool, { projectId: world.b.id }, async (client) => {
          const { rows } = await client.query<{ id: string }>('select pg_export_snapshot() as id');
          await attack.client.query(
            `begin isolation level repeatable read; set transaction snapshot '${rows[0]?.id}'`,
          );
          for (const { name } of world.tables) await attack.reads(`select * from act.${name}`);
          await attack.client.query('rollback');
        });
      }),
  },
  {
    name: 'statements of others',
    tries: 'pg_stat_activity and pg_locks while b’s transaction is open and a statement of it runs',
    run: (attack, world) =>
      withPool(world, async (pool) => {
        await inScope(pool, { projectId: world.b.id }, async (client) => {
          await client.query('select title from act.tasks where id = $1', [rowId(world.b, 1)]);
          const look = async (): Promise<void> => {
            await attack.bind(world.a.id);
            await attack.reads('select * from pg_stat_activity where pid <> pg_backend_pid()');
            await attack.none(`select * from pg_locks where locktype = 'advisory'`);
            await attack.client.query('rollback');
          };
          await look();
          const running = client.query('select title, pg_sleep(0.02) from act.tasks where key <> $1', ['b']);
          await look();
          await running;
        });
      }),
  },
  {
    name: 'the statement that binds',
    tries: 'pg_stat_activity in the moment after the hub bound b',
    run: (attack, world) =>
      withPool(world, async (pool) => {
        await inScope(pool, { projectId: world.b.id }, async () => {
          await attack.client.query('begin');
          const { rows } = await attack.reads(
            'select query from pg_stat_activity where pid <> pg_backend_pid()',
          );
          if (!JSON.stringify(rows).includes('set_config'))
            throw new Error('the statement is not to be seen');
        });
      }),
  },
  {
    name: 'listen and notify',
    tries: 'every channel that a name of ours suggests, while b’s rows are written',
    run: (attack, world) =>
      withPool(world, async (pool) => {
        for (const channel of ['act', 'act_log', 'log', 'events', 'projects', 'tasks', world.b.id])
          await attack.client.query(`listen "${channel}"`);
        await inScope(pool, { projectId: world.b.id }, async (client) => {
          const key = 'written-for-listeners';
          await client.query(
            `insert into act.live_state (project_id, key, value, version, updated_at) values ($1, $2, '{}', 1, now())`,
            [world.b.id, key],
          );
          await client.query('delete from act.live_state where key = $1', [key]);
        });
        await attack.ask('select pg_sleep(0.05)');
        attack.leak(attack.notified.length, `heard ${attack.notified[0]}`);
      }),
  },
  {
    name: 'temporary objects of others',
    tries: 'what b’s work left in the connection’s own schema',
    run: (attack, world) =>
      withPool(world, async (pool) => {
        await inScope(pool, { projectId: world.b.id }, (client) =>
          client.query('create temporary table left_behind as select * from act.tasks'),
        ).catch(() => undefined);
        const { rows } = await pool.query(`select oid::regclass from pg_class where relpersistence = 't'`);
        attack.leak(rows.length, 'a temporary table is left');
      }),
  },
];
