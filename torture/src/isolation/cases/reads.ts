import { rowId, secretOf } from '../fill.ts';
import type { Case, World } from '../world.ts';

const everyTable = ({ tables }: World): string[] => tables.map(({ name }) => `act.${name}`);

/** Settings of the planner that make it take another way to the rows. */
const PLANS = ['enable_seqscan', 'enable_indexscan', 'enable_bitmapscan', 'enable_material', 'enable_sort'];

/** Reading, by every way that PostgreSQL has, in a transaction that is bound to project a or to none. */
export const reads: readonly Case[] = [
  {
    name: 'unset',
    tries: 'every table on a fresh connection that names no project',
    run: async (attack, world) => {
      for (const table of everyTable(world)) {
        const text = `select * from ${table}`;
        attack.judge(await attack.ask(text), text);
      }
    },
  },
  {
    name: 'empty, foreign and malformed settings',
    tries: `every table with act.project_id '', nobody's, no UUID, two UUIDs, SQL`,
    run: async (attack, world) => {
      const { a } = world;
      for (const setting of [
        '',
        rowId(a, 4_711),
        'x',
        `${a.id},${a.id}`,
        `${a.id}' or true --`,
        '%',
        'null',
      ]) {
        await attack.client.query('begin');
        await attack.client.query(`select set_config('act.project_id', $1, true)`, [setting]);
        for (const table of everyTable(world)) await attack.reads(`select * from ${table}`);
        await attack.client.query('rollback');
      }
    },
  },
  {
    name: 'bound',
    tries: 'every table without a condition',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const table of everyTable(world)) await attack.reads(`select * from ${table}`);
      // Blind attackers see nothing: the own rows have to be there.
      if (attack.rows < world.tables.length) throw new Error(`only ${attack.rows} rows of project a`);
    },
  },
  {
    name: 'conditions',
    tries: `project_id = b, or true, <> a, is distinct from, not in, coalesce`,
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const { name, column } of world.tables) {
        if (column === undefined) continue;
        for (const condition of ['= $1', '= $1 or true', 'in ($1)', 'is not distinct from $1'])
          await attack.reads(`select * from act.${name} where ${column} ${condition}`, [world.b.id]);
        await attack.reads(`select * from act.${name} where ${column} <> $1`, [world.a.id]);
      }
    },
  },
  {
    name: 'by id',
    tries: 'rows of b whose ids are known',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      const id = rowId(world.b, 1);
      for (const table of ['tasks', 'phases', 'sessions', 'agent_communications', 'conflicts'])
        await attack.reads(`select * from act.${table} where id = $1`, [id]);
      await attack.reads(`select * from act.tasks where key = $1`, [secretOf(world.b, 1)]);
    },
  },
  {
    name: 'joins and subqueries',
    tries: 'lateral, exists, recursive with, set operations, correlated aggregates',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const text of [
        'select p.*, t.* from act.projects p full join act.tasks t on true',
        'select (select string_agg(x::text, $$,$$) from act.tasks x)',
        'select x.* from act.projects p, lateral (select * from act.log) x',
        'with recursive r as (select id from act.tasks union select t.id from act.tasks t, r) select * from r',
        'select title from act.tasks union all select name from act.agents except select $$x$$',
        'select t.* from act.tasks t where exists (select from act.tasks o where o.project_id <> t.project_id)',
        'select max(title), min(title), array_agg(title), jsonb_agg(to_jsonb(t)) from act.tasks t',
        'select count(*) from act.tasks having count(distinct project_id) > 1',
      ])
        await attack.reads(text);
    },
  },
  {
    name: 'functions that run SQL',
    tries: 'query_to_xml, table_to_xml, cursor_to_xml, schema_to_xml, database_to_xml',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const text of [
        `select query_to_xml('select * from act.tasks', true, false, '')::text`,
        `select table_to_xml('act.tasks'::regclass, true, false, '')::text`,
        `select schema_to_xml('act', true, false, '')::text`,
        `select database_to_xml(true, false, '')::text`,
        `declare c cursor for select * from act.log; select cursor_to_xml('c', 100, true, false, '')::text`,
      ])
        await attack.reads(text);
    },
  },
  {
    name: 'system columns',
    tries: 'ctid and tableoid scans over every page, xmin, tid ranges',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const table of everyTable(world)) {
        await attack.reads(`select tableoid::regclass, ctid, xmin, t::text from ${table} t`);
        await attack.reads(`select t::text from ${table} t where ctid >= '(0,0)' and ctid < '(1000,0)'`);
        await attack.reads(
          `select t::text from ${table} t where ctid = any (array(
             select format('(%s,%s)', p, o)::tid from generate_series(0, 3) p, generate_series(1, 40) o))`,
        );
      }
    },
  },
  {
    name: 'inheritance and samples',
    tries: 'only, table *, tablesample, partitions and children of our tables',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const table of everyTable(world)) {
        await attack.reads(`select * from only ${table}`);
        await attack.reads(`select * from ${table} *`);
        await attack.reads(`select * from ${table} tablesample system (100)`);
        await attack.reads(`table ${table}`);
      }
      await attack.refused(
        'create table public.child () inherits (act.tasks)',
        'create temporary table child () inherits (act.tasks)',
        'create table public.part (like act.tasks); alter table act.tasks inherit public.part',
      );
    },
  },
  {
    name: 'plans',
    tries: 'the same rows by sequence, index, bitmap, in parallel, from a generic plan',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const plan of PLANS) {
        await attack.client.query(`set local ${plan} = off`);
        await attack.reads('select * from act.tasks order by title');
        await attack.reads(`select * from act.tasks where key = any ($1)`, [[secretOf(world.b, 2)]]);
      }
      await attack.client.query('set local plan_cache_mode = force_generic_plan');
      await attack.client.query(
        'set local parallel_setup_cost = 0; set local parallel_tuple_cost = 0; set local min_parallel_table_scan_size = 0',
      );
      await attack.reads('select * from act.tasks');
    },
  },
  {
    name: 'cursors',
    tries: 'scrolling and held cursors, fetched again after the transaction',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      await attack.reads(
        'declare c scroll cursor for select * from act.tasks; fetch all from c; fetch backward all from c',
      );
      await attack.client.query('declare held cursor with hold for select * from act.tasks');
      await attack.client.query('commit');
      attack.judge(await attack.ask('fetch all from held'), 'fetch all from held');
    },
  },
  {
    name: 'copy to',
    tries: 'copy of every table and of a query to the client',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const table of everyTable(world)) await attack.reads(`copy ${table} to stdout`);
      await attack.reads('copy (select * from act.tasks) to stdout (format csv)');
    },
  },
  {
    name: 'explain',
    tries: 'explain with analyze, verbose and buffers; what it says of filters',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const text of ['select * from act.tasks', 'update act.tasks set note = note returning *'])
        await attack.reads(`explain (analyze, verbose, buffers, format json) ${text}`);
      await attack.reads(`do $$ declare r record; begin
        for r in select * from act.tasks loop raise notice '%', r; end loop; end $$`);
    },
  },
  {
    name: 'statistics',
    tries: 'pg_stats, pg_stats_ext and the tables behind them, after analyze',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      await attack.reads(`select * from pg_stats where schemaname = 'act'`);
      await attack.reads(`select * from pg_stats_ext where schemaname = 'act'`);
      await attack.reads(`select * from pg_stats_ext_exprs where schemaname = 'act'`);
      await attack.refused('select * from pg_statistic', 'select * from pg_statistic_ext_data');
    },
  },
  {
    name: 'leaky casts',
    tries: 'conditions that fail on a value and quote it: casts, division, arrays, JSON',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      // Rows of the attacker's own never reach the cast.
      const others = `project_id <> '${world.a.id}' and`;
      for (const condition of [
        'title::int = 0',
        'title::jsonb is null',
        '(1 / (length(title) - length(title))) = 1',
        `title::date > now()`,
        'cast(title as uuid) is null',
        `(select title)::int > 0`,
      ])
        await attack.reads(`select count(*) from act.tasks where ${others} ${condition}`);
      await attack.reads(`select count(*) from act.tasks t join act.agents a
        on case when t.project_id <> '${world.a.id}' then t.title::int = 1 else false end`);
    },
  },
  {
    name: 'leaky functions',
    tries: 'a function that costs next to nothing and tells what it is given, as condition, order, join',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const text of [
        'select count(*) from act.tasks where loot.peek(title)',
        'select count(*) from act.tasks t join act.agents a on loot.peek(t.title) and loot.peek(a.name)',
        'select title from act.tasks order by loot.peek(title)',
        `select count(*) from act.live_state where loot.peek(value::text) or key = 'x'`,
        'update act.tasks set note = note where loot.peek(title) returning loot.peek(title)',
        'delete from act.live_state where loot.peek(key)',
        'with seen as not materialized (select * from act.tasks) select * from seen where loot.peek(title)',
      ])
        await attack.reads(text);
    },
  },
  {
    name: 'leaky operators',
    tries: 'an operator whose selectivity is estimated on the most common values of all projects',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const table of ['tasks', 'phases'])
        await attack.reads(`explain select * from act.${table} where status operator(loot.<<<) 'x'`);
      await attack.reads(`explain select * from act.tasks where title operator(loot.<<<) 'x'`);
      await attack.reads(`select * from act.tasks where title operator(loot.<<<) 'x'`);
    },
  },
  {
    name: 'behind the tables',
    tries: 'TOAST tables, large objects and their metadata',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      const { rows } = await world.superuser.query<{ name: string }>(
        `select t.relname as name from pg_class c join pg_class t on t.oid = c.reltoastrelid
         where c.relnamespace = 'act'::regnamespace`,
      );
      await attack.refused(...rows.map(({ name }) => `select * from pg_toast.${name}`));
      await attack.refused(
        'select * from pg_largeobject',
        `select convert_from(lo_get(oid), 'utf8') from pg_largeobject_metadata`,
        `select convert_from(loread(lo_open(oid, 262144), 100), 'utf8') from pg_largeobject_metadata`,
      );
    },
  },
  {
    name: 'views',
    tries: 'views that are there, and views of the attacker’s own',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      const { rows } = await attack.client.query<{ name: string }>(
        `select oid::regclass::text as name from pg_class where relkind in ('v', 'm') and relnamespace = 'act'::regnamespace`,
      );
      for (const { name } of rows) await attack.reads(`select * from ${name}`);
      await attack.refused(
        'create view public.mine as select * from act.tasks',
        'create temporary view mine as select * from act.tasks',
        'create materialized view public.mine as select * from act.tasks',
        'create table public.mine as select * from act.tasks',
        'select * into temporary mine from act.tasks',
      );
    },
  },
  {
    name: 'sequences',
    tries: 'numbers that count across projects',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      await attack.none(`select * from pg_sequences where schemaname = 'act'`);
      await attack.none(
        `select oid::regclass from pg_class where relkind = 'S' and relnamespace = 'act'::regnamespace`,
      );
    },
  },
];
