import { checkMerged, GitFailed, makeGit, openRepository } from '@agentmix/act-workspace';
import type { CheckOfMerged } from '@agentmix/act-workspace';
import type { OptionDefinitions } from '../cli/command.ts';
import { wholeNumber } from '../cli/command.ts';
import { Failure } from '../cli/failure.ts';
import type { Surroundings } from '../cli/surroundings.ts';

const MINUTES_DEFAULT = 30;

export const timeoutOption = {
  timeout: {
    type: 'string',
    hint: 'MINUTES',
    summary: `how long a check may take; ${MINUTES_DEFAULT} when not given`,
  },
} as const satisfies OptionDefinitions;

/** Milliseconds that a check may take. */
export const timeoutOf = (text: string | undefined): number =>
  (wholeNumber(text, 'timeout', 1, 1_440) ?? MINUTES_DEFAULT) * 60_000;

/** Runs a command on the branch here merged with the main branch; throws a Failure where git cannot say. */
export const runCheck = async (
  name: string,
  command: readonly string[],
  timeoutMs: number,
  { env }: Surroundings,
): Promise<CheckOfMerged> => {
  const git = makeGit({ env });
  try {
    const repository = await openRepository(git, process.cwd());
    return await checkMerged(git, repository, { name, command, timeoutMs, env });
  } catch (error) {
    if (error instanceof GitFailed)
      throw new Failure(`nothing can be checked: ${error.message}`, { code: error.reason });
    throw error;
  }
};
