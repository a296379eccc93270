import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Surroundings } from '../cli/surroundings.ts';

/** Seconds. Three heartbeats fit; what dies is noticed soon enough for someone who watches. */
export const LEASE_S = 2.5;

export interface Cast {
  readonly agent: string;
  readonly kind: string;
  readonly capabilities: readonly string[];
}

/** Two can do each kind of work, so that the plan goes on when one dies. */
export const CAST: readonly Cast[] = [
  { agent: 'ann', kind: 'claude-code', capabilities: ['backend:3', 'database:2', 'docs'] },
  { agent: 'bob', kind: 'codex', capabilities: ['backend:2', 'testing:2', 'database'] },
  { agent: 'cleo', kind: 'cursor', capabilities: ['frontend:3', 'docs:2'] },
  { agent: 'dan', kind: 'script', capabilities: ['frontend:2', 'testing:3', 'backend'] },
];

export interface DemoWorker extends Cast {
  readonly process: ChildProcess;
  readonly exited: Promise<string>;
  /** What it wrote to stderr, for when it ends badly. */
  readonly errors: () => string;
}

const ERRORS_CHARS_MAX = 4_000;

/** Starts a real `act work` process. */
export const startWorker = (
  cast: Cast,
  program: string,
  hub: { readonly url: string; readonly tokenFile: string; readonly projectId: string },
  env: Surroundings['env'],
): DemoWorker => {
  const { ACT_TOKEN: _token, ...rest } = env;
  const child = spawn(
    process.execPath,
    [
      ...process.execArgv,
      process.argv[1] ?? '',
      'work',
      '--agent',
      cast.agent,
      '--kind',
      cast.kind,
      '--until-done',
      '--quiet',
      '--lease',
      String(LEASE_S),
      ...cast.capabilities.flatMap((capability) => ['--capability', capability]),
      '--',
      process.execPath,
      program,
    ],
    {
      env: { ...rest, ACT_URL: hub.url, ACT_TOKEN_FILE: hub.tokenFile, ACT_PROJECT: hub.projectId },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let errors = '';
  child.stderr.on('data', (piece: Buffer) => {
    errors = (errors + piece.toString('utf8')).slice(-ERRORS_CHARS_MAX);
  });
  return {
    ...cast,
    process: child,
    errors: () => errors,
    exited: new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code ?? '?'}`));
    }),
  };
};
