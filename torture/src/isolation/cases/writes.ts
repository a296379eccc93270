import { rowId, secretOf } from '../fill.ts';
import type { Attack } from '../attack.ts';
import type { Case, World } from '../world.ts';

const owned = ({ tables }: World): { name: string; column: string }[] =>
  tables.flatMap(({ name, column }) => (column === undefined ? [] : [{ name, column }]));

/**
 * What the hub's view across projects is for: listing projects, leases, how far histories are filled and logs are carried,
 * members and keys for the directory, and the hub's own tokens. A new table is not in it unless somebody writes it here.
 */
const HUB_READS = new Set([
  'projects',
  'sessions',
  'history',
  'members',
  'api_keys',
  'key_uses',
  'relays',
  'refresh_families',
]);
/** What it may change: leases, when keys were used, how far logs are carried, and its own tokens. */
const HUB_WRITES = new Set(['sessions', 'key_uses', 'relays', 'refresh_families']);
/** Tables that only that view sees, though their rows name a project. */
const HUB_ONLY = new Set(['refresh_families']);

/** The steps that act.write_steps takes, for one task. */
const STEPS = `array[$2]::uuid[], array['failed'], array['eve'], array[null]::uuid[], array[9], array[9],
  array[null]::float8[], array[null]::float8[], array[null]::float8[], array[null]::float8[], array[null]::int[]`;

const writeAll = async (attack: Attack, world: World): Promise<void> => {
  for (const { name, column } of owned(world)) {
    await attack.changesNothing(`update act.${name} set ${column} = ${column} where ${column} = $1`, [
      world.b.id,
    ]);
    await attack.changesNothing(`delete from act.${name} where ${column} = $1`, [world.b.id]);
  }
};

/** Whether the superuser gets a lock on rows of project b at once. */
const assertUnlocked = async (attack: Attack, world: World): Promise<void> => {
  const text = 'select 1 from act.tasks where project_id = $1 for update nowait';
  await world.superuser.query('begin');
  await world.superuser.query(text, [world.b.id]).catch((error: Error) => attack.leak(1, error.message));
  await world.superuser.query('rollback');
};

