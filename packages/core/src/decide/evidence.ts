import type { Evidence, EvidenceRule } from '@agentmix/act-contract';

/** What the rule asks for and the completion does not show, in words for people; nothing: it suffices. */
export const missingEvidence = (
  rule: EvidenceRule | undefined,
  { commit, checks = [] }: Evidence = {},
): string[] => {
  if (!rule) return [];
  const wanted = rule.checks.flatMap((name) => {
    const shown = checks.filter((check) => check.name === name);
    if (shown.length === 0) return [`the check ${name}`];
    return shown.every(({ passed }) => passed) ? [] : [`a pass of the check ${name}`];
  });
  return [...(rule.commit && commit === undefined ? ['the commit'] : []), ...wanted];
};
