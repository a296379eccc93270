import { runCheck, timeoutOf, timeoutOption } from '../check/run-check.ts';
import { defineCommand, jsonOption } from '../cli/command.ts';
import { EXIT, usageFailure } from '../cli/failure.ts';
import { printable, printableLines } from '../terminal/printable.ts';

export const check = defineCommand({
  name: 'check',
  summary: 'Run a command on this branch merged with the main branch, in a scratch worktree.',
  positionals: [{ name: 'NAME', summary: 'what the check is called, as the project asks for it' }],
  restHint: 'COMMAND …',
  options: { ...timeoutOption, ...jsonOption },
  details: [
    'What is committed is checked, on what the main branch would be with it. Your files, index and objects stay as they',
    'are. The scratch worktree has no ignored files: a command that needs packages installs them first. A conflict, a',
    'failing command and one that takes too long are failed checks: the exit code is 1.',
  ],
  examples: ['act check tests -- npm test', 'act check build --timeout 5 -- sh -c "npm ci && npm run build"'],
  async run({ values, positionals: [name = ''], rest, output, surroundings }) {
    if (rest.length === 0)
      throw usageFailure('the command is missing', 'for example: act check tests -- npm test');
    const done = await runCheck(name, rest, timeoutOf(values.timeout), surroundings);
    output.json(done);
    output.line(
      `${printable(name)} ${done.check.passed ? 'passed' : 'failed'}`,
      ...printableLines(done.check.detail).map((line) => `  ${line}`),
    );
    return done.check.passed ? EXIT.ok : EXIT.failed;
  },
});
