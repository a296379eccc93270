import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Case } from '../world.ts';

const DUMP_MS_MAX = 30_000;

/** Leaving the database for the server's files, programs and other databases. */
export const server: readonly Case[] = [
  {
    name: 'files of the server',
    tries: 'pg_read_file, pg_read_binary_file, pg_ls_dir, pg_stat_file, logs and configuration',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      await attack.refused(
        `select pg_read_file('PG_VERSION')`,
        `select pg_read_binary_file('global/pg_control')`,
        `select * from pg_ls_dir('.')`,
        `select * from pg_stat_file('PG_VERSION')`,
        'select * from pg_ls_waldir()',
        'select * from pg_hba_file_rules',
        'select * from pg_file_settings',
      );
    },
  },
  {
    name: 'large objects and files',
    tries: 'lo_import, lo_export',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      await attack.refused(
        `select lo_import('/etc/hostname')`,
        `select lo_export(lo_create(0), '/dev/null')`,
      );
    },
  },
  {
    name: 'copy and files',
    tries: 'copy to and from a file and a program, copy from the client',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      await attack.refused(
        `copy act.tasks to program 'cat > /dev/null'`,
        `copy (select 1) to program 'true'`,
        `copy act.hub_beat from program 'printf ""'`,
        `copy act.tasks to '/dev/null'`,
        `copy act.tasks from '/dev/null'`,
        'copy act.tasks from stdin',
      );
    },
  },
  {
    name: 'extensions',
    tries: 'dblink, file_fdw, postgres_fdw, pageinspect, languages, wrappers, servers',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      await attack.none(`select extname from pg_extension where extname <> 'plpgsql'`);
      await attack.refused(
        'create extension dblink',
        'create extension file_fdw',
        'create extension postgres_fdw',
        'create extension pageinspect',
        'create foreign data wrapper mine',
        `create function loot.code() returns int language c as 'libc.so.6', 'getpid'`,
        'create language mine handler plpgsql_call_handler',
        `load 'auto_explain'`,
      );
    },
  },
  {
    name: 'secrets of the server',
    tries: 'passwords, statistics of others, prepared transactions, all settings',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      await attack.refused(
        'select * from pg_authid',
        'select * from pg_shadow',
        'select * from pg_user_mapping',
        'select * from pg_subscription',
        'show data_directory',
      );
      await attack.none('select * from pg_prepared_xacts');
    },
  },
  {
    name: 'pg_dump',
    tries: 'a dump as act_app, and one that asks for row-level security',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      // What pg_dump itself does first, for machines whose pg_dump is older than the server.
      await attack.refused('set local row_security = off; copy (select * from act.tasks) to stdout');
      for (const more of [[], ['--enable-row-security'], ['--data-only', '--inserts']]) {
        const args = ['--schema=act', ...more, world.url()];
        const dumped = await promisify(execFile)('pg_dump', args, { timeout: DUMP_MS_MAX }).catch(
          ({ stdout = '', stderr = '' }: { stdout?: string; stderr?: string }) => ({ stdout, stderr }),
        );
        attack.judge(
          { rows: dumped.stdout.split('\n'), heard: [dumped.stderr] },
          `pg_dump ${more.join(' ')}`,
        );
      }
    },
  },
];
