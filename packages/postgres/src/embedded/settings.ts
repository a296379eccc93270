import type { Layout } from './data-directory.ts';
import { SOCKET_PORT, hasPosixSharedMemory } from './data-directory.ts';
import type { ServerUser } from './privileges.ts';

const DEFAULTS: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_connections: '40',
  shared_buffers: '64MB',
  huge_pages: 'off',
  jit: 'off',
  wal_compression: 'off',
  max_wal_size: '1GB',
  checkpoint_completion_target: '0.9',
  idle_in_transaction_session_timeout: '10s',
  // The statements of a killed hub end with it, not when they would have answered.
  client_connection_check_interval: '1s',
  // A checkpoint every five minutes is no news, and nobody rotates the log while the server runs.
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
  log_timezone: 'UTC',
  timezone: 'UTC',
};

/** unix_socket_directories is a list whose entries may be quoted like identifiers. */
function quoteEntry(path: string): string {
  return `"${path.replaceAll('"', '""')}"`;
}

/**
 * The arguments of `postgres`. Settings are given on the command line because there they win over every file and
 * over `alter system`, they cannot be half written, and the server itself records them in postmaster.opts, where
 * the next hub sees whether the server it wants to adopt runs with the same ones.
 *
 * `settings` replaces defaults; what the supervisor relies on (where it listens, where it logs) it cannot replace.
 */
export function serverArguments(
  layout: Layout,
  user: ServerUser,
  settings: Readonly<Record<string, string>>,
): string[] {
  const all: Record<string, string> = {
    ...DEFAULTS,
    dynamic_shared_memory_type: hasPosixSharedMemory(user) ? 'posix' : 'mmap',
    ...settings,
    listen_addresses: '',
    port: String(SOCKET_PORT),
    unix_socket_directories: quoteEntry(layout.socketDir),
    unix_socket_permissions: '0700',
    logging_collector: 'off',
    log_destination: 'stderr',
  };
  return [
    '-D',
    layout.clusterDir,
    ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}
