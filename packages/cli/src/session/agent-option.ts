import { agentHere } from '@agentmix/act-agents';
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
): string => (given ? given : agentHere(env));
