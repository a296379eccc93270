/**
 * Hubs of one database hear each other on this channel. Every role of the server may listen to it, whatever the
 * project: it carries ids and sequence numbers, and never content.
 */
export const LISTEN_SQL = `listen act_log`;
export const NOTIFY_SQL = `select pg_notify('act_log', $1)`;

/** Behind a pooler another process than the greeting told. */
export const SERVER_PROCESS_SQL = `select pg_backend_pid() as pid`;
