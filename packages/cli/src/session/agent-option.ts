import { hostname, userInfo } from 'node:os';
import { agentOfEnvironment } from '@agentmix/act-agents';
import type { OptionDefinitions } from '../cli/command.ts';

export const agentOption = {
  agent: {
    type: 'string',
    hint: 'NAME',
    summary: 'who speaks (else ACT_AGENT, the agent session here, or USER@HOST)',
  },
} as const satisfies OptionDefinitions;

/** The agent that a command line speaks as. */
export const agentOf = (
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string => {
  const name = given ?? (env['ACT_AGENT'] || agentOfEnvironment(env));
  return name
    ? name
    : `${userInfo().username}@${hostname()}`.replaceAll(/[^A-Za-z0-9._:@-]/g, '-').slice(0, 100);
};
