import { inScope, openPool } from '@agentmix/act-postgres';
import type pg from 'pg';
import type { Attack } from '../attack.ts';
import type { Pgbouncer } from '@agentmix/act-testing/pgbouncer';
import type { Case, World } from '../world.ts';

const ROUNDS = 50;

const bouncerOf = ({ bouncer }: World): Pgbouncer => {
  if (!bouncer) throw new Error('no pgbouncer');
  return bouncer;
};

const addressOf = (world: World): pg.ClientConfig => {
  const { host, port } = bouncerOf(world);
  return { host, port };
};

const read = async (attack: Attack, world: World, client: pg.ClientBase | pg.Pool): Promise<void> => {
  for (const { name } of world.tables) {
    const text = `select * from act.${name}`;
    const { rows } = await client.query<Record<string, unknown>>(text);
    attack.rows += rows.length;
    attack.statements++;
    attack.judge({ rows, heard: [] }, text);
  }
};

/** Two hubs' pools through the pooler, which has one connection for both. */
const withHubs = async (
  world: World,
  work: (one: pg.Pool, other: pg.Pool) => Promise<void>,
): Promise<void> => {
  const open = (): pg.Pool =>
    openPool({ connection: { url: bouncerOf(world).url }, connectionsMax: 4, log: () => undefined });
  const [one, other] = [open(), open()];
  try {
    await work(one, other);
  } finally {
    await Promise.all([one.end(), other.end()]);
  }
};

/** Through pgbouncer in transaction mode: clients of several projects take turns on one connection. */
export const pooler: readonly Case[] = [
  {
    name: 'pgbouncer, interleaved',
    tries:
      'transactions of two hubs for a and b at once, half of them failing, and statements that name nobody',
    needs: 'pgbouncer',
    run: (attack, world) =>
      withHubs(world, async (one, other) => {
        const mine = async (): Promise<void> => {
          await inScope(one, { projectId: world.a.id }, (client) => read(attack, world, client));
          await read(attack, world, one);
        };
        const theirs = (round: number): Promise<unknown> =>
          inScope(other, { projectId: world.b.id }, (client) =>
            client.query(round % 2 === 0 ? 'select * from act.tasks' : 'select 1 / 0'),
          ).catch(() => undefined);
        for (let round = 0; round < ROUNDS; round++) await Promise.all([mine(), theirs(round)]);
      }),
  },
  {
    name: 'pgbouncer, after b',
    tries: 'a statement that names nobody, right behind each transaction of b',
    needs: 'pgbouncer',
    run: (attack, world) =>
      withHubs(world, async (one, other) => {
        for (let round = 0; round < ROUNDS; round++) {
          await inScope(other, { projectId: world.b.id }, (client) =>
            client.query('select * from act.tasks'),
          );
          await read(attack, world, one);
        }
      }),
  },
  {
    name: 'pgbouncer, a client that vanishes',
    tries: 'the next transaction after a client of b was cut off in its own',
    needs: 'pgbouncer',
    run: (attack, world) =>
      withHubs(world, async (one) => {
        for (let round = 0; round < 5; round++) {
          const client = await world.open('act_app', addressOf(world));
          await client.query(`begin; select set_config('act.project_id', '${world.b.id}', true)`);
          await client.query('select * from act.tasks');
          client.connection.stream.destroy();
          await read(attack, world, one);
          await inScope(one, { projectId: world.a.id }, (bound) => read(attack, world, bound));
        }
      }),
  },
  {
    name: 'pgbouncer, set without local',
    tries: 'session-level settings of another client, then the hub’s transaction for a',
    needs: 'pgbouncer',
    run: (attack, world) =>
      withHubs(world, async (one) => {
        const client = await world.open('act_app', addressOf(world));
        for (const left of [`set act.project_id = '${world.b.id}'`, `set act.scope = 'hub'`]) {
          await client.query(left);
          await inScope(one, { projectId: world.a.id }, (bound) => read(attack, world, bound));
        }
        await client.query('reset act.project_id; reset act.scope');
        await client.end();
      }),
  },
  {
    name: 'pgbouncer, prepared statements',
    tries: 'a statement that b’s client prepared and planned, run by another one for a and for nobody',
    needs: 'pgbouncer',
    run: (attack, world) =>
      withHubs(world, async (one, other) => {
        await inScope(other, { projectId: world.b.id }, (client) =>
          client.query('prepare theirs as select * from act.tasks; execute theirs'),
        );
        const execute = async (client: pg.ClientBase | pg.Pool): Promise<void> => {
          const { rows } = await client.query<Record<string, unknown>>('execute theirs');
          attack.judge({ rows, heard: [] }, 'execute theirs');
        };
        await inScope(one, { projectId: world.a.id }, execute);
        await execute(one);
        await one.query('deallocate theirs');
      }),
  },
];
