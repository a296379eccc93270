import { Failure } from '../cli/failure.ts';

/** Short names and ways out for what keeps a hub from starting; the messages are the hub's own. */
const WAYS_OUT: Readonly<Record<string, { code: string; hint?: string }>> = {
  DataDirectoryInUse: {
    code: 'data_dir_in_use',
    hint: 'stop that hub, or give this one a directory of its own: --data-dir DIR',
  },
  EmbeddedUnavailable: { code: 'embedded_unavailable' },
  SchemaTooNew: {
    code: 'schema_too_new',
    hint: 'or give this release a directory of its own: --data-dir DIR',
  },
  SchemaTooOld: { code: 'schema_too_old' },
  NotIsolated: { code: 'not_isolated' },
  ConfigError: { code: 'config', hint: 'correct the environment variable' },
};

const DENIED = /EACCES|EPERM|EROFS|permission denied|read-only/i;

export const busyPort = (port: number): Failure =>
  new Failure(`port ${port} is in use by another program`, {
    code: 'port_in_use',
    hint: `take another: act up --port ${port === 65_535 ? port - 1 : port + 1}`,
  });

const busySocketPort = (port: number): Failure =>
  new Failure(`port ${port}, which is to serve Socket.IO alone, is in use by another program`, {
    code: 'port_in_use',
    hint: 'set ACT_SOCKET_PORT to another',
  });

/** What keeps a hub from starting, in one line. */
export const explainStart = (error: unknown, port: number): Failure => {
  if (error instanceof Failure) return error;
  if (!(error instanceof Error)) return new Failure(String(error));
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'EADDRINUSE') {
    const taken = 'port' in error && typeof error.port === 'number' ? error.port : port;
    return taken === port ? busyPort(port) : busySocketPort(taken);
  }
  const known = WAYS_OUT[error.name];
  const message = error.message.replaceAll(/\s*\n\s*/g, ' ');
  if (known) return new Failure(message, known);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new Failure(message, { code: 'host', hint: 'give --host an address of this machine' });
  if (code === 'EACCES' && message.includes('listen'))
    return new Failure(message, {
      code: 'host',
      hint: 'ports below 1024 are for root: take another with --port',
    });
  if (DENIED.test(`${code} ${message}`))
    return new Failure(message, {
      code: 'data_dir_unwritable',
      hint: 'give the hub a directory that you may write to: --data-dir DIR',
    });
  if (code === 'ECONNREFUSED' || code === '28P01' || code === '3D000')
    return new Failure(`the database cannot be used: ${message}`, {
      code: 'database',
      hint: 'check --database-url, or leave it out to use the embedded server',
    });
  return new Failure(message, { code: 'start_failed' });
};
