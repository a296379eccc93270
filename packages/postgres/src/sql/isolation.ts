/**
 * What in the catalogue would let one project see or change another's rows; each query gives one line per problem, so
 * an isolated database gives none. Run by anybody: the catalogue is open to all. "act_app" is the role the hub works
 * as, whoever asks. Views and publications are judged wherever they stand, everything else in schema act.
 */

const OURS = `pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'act'`;
/** Tables whose rows a transaction bound to a project may write: a key there could tell of another's. */
const OF_PROJECTS = `${OURS} and exists (select from pg_policy p where p.polrelid = c.oid
    and pg_get_expr(coalesce(p.polwithcheck, p.polqual), p.polrelid) ~ 'act\\.project\\(\\)')`;
/** Not PostgreSQL's own schemas, nor those of sessions' temporary objects. */
const FOREIGN_TO_US = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;

export const TABLES_SQL = `
select format('table %s: %s', c.oid::regclass, problem) as problem from ${OURS}
cross join lateral (values
  ('row-level security is not enabled', not c.relrowsecurity),
  ('row-level security is not forced', not c.relforcerowsecurity),
  ('it has no policy', not exists (select from pg_policy p where p.polrelid = c.oid)),
  ('act_app owns it', c.relowner = 'act_app'::regrole),
  ('act_app may truncate it, refer to it or set triggers on it',
    has_table_privilege('act_app', c.oid, 'truncate, references, trigger'))
) as found (problem, is_so)
where c.relkind in ('r', 'p') and found.is_so
union all
select format('policy %s on %s does not ask for the project', p.polname, p.polrelid::regclass)
from pg_policy p join ${OURS} on c.oid = p.polrelid
where p.polpermissive and p.polroles <> array['act_owner'::regrole::oid]
  and not (c.relname = 'migrations' and p.polcmd = 'r')
  and exists (select from unnest(array[pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)]) e
    where e !~ 'act\\.(project|is_hub)\\(\\)')
union all
select format('%s %s: another kind of relation than a table, index or view', c.relkind, c.oid::regclass)
from ${OURS} where c.relkind in ('m', 'f', 'S')
union all
select format('%s can tell whether another project has a key: project_id is not in it', i.indexrelid::regclass)
from pg_index i join ${OF_PROJECTS} on c.oid = i.indrelid
join pg_attribute a on a.attrelid = c.oid and a.attname = 'project_id'
where i.indisunique and a.attnum <> all (i.indkey::int2[])
union all
select format('foreign key %s does not carry the project', k.conname)
from pg_constraint k join ${OF_PROJECTS} on c.oid = k.conrelid
join pg_attribute a on a.attrelid = c.oid and a.attname = 'project_id'
where k.contype = 'f' and a.attnum <> all (k.conkey)`;

export const VIEWS_SQL = `
select distinct format('view %s shows what its owner sees: it is not security_invoker', v.oid::regclass) as problem
from pg_class v join pg_rewrite r on r.ev_class = v.oid
join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
join ${OURS} on c.oid = d.refobjid
where v.relkind = 'v'
  and not coalesce((select o.option_value::boolean from pg_options_to_table(v.reloptions) o
    where o.option_name = 'security_invoker'), false)
union all
select distinct format('materialized view %s keeps rows of every project', v.oid::regclass)
from pg_class v join pg_rewrite r on r.ev_class = v.oid
join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
join ${OURS} on c.oid = d.refobjid
where v.relkind = 'm' and v.relnamespace <> n.oid
union all
select format('publication %s sends rows of %s.%s, whoever they belong to', pubname, schemaname, tablename)
from pg_publication_tables where schemaname = 'act'`;

export const FUNCTIONS_SQL = `
select format('function %s runs with its owner''s rights and no pinned search_path that ends with pg_temp',
  p.oid::regprocedure) as problem
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where ${FOREIGN_TO_US} and p.prosecdef and has_function_privilege('act_app', p.oid, 'execute')
  and not exists (select from unnest(p.proconfig) setting where setting ~ '^search_path=.*pg_temp"?$')
union all
select format('function %s sends notifications, which every role hears', p.oid::regprocedure)
from pg_proc p join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'act'
where p.prosrc ~* '\\m(pg_notify|notify)\\M'`;

export const ROLE_SQL = `
select problem from pg_roles r cross join lateral (values
  ('is superuser', r.rolsuper),
  ('may bypass row-level security', r.rolbypassrls),
  ('may create roles', r.rolcreaterole),
  ('may create databases', r.rolcreatedb),
  ('may replicate', r.rolreplication),
  ('may create objects in this database', has_database_privilege('act_app', current_database(), 'create')),
  ('may create temporary objects, which hide others: revoke temporary on database … from public',
    has_database_privilege('act_app', current_database(), 'temp'))
) as found (what, is_so) cross join lateral (select 'act_app ' || what as problem) named
where r.rolname = 'act_app' and found.is_so
union all
select format('act_app is a member of %s', m.roleid::regrole) from pg_auth_members m where m.member = 'act_app'::regrole
union all
select format('act_app may create objects in schema %s', n.nspname) from pg_namespace n
where ${FOREIGN_TO_US} and has_schema_privilege('act_app', n.oid, 'create')
union all
select format('every connection of act_app starts with %s', setting)
from pg_db_role_setting s, unnest(s.setconfig) setting
where s.setrole in (0, 'act_app'::regrole) and setting ~ '^(act\\.|role=|row_security=|search_path=)'
  and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
union all
select format('act_app owns %s', pg_describe_object(d.classid, d.objid, 0)) from pg_shdepend d
where d.refclassid = 'pg_authid'::regclass and d.refobjid = 'act_app'::regrole and d.deptype = 'o'
  and d.classid <> 'pg_largeobject'::regclass
  and d.dbid in (0, (select oid from pg_database where datname = current_database()))`;

export const PUBLIC_SQL = `
select format('everybody may %s schema act', lower(g.privilege_type)) as problem
from pg_namespace n, aclexplode(n.nspacl) g where n.nspname = 'act' and g.grantee = 0
union all
select format('everybody may %s %s', lower(g.privilege_type), c.oid::regclass)
from ${OURS}, aclexplode(c.relacl) g where g.grantee = 0
union all
select format('everybody may %s %s.%s', lower(g.privilege_type), c.oid::regclass, a.attname)
from ${OURS} join pg_attribute a on a.attrelid = c.oid, aclexplode(a.attacl) g where g.grantee = 0
union all
select format('everybody may %s %s', lower(g.privilege_type), p.oid::regprocedure)
from pg_proc p join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'act',
  aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g where g.grantee = 0`;

/** Who is at the other end: the log-in itself, and the process that answers. */
export const CONNECTION_SQL = `
select session_user::text as login, current_user::text as role, pg_backend_pid() as pid,
  current_setting('row_security')::boolean as row_security`;
