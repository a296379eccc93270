import pg from 'pg';

/** Creates a database of the embedded server unless it is there. The name is ours, not a caller’s. */
export const createDatabaseIfMissing = async (
  server: { socketDir: string; port: number; user: string },
  name: 'act',
): Promise<void> => {
  const client = new pg.Client({
    host: server.socketDir,
    port: server.port,
    user: server.user,
    database: 'postgres',
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
};