/** Changing, locking and moving rows of project b. */
export const writes: readonly Case[] = [
  {
    name: 'update and delete',
    tries: 'every table, rows of b by their project',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      await writeAll(attack, world);
    },
  },
  {
    name: 'update without a condition',
    tries: 'update and delete of everything, committed; b’s rows are compared after it',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      await attack.ask('savepoint s');
      const { count } = await attack.ask('update act.tasks set note = note');
      const { rows } = await world.superuser.query<{ count: number }>(
        'select count(*)::int as count from act.tasks where project_id = $1',
        [world.a.id],
      );
      attack.leak(count - (rows[0]?.count ?? 0), `${count} rows updated`);
      await attack.ask('delete from act.live_state; delete from act.conflicts; rollback to s');
    },
  },
  {
    name: 'insert for another',
    tries: 'copies of own rows with b’s project_id into every table',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const { name, column } of owned(world).filter(
        (table) => table.name !== 'projects' && !HUB_ONLY.has(table.name),
      ))
        await attack.refused(
          `insert into act.${name} select (jsonb_populate_record(t, jsonb_build_object('${column}', '${world.b.id}'))).*
           from act.${name} t limit 1 on conflict do nothing`,
        );
    },
  },
  {
    name: 'move',
    tries: 'own rows to b, b’s rows to a',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const { name, column } of owned(world)) {
        await attack.changesNothing(`update act.${name} set ${column} = $1`, [world.b.id]);
        await attack.changesNothing(`update act.${name} set ${column} = $1 where ${column} = $2`, [
          world.a.id,
          world.b.id,
        ]);
      }
    },
  },
  {
    name: 'merge, from and returning',
    tries: 'merge, update … from, delete … using, writing with; what they return',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      const { b } = world;
      for (const text of [
        'merge into act.tasks t using (select $1::uuid as p) x on t.project_id = x.p when matched then update set note = null',
        'update act.tasks t set note = x.title from act.tasks x where x.project_id = $1 returning t.*, x.*',
        'delete from act.live_state s using act.tasks x where x.project_id = $1 returning s.*, x.*',
        'with gone as (delete from act.live_state where project_id = $1 returning *) select * from gone',
        'insert into act.live_state select s.* from act.live_state s where s.project_id = $1 returning *',
      ])
        await attack.changesNothing(text, [b.id]);
    },
  },
  {
    name: 'upsert onto another’s key',
    tries: 'on conflict do update and do nothing, with b’s project and with its keys',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      const values = `('${world.b.id}', '${secretOf(world.b, 1)}', '{}', 1, now()) on conflict (project_id, key)`;
      const insert = 'insert into act.live_state (project_id, key, value, version, updated_at) values';
      await attack.refused(
        `${insert} ${values} do update set value = excluded.value returning *`,
        `${insert} ${values} do nothing returning *`,
      );
      const { rows } = await attack.reads(
        `${insert} ('${world.a.id}', '${secretOf(world.b, 1)}', '{}', 1, now())
         on conflict (project_id, key) do update set value = act.live_state.value returning value`,
      );
      if (!JSON.stringify(rows).includes('{}')) attack.leak(1, 'b’s key was in the way of a’s');
      await attack.reads(
        `insert into act.phases select * from act.phases where project_id <> '${world.a.id}'`,
      );
    },
  },
  {
    name: 'truncate',
    tries: 'truncate of every table, also cascading',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const { name } of world.tables)
        await attack.refused(`truncate act.${name}`, `truncate act.${name} cascade`);
    },
  },
  {
    name: 'row locks',
    tries: 'for update, for share and no key update on b’s rows; another must get the lock at once',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const { name, column } of owned(world))
        for (const lock of ['update', 'no key update', 'share', 'key share'])
          await attack.reads(`select * from act.${name} where ${column} = $1 for ${lock}`, [world.b.id]);
      await attack.ask('select 1 from act.tasks where project_id = $1 for update', [world.b.id]);
      await attack.ask('select 1 from act.tasks for update');
      await assertUnlocked(attack, world);
    },
  },
  {
    name: 'the hub’s functions',
    tries: 'write_rows and write_steps for b in a transaction bound to a, committed',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      // Rows that no other case asks for: without isolation they are gone after this.
      const task = rowId(world.b, 9);
      for (const project of [world.a.id, world.b.id]) {
        await attack.ask('savepoint s');
        const steps = await attack.ask(`select act.write_steps($1, ${STEPS})`, [project, task]);
        if (steps.refusal !== undefined) await attack.ask('rollback to s');
        for (const rows of [
          { descriptions: [{ id: task, description: 'mine' }] },
          { state_deleted: [secretOf(world.b, 9)] },
          { sessions_ended: [task] },
          { messages: [{ project_id: world.b.id, id: rowId(world.a, 999), timestamp: new Date() }] },
        ]) {
          await attack.ask('savepoint s');
          const written = await attack.ask('select act.write_rows($1, now(), $2)', [
            project,
            JSON.stringify(rows),
          ]);
          if (written.refusal !== undefined) await attack.ask('rollback to s');
        }
      }
      await attack.client.query('commit');
    },
  },
  {
    name: 'the hub’s view, writing',
    tries: 'every change of every table with act.scope = hub; leases, uses of keys and tokens alone',
    run: async (attack, world) => {
      await attack.asHub();
      const others = owned(world).filter(({ name }) => !HUB_WRITES.has(name));
      await writeAll(attack, { ...world, tables: others });
      await attack.refused(
        `update act.sessions set project_id = '${world.a.id}'`,
        `update act.sessions set agent_id = 'eve'`,
        `update act.sessions set id = project_id`,
        `update act.api_keys set project_id = '${world.a.id}'`,
        `update act.api_keys set member_id = project_id`,
        `update act.api_keys set secret_hash = 'mine', role = 'admin'`,
        `insert into act.api_keys select * from act.api_keys limit 1 on conflict do nothing`,
        `delete from act.api_keys`,
        `update act.key_uses set project_id = '${world.a.id}'`,
        `update act.key_uses set key_id = project_id`,
        `insert into act.sessions select * from act.sessions limit 1 on conflict do nothing`,
      );
      await attack.changesNothing('delete from act.sessions');
    },
  },
  {
    name: 'the hub’s view, reading',
    tries: 'every table with act.scope = hub; only what it is for may answer',
    run: async (attack, world) => {
      await attack.asHub();
      for (const { name } of world.tables.filter((table) => !HUB_READS.has(table.name)))
        await attack.reads(`select * from act.${name}`);
    },
  },
  {
    name: 'the hub’s view beside a project',
    tries: 'act.scope = hub, set before, after and inside a query of a transaction bound to a',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const { name } of world.tables) {
        await attack.reads(
          `with s as materialized (select set_config('act.scope', 'hub', true)) select t.* from s, act.${name} t`,
        );
        await attack.reads(`select set_config('act.scope', 'hub', true); select * from act.${name}`);
      }
      await attack.changesNothing(
        `with s as materialized (select set_config('act.scope', 'hub', true))
         update act.sessions t set lease_until = lease_until from s where t.project_id = $1`,
        [world.b.id],
      );
    },
  },
];

