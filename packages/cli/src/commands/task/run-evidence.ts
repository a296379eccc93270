import type { Evidence } from '@agentmix/act-contract';
import { runCheck, timeoutOf, timeoutOption } from '../../check/run-check.ts';
import type { OptionDefinitions, Values } from '../../cli/command.ts';
import { Failure, usageFailure } from '../../cli/failure.ts';
import type { Surroundings } from '../../cli/surroundings.ts';

/** Checks that are run now, on the merged tree, and shown as evidence. */
export const runOptions = {
  run: {
    type: 'string',
    multiple: true,
    hint: 'NAME=COMMAND',
    summary: 'run this on the branch merged with the main branch, and show that it passed',
  },
  ...timeoutOption,
} as const satisfies OptionDefinitions;

const shell = (text: string): string[] =>
  process.platform === 'win32' ? ['cmd', '/d', '/s', '/c', text] : ['sh', '-c', text];

const parse = (text: string): { name: string; command: string[] } => {
  const at = text.indexOf('=');
  const [name, command] = [text.slice(0, at), text.slice(at + 1).trim()];
  if (at > 0 && command !== '') return { name, command: shell(command) };
  throw usageFailure(
    `${JSON.stringify(text)} names no check and command`,
    'for example: --run tests="npm test"',
  );
};

/** Adds to the evidence what the checks came to; throws a Failure at the first that does not pass. */
export const withRuns = async (
  told: { evidence?: Evidence },
  { run = [], timeout }: Values<typeof runOptions>,
  surroundings: Surroundings,
): Promise<{ evidence?: Evidence }> => {
  let evidence = told.evidence;
  const timeoutMs = timeoutOf(timeout);
  for (const { name, command } of run.map(parse)) {
    const { check, commit, branch } = await runCheck(name, command, timeoutMs, surroundings);
    if (!check.passed)
      throw new Failure(`the check ${name} failed, so nothing was completed: ${check.detail}`, {
        code: 'check_failed',
        data: { check },
      });
    evidence = {
      commit,
      ...(branch === undefined ? {} : { branch }),
      ...evidence,
      checks: [...(evidence?.checks ?? []), check],
    };
  }
  return evidence ? { evidence } : {};
};
