import { hostname, userInfo } from 'node:os';
import { agentIdOf } from '@agentmix/act-contract/agent-identity';

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables by which clients tell the programs that they start which session it is. */
const SESSION_VARIABLES = [
  ['claude-code', 'CLAUDE_CODE_SESSION_ID'],
  ['codex', 'CODEX_THREAD_ID'],
] as const;

/** The agent that a program runs for, when its session started it: the one that its hooks speak as. */
export const agentOfEnvironment = (env: Environment): string | undefined => {
  for (const [client, variable] of SESSION_VARIABLES) {
    const session = env[variable];
    if (session) return agentIdOf(client, session);
  }
  return undefined;
};

/** The agent that a program speaks as where nobody says more: ACT_AGENT, the session that started it, or the user here. */
export const agentHere = (env: Environment): string =>
  env['ACT_AGENT'] ||
  agentOfEnvironment(env) ||
  `${userInfo().username}@${hostname()}`.replaceAll(/[^A-Za-z0-9._:@-]/g, '-').slice(0, 100);
