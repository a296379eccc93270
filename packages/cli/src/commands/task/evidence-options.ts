import type { Evidence } from '@agentmix/act-contract';
import type { OptionDefinitions, Values } from '../../cli/command.ts';
import { usageFailure } from '../../cli/failure.ts';

/** What a completion shows for itself, as options. */
export const evidenceOptions = {
  commit: { type: 'string', hint: 'SHA', summary: 'the commit with the work' },
  branch: { type: 'string', hint: 'NAME', summary: 'the branch it is on' },
  check: {
    type: 'string',
    multiple: true,
    hint: 'NAME=pass|fail',
    summary: 'what was run, and how it ended',
  },
} as const satisfies OptionDefinitions;

const CHECK = /^(?<name>.+)=(?<verdict>pass|fail)$/s;

const checkOf = (text: string): { name: string; passed: boolean } => {
  const { name, verdict } = CHECK.exec(text)?.groups ?? {};
  if (name === undefined)
    throw usageFailure(
      `${JSON.stringify(text)} is no result of a check`,
      'for example: --check tests=pass --check lint=fail',
    );
  return { name, passed: verdict === 'pass' };
};

export const evidenceOf = ({
  commit,
  branch,
  check,
}: Values<typeof evidenceOptions>): { evidence?: Evidence } =>
  commit === undefined && branch === undefined && check === undefined
    ? {}
    : {
        evidence: {
          ...(commit === undefined ? {} : { commit }),
          ...(branch === undefined ? {} : { branch }),
          ...(check === undefined ? {} : { checks: check.map(checkOf) }),
        },
      };
