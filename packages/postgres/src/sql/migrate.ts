/** Who asks, and whether the list of migrations is there and may be read. */
export const APPLIED_SQL = `
select current_user::text as user, exists (
  select from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'act' and c.relname = 'migrations'
    and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
) as is_readable`;

/** Before migration 19 nothing says which others older hubs go on beside. */
export const MIGRATIONS_SQL = `
select number, coalesce((to_jsonb(m) ->> 'is_expand')::boolean, false) as is_expand from act.migrations m`;
export const APPLY_SQL = `insert into act.migrations (number) values ($1)`;
export const MARK_EXPAND_SQL = `update act.migrations set is_expand = true where number = any ($1)`;

/**
 * What stands before the first migration. Roles belong to the whole server: another database of it may have made
 * them. Limits of time are the role's own, so that no connection has to set them, and a pooler has none to lose; those
 * of TCP end the connection of a hub that is gone without a word within 15 s.
 * Without TEMP on the database act_app can create nothing at all, so nothing of its can hide a table or a type.
 */
export const PREPARE_SQL = `
do $$
declare
  wanted text;
begin
  if not exists (select from pg_roles where rolname = 'act_owner') then
    create role act_owner nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'act_app') then
    create role act_app login nosuperuser nobypassrls;
  end if;
  if not (select rolsuper from pg_roles where rolname = current_user) then
    execute format('grant act_owner to %I', current_user);
  end if;
  foreach wanted in array array[
    'statement_timeout=30s', 'idle_in_transaction_session_timeout=10s',
    'tcp_keepalives_idle=5', 'tcp_keepalives_interval=2', 'tcp_keepalives_count=5', 'tcp_user_timeout=15s'
  ] loop
    if not exists (select from pg_db_role_setting where setrole = 'act_app'::regrole and wanted = any (setconfig)) then
      execute format('alter role act_app set %I = %L', split_part(wanted, '=', 1), split_part(wanted, '=', 2));
    end if;
  end loop;
  if has_database_privilege('act_app', current_database(), 'temp')
      and (select pg_has_role(datdba, 'usage') from pg_database where datname = current_database()) then
    execute format('revoke temporary on database %I from public', current_database());
  end if;
end $$;
create schema if not exists act authorization act_owner;
create table if not exists act.migrations (number integer primary key, applied_at timestamptz not null default clock_timestamp());
do $$
begin
  if (select relowner from pg_class where oid = 'act.migrations'::regclass) <> 'act_owner'::regrole then
    alter table act.migrations owner to act_owner;
  end if;
end $$`;
