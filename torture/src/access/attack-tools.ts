import type { ToolName } from '@agentmix/act-contract';
import { includesRole } from '@agentmix/act-contract';
import { strangersOf } from '@agentmix/act-testing/calls';
import type { World } from '@agentmix/act-testing/calls';
import { uuidv7 } from 'uuidv7';
import type { Seen } from './doors.ts';
import { overMcp } from './over-mcp.ts';
import type { Principal } from './principals.ts';
import { holdsAny } from './stage-set.ts';
import type { StageSet } from './stage-set.ts';
import { hasToolIds, isSpoken, roleOfTool, toolCalls, toolNames } from './tools.ts';
import type { Verdicts } from './verdicts.ts';

const attemptOf = (who: Principal, operation: string, where: string) => ({
  who: who.name,
  operation,
  door: 'MCP',
  where,
});

/** Whether the principal must not do this. */
const isWrong = ({ kind, role }: Principal, name: ToolName): boolean => {
  const isEnough = role !== undefined && includesRole(role, roleOfTool(name));
  switch (kind) {
    case 'foreign':
    case 'nobody':
      return true;
    case 'low':
      return !isEnough;
    case 'otherAgent':
      return isEnough && isSpoken(name);
  }
};

const call = (set: StageSet, who: Principal, projectId: string, name: ToolName, world: World) => {
  const given = toolCalls[name](world, uuidv7());
  const asked = overMcp(set.url, who.token, { projectId, agentId: 'ada' }, 'tools/call', {
    name,
    arguments: given,
  });
  return { asked, sent: JSON.stringify(given) };
};

/** The listing, which is the same for all, and every tool in the other project, spoken as an agent of it. */
export const attackTools = async (set: StageSet, who: Principal, verdicts: Verdicts): Promise<void> => {
  const { theirs } = set;
  for (const head of [{}, { projectId: theirs.projectId, agentId: 'ada' }]) {
    const seen = await overMcp(set.url, who.token, head, 'tools/list', {});
    const attempt = attemptOf(who, 'tools/list', 'head');
    verdicts.note(attempt, seen, holdsAny(seen.text, theirs, '') || (who.kind === 'nobody' && seen.ok));
    if (who.kind === 'nobody') verdicts.expectCode(attempt, seen, who.code);
  }
  for (const name of toolNames.filter((one) => isWrong(who, one))) {
    const ask = (projectId: string) => call(set, who, projectId, name, theirs);
    const { asked, sent } = ask(theirs.projectId);
    const seen = await asked;
    const attempt = attemptOf(who, name, 'project and ids');
    verdicts.note(attempt, seen, seen.ok || holdsAny(seen.text, theirs, theirs.projectId + sent));
    verdicts.expectCode(attempt, seen, who.code);
    if (who.kind === 'foreign' || who.kind === 'nobody')
      verdicts.expectSame(attempt, seen, await ask(uuidv7()).asked);
  }
};

/** Ids of the other project inside calls of tools in the own one; they must look like ids of nothing. */
export const attackToolIds = async (set: StageSet, who: Principal, verdicts: Verdicts): Promise<void> => {
  const { mine, theirs } = set;
  for (const name of toolNames.filter((one) => hasToolIds(one, theirs))) {
    const ask = (world: World): Promise<Seen> => call(set, who, mine.projectId, name, world).asked;
    const seen = await ask(theirs);
    const attempt = attemptOf(who, name, 'ids in the input');
    const sent = JSON.stringify(toolCalls[name](theirs, ''));
    verdicts.note(attempt, seen, holdsAny(seen.text, theirs, sent));
    verdicts.expectSame(attempt, seen, await ask(strangersOf(theirs)));
  }
};
