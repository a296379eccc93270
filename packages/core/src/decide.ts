import type { CommandInput, CommandName, NewEvent } from '@agentmix/act-contract';
import { checkCaller } from './access.ts';
import * as access from './decide/access.ts';
import * as agent from './decide/agent.ts';
import * as artifact from './decide/artifact.ts';
import { reportBranch } from './decide/branch.ts';
import * as conflict from './decide/conflict.ts';
import * as coordination from './decide/coordination.ts';
import { refuse } from './decide/decision.ts';
import type { Decide, Decision, DecisionContext } from './decide/decision.ts';
import * as message from './decide/message.ts';
import { applyPlan } from './decide/plan.ts';
import { erase } from './decide/privacy.ts';
import * as reservation from './decide/reservation.ts';
import * as project from './decide/project.ts';
import { reportWorktree } from './decide/worktree.ts';
import * as task from './decide/task.ts';
import { detect } from './conflict/detect.ts';
import { settleConflicts } from './conflict/settle-conflicts.ts';
import { settlePredictions } from './predictions/settle-predictions.ts';
import { settle } from './reservations/settle.ts';
import type { ProjectState } from './state.ts';

/** Commands that pass through a project’s lane. Renewing a lease or wrapping a key anew is not history. */
export type LaneCommandName = Exclude<CommandName, 'agent.heartbeat' | 'artifact.rewrap'>;

export type LaneCommand = {
  [N in LaneCommandName]: { readonly name: N; readonly input: CommandInput<N> };
}[LaneCommandName];

const deciders: { readonly [N in LaneCommandName]: Decide<N> } = {
  'project.create': project.createProject,
  'project.update': project.updateProject,
  'project.milestone': project.milestone,
  'member.put': access.putMember,
  'member.remove': access.removeMember,
  'key.create': access.createKey,
  'key.rotate': access.rotateKey,
  'key.revoke': access.revokeKey,
  'privacy.erase': erase,
  'access.note': access.noteRefusals,
  'owner.admit': access.admitOwner,
  'phase.create': project.createPhase,
  'phase.update': project.updatePhase,
  'phase.complete': project.completePhase,
  'agent.register': agent.register,
  'agent.disconnect': agent.disconnect,
  'agent.publish_keys': agent.publishKeys,
  'session.expire': agent.expire,
  'task.create': task.create,
  'task.update': task.update,
  'task.next': task.next,
  'task.claim': task.claim,
  'task.progress': task.progress,
  'task.complete': task.complete,
  'task.fail': task.fail,
  'task.release': task.release,
  'task.block': task.block,
  'task.unblock': task.unblock,
  'task.cancel': task.cancel,
  'task.retry': task.retry,
  'task.confirm': task.confirm,
  'task.timeout': task.timeout,
  'dependency.add': task.addDependency,
  'dependency.remove': task.removeDependency,
  'plan.apply': applyPlan,
  'message.send': message.sendMessage,
  'message.read': message.readMessages,
  'update.broadcast': message.broadcast,
  'assistance.request': coordination.requestAssistance,
  'assistance.answer': coordination.answerAssistance,
  'assistance.close': coordination.closeAssistance,
  'state.put': coordination.putState,
  'state.delete': coordination.deleteState,
  'file.report': coordination.reportFiles,
  'file.watch': coordination.watchFiles,
  'conflict.report': conflict.reportConflict,
  'conflict.resolve': conflict.resolveConflict,
  'conflict.expire': conflict.expireConflict,
  'conflict.contend': conflict.contend,
  'artifact.store': artifact.storeArtifact,
  'artifact.delete': artifact.deleteArtifact,
  'branch.report': reportBranch,
  'reservation.request': reservation.requestReservation,
  'reservation.release': reservation.releaseReservations,
  'reservation.force': reservation.forceReservations,
  'reservation.expire': reservation.expireReservations,
  'worktree.report': reportWorktree,
};

/** Commands that an archived project still takes: to be opened again, and to let go of who is still there or may come. */
const WHILE_ARCHIVED = new Set<LaneCommandName>([
  'project.update',
  'agent.disconnect',
  'session.expire',
  'reservation.release',
  'reservation.force',
  'reservation.expire',
  'conflict.expire',
  'member.remove',
  'privacy.erase',
  'key.revoke',
  'access.note',
]);

const followedBy = (events: readonly NewEvent[], more: readonly NewEvent[]): readonly NewEvent[] =>
  more.length === 0 ? events : [...events, ...more];

/** Decides one command against the state, without changing it: the events that follow, or a refusal by name. */
export const decide = (state: ProjectState, command: LaneCommand, context: DecisionContext): Decision => {
  if (state.seq === 0 && command.name !== 'project.create')
    return refuse('project_not_found', `no project ${state.id}`);
  const refused = context.caller && checkCaller(state, command, context.caller, context.now);
  if (refused) return refused;
  if (state.status === 'archived' && !WHILE_ARCHIVED.has(command.name)) return refuse('project_archived');
  // The table pairs every name with its own input type; TypeScript cannot follow that pairing through an index.
  const decider = deciders[command.name] as (
    state: ProjectState,
    input: unknown,
    context: DecisionContext,
  ) => Decision;
  const decision = decider(state, command.input, context);
  if ('refusal' in decision) return decision;
  const decided = followedBy(decision.events, settleConflicts(state, decision.events, context.now));
  const settled = followedBy(decided, settle(state, decided));
  const predicted = followedBy(settled, settlePredictions(state, decision.events));
  const events = followedBy(predicted, detect(state, predicted, context));
  return events === decision.events ? decision : { ...decision, events };
};
