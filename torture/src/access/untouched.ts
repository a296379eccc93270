import type { Database } from '../checkers/database.ts';

/** Copies of the log, and what using a key or a session leaves behind. */
const LEFT_OUT = new Set(['log', 'events', 'history', 'key_uses', 'projects']);
const VOLATILE = `array['lease_until', 'last_seen', 'changed_at']`;

/**
 * A project as its tables have it, by table. Of its log the events but `access.refused`, which tell of attempts and
 * are meant to be there.
 */
export const digestOf = async (database: Database, projectId: string): Promise<Map<string, string>> => {
  const tables = await database.rows<{ name: string }>(
    `select table_name as name from information_schema.columns
     where table_schema = 'act' and column_name = 'project_id' order by 1`,
  );
  const digest = new Map<string, string>();
  for (const { name } of tables.filter((one) => !LEFT_OUT.has(one.name))) {
    const [found] = await database.rows<{ value: string | null }>(
      `select string_agg((to_jsonb(t) - ${VOLATILE})::text, E'\\n' order by to_jsonb(t)::text) as value
       from act.${name} t where project_id = $1`,
      [projectId],
    );
    digest.set(name, found?.value ?? '');
  }
  const log = await database.log(projectId);
  const events = log
    .filter(({ type }) => type !== 'access.refused')
    .map(({ type, data }) => ({ type, data }));
  digest.set('log', JSON.stringify(events));
  const [project] = await database.rows<{ value: string }>(
    `select concat_ws(',', name, description, status, settings) as value from act.projects where id = $1`,
    [projectId],
  );
  return digest.set('projects', project?.value ?? '');
};
