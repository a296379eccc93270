import { commands, compileGlob, HUB_PROJECT_ID, includesRole } from '@agentmix/act-contract';
import type { CommandInput, MemberKind, Role } from '@agentmix/act-contract';
import type { LaneCommand } from './decide.ts';
import { refuse } from './decide/decision.ts';
import type { Refused } from './decide/decision.ts';
import type { ProjectState } from './state.ts';

/** Who gives a command: a credential that was checked against the project. Absent where the hub itself acts. */
export interface Caller {
  readonly memberId: string;
  /** The key behind the credential, where there is one. */
  readonly keyId?: string;
  /** What the credential allows in this project, at most the member’s own role. */
  readonly role: Role;
  /** Owners are members of the hub, not of the project. */
  readonly isOwner: boolean;
  /** What an owner is; the project knows its own members. */
  readonly kind?: MemberKind;
}

/** Commands that a caller may give: those of lanes, and heartbeats, which no lane decides. */
type GivenCommand =
  | LaneCommand
  | { readonly name: 'agent.heartbeat'; readonly input: CommandInput<'agent.heartbeat'> };

/** The agent that a command speaks as: of its session, or the one it registers. */
const spokenAs = (state: ProjectState, { input }: GivenCommand): string | undefined => {
  if ('sessionId' in input && input.sessionId !== undefined)
    return state.sessions.get(input.sessionId)?.agentId;
  return 'agentId' in input && !('memberId' in input) ? input.agentId : undefined;
};

/** Whether a member may speak as an agent: only as its own, if it has one, and never as another member’s. */
export const maySpeakAs = (state: ProjectState, memberId: string, agentId: string): boolean => {
  const own = state.members.get(memberId)?.agentId;
  const holder = state.memberIdsByAgent.get(agentId);
  return (own === undefined || own === agentId) && (holder === undefined || holder === memberId);
};

/** The first path that the patterns of a member do not cover. */
const outside = (paths: readonly string[], patterns: readonly string[]): string | undefined => {
  const matches = patterns.map(compileGlob);
  return paths.find((path) => !matches.some((isMatch) => isMatch(path)));
};

/** Roles go by the state of the project that the caller is a member of; owners are members of the hub’s own. */
const checkRole = (
  state: ProjectState,
  name: GivenCommand['name'],
  { memberId, keyId, role, isOwner }: Caller,
  now: number,
): Refused | undefined => {
  const needed = commands[name].role;
  const roles = [role];
  if (!isOwner || state.id === HUB_PROJECT_ID) {
    const member = state.members.get(memberId);
    if (!member) return refuse('project_not_found', `no project ${state.id}`);
    const key = keyId === undefined ? undefined : state.keys.get(keyId);
    if (keyId !== undefined && (!key || key.isRevoked)) return refuse('key_revoked');
    if (key?.expiresAt !== undefined && key.expiresAt <= now) return refuse('key_expired');
    roles.push(member.role);
  }
  return needed && roles.every((one) => includesRole(one, needed))
    ? undefined
    : refuse('forbidden', needed && `${name} needs the role ${needed}`);
};

/**
 * Judges the caller again where the command is decided: whoever was removed, or whose key was revoked, by a command
 * before this one, is refused however fresh the door’s knowledge was. `now`: epoch milliseconds.
 */
export const checkCaller = (
  state: ProjectState,
  command: GivenCommand,
  caller: Caller,
  now: number,
): Refused | undefined => {
  const refused = checkRole(state, command.name, caller, now);
  if (refused) return refused;
  const agentId = spokenAs(state, command);
  if (agentId !== undefined && !maySpeakAs(state, caller.memberId, agentId))
    return refuse('not_your_agent', `another member speaks as ${agentId}`);
  const { writePaths } = state.members.get(caller.memberId) ?? {};
  if (command.name === 'file.report' && writePaths) {
    const paths = command.input.changes.map((change) => change.path);
    const path = outside(paths, writePaths);
    if (path !== undefined) return refuse('path_not_yours', undefined, { path });
  }
  // Whoever may not change a file may not keep others from it either; a pattern has to be one of its own.
  if (command.name === 'reservation.request' && writePaths) {
    const { regions } = command.input;
    const path =
      outside(
        regions.flatMap((region) => region.path ?? []),
        writePaths,
      ) ?? regions.find(({ pattern }) => pattern !== undefined && !writePaths.includes(pattern))?.pattern;
    if (path !== undefined) return refuse('path_not_yours', undefined, { path });
  }
  return undefined;
};
