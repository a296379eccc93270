import { commands, compileGlob, includesRole } from '@agentmix/act-contract';
import type { MemberKind, Role } from '@agentmix/act-contract';
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

/** The agent that a command speaks as: of its session, or the one it registers. */
const spokenAs = (state: ProjectState, { input }: LaneCommand): string | undefined => {
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

/** Judges a reported path by the patterns of the member, if it has any. */
const outside = (paths: readonly string[], patterns: readonly string[]): string | undefined => {
  const matches = patterns.map(compileGlob);
  return paths.find((path) => !matches.some((isMatch) => isMatch(path)));
};

/**
 * Judges the caller again where the command is decided: whoever was removed, or whose key was revoked, by a command
 * before this one, is refused however fresh the door’s knowledge was.
 */
export const checkCaller = (
  state: ProjectState,
  command: LaneCommand,
  caller: Caller,
): Refused | undefined => {
  const member = state.members.get(caller.memberId);
  if (!caller.isOwner) {
    if (!member) return refuse('project_not_found', `no project ${state.id}`);
    const key = caller.keyId === undefined ? undefined : state.keys.get(caller.keyId);
    if (caller.keyId !== undefined && (!key || key.isRevoked)) return refuse('key_revoked');
    const needed = commands[command.name].role;
    if (!needed || !includesRole(caller.role, needed) || !includesRole(member.role, needed))
      return refuse('forbidden', needed && `${command.name} needs the role ${needed}`);
  }
  const agentId = spokenAs(state, command);
  if (agentId !== undefined && !maySpeakAs(state, caller.memberId, agentId))
    return refuse('not_your_agent', `another member speaks as ${agentId}`);
  if (command.name === 'file.report' && member?.writePaths) {
    const path = outside(
      command.input.changes.map((change) => change.path),
      member.writePaths,
    );
    if (path !== undefined) return refuse('path_not_yours', undefined, { path });
  }
  return undefined;
};