/** Whether a key of project b exists must not show in what project a is answered. */
export const oracles: readonly Case[] = [
  {
    name: 'foreign key',
    tries: 'a task of a in a phase of b, against a phase of nobody',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      await attack.tellsNotApart(
        `update act.tasks set phase_id = $1 where id = '${rowId(world.a, 1)}'`,
        [rowId(world.b, 1)],
        [rowId(world.b, 4_711)],
      );
    },
  },
  {
    name: 'unique keys',
    tries: 'own rows with an id or a key that b has, against one that nobody has',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      const copy = (table: string, column: string): string =>
        `insert into act.${table} select (jsonb_populate_record(t, jsonb_build_object('${column}', $1::text)
           || case when '${column}' = 'id' then jsonb_build_object('key', gen_random_uuid())
              else jsonb_build_object('id', gen_random_uuid()) end)).* from act.${table} t limit 1`;
      for (const table of ['tasks', 'phases']) {
        await attack.tellsNotApart(copy(table, 'key'), [secretOf(world.b, 1)], ['nobody']);
        await attack.tellsNotApart(copy(table, 'id'), [rowId(world.b, 1)], [rowId(world.b, 4_711)]);
      }
      for (const [table, column] of [
        ['agents', 'id'],
        ['live_state', 'key'],
        ['file_watches', 'file_path'],
      ])
        await attack.tellsNotApart(
          `insert into act.${table} select (jsonb_populate_record(t, jsonb_build_object('${column}', $1::text))).*
           from act.${table} t limit 1`,
          [secretOf(world.b, 1)],
          ['nobody'],
        );
    },
  },
  {
    name: 'projects',
    tries: 'a project with b’s id, against one with nobody’s; on conflict as well',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const end of [
        '',
        ' on conflict do nothing',
        ' on conflict (id) do update set name = excluded.name returning *',
      ])
        await attack.tellsNotApart(
          `insert into act.projects select (jsonb_populate_record(p, jsonb_build_object('id', $1::text))).* from act.projects p
           where id = '${world.a.id}'${end}`,
          [world.b.id],
          [rowId(world.b, 4_711)],
        );
    },
  },
  {
    name: 'on conflict',
    tries: 'inserts of b’s rows that do nothing where there is one, against where there is none',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const key of ['do nothing', '(project_id, key) do update set value = excluded.value'])
        await attack.tellsNotApart(
          `insert into act.live_state (project_id, key, value, version, updated_at)
           values ('${world.b.id}', $1, '{}', 1, now()) on conflict ${key} returning version`,
          [secretOf(world.b, 1)],
          ['nobody'],
        );
    },
  },
  {
    name: 'select, update, delete',
    tries: 'rows by ids that b has, against ids that nobody has',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const text of [
        'select * from act.tasks where id = $1',
        'update act.tasks set note = null where id = $1 returning *',
        'delete from act.conflicts where id = $1',
        'select 1 / count(*) from act.tasks where id = $1',
        'select act.write_rows(project_id, now(), jsonb_build_object($$sessions_ended$$, jsonb_build_array($1::text))) from act.tasks limit 1',
      ])
        await attack.tellsNotApart(text, [rowId(world.b, 1)], [rowId(world.b, 4_711)]);
    },
  },
];
