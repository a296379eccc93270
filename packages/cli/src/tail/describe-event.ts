import type { ActEvent, Checkpoint } from '@agentmix/act-client';
import { settledText } from '@agentmix/act-contract';
import type { ReservedRegion } from '@agentmix/act-contract';
import { plural } from '../terminal/plural.ts';
import { printable } from '../terminal/printable.ts';
import type { TaskNames } from './task-names.ts';

const because: Readonly<Record<Extract<ActEvent, { type: 'task.released' }>['data']['reason'], string>> = {
  released: 'given back',
  failed: 'failed',
  expired: 'the agent’s lease ran out',
  disconnected: 'the agent left',
  replaced: 'the agent started anew',
  silent: 'no progress for too long',
  too_long: 'held for too long',
  blocked: 'it is blocked',
};

const quoted = (text: string | undefined): string => (text === undefined ? '' : `: ${printable(text)}`);
const saved = (checkpoint: Checkpoint | undefined): string =>
  checkpoint === undefined ? '' : ` [checkpoint${quoted(checkpoint.note)}]`;

const PLACES_SHOWN_MAX = 5;
const placesOf = (regions: readonly ReservedRegion[]): string => {
  const places = regions.map(({ path, pattern }) => printable(path ?? pattern ?? ''));
  const more = places.length > PLACES_SHOWN_MAX ? ` and ${places.length - PLACES_SHOWN_MAX} more` : '';
  return places.slice(0, PLACES_SHOWN_MAX).join(', ') + more;
};

type TaskEvent = Extract<ActEvent, { type: `task.${string}` }>;
type AgentEvent = Extract<ActEvent, { type: `agent.${string}` }>;
type PlanEvent = Extract<
  ActEvent,
  { type: `project.${string}` | `phase.${string}` | `dependency.${string}` }
>;
type ConflictEvent = Extract<ActEvent, { type: `conflict.${string}` }>;
type OtherEvent = Exclude<ActEvent, TaskEvent | AgentEvent | PlanEvent | ConflictEvent>;

const describeTask = (event: TaskEvent, task: string): string => {
  switch (event.type) {
    case 'task.created':
      return `${task} is new, ${event.data.status}`;
    case 'task.updated': {
      const fields = Object.keys(event.data).filter((field) => field !== 'taskId');
      return `${task} has another ${fields.join(', ')}`;
    }
    case 'task.ready':
      return `${task} is ready`;
    case 'task.pending':
      return `${task} waits again`;
    case 'task.claimed':
      return `took ${task}${event.data.attempt > 1 ? `, attempt ${event.data.attempt}` : ''}`;
    case 'task.progress': {
      const percent = event.data.percent === undefined ? '' : ` ${event.data.percent} %`;
      return `${task}${percent}${quoted(event.data.note)}${saved(event.data.checkpoint)}`;
    }
    case 'task.silent':
      return `${task} has had no progress for ${Math.round(event.data.silentMs / 60_000)} min: asked`;
    case 'task.completed':
      return `completed ${task}`;
    case 'task.released':
      return `${task} is back, ${because[event.data.reason]}${quoted(event.data.note)}${saved(event.data.checkpoint)}`;
    case 'task.failed':
      return `${task} is parked for a human after ${plural(event.data.attempts, 'attempt')}${quoted(event.data.reason)}`;
    case 'task.blocked': {
      const whom = event.data.waitingFor === undefined ? '' : `, waits for ${event.data.waitingFor}`;
      return `${task} is blocked${whom}${quoted(event.data.reason)}`;
    }
    case 'task.unblocked':
      return `${task} can go on`;
    case 'task.cancelled':
      return `cancelled ${task}${quoted(event.data.reason)}`;
    case 'task.retried':
      return `${task} may be tried again`;
    case 'task.settled':
      return `${task} is perhaps done already: ${settledText(event.data)}`;
    case 'task.confirmed':
      return `${task} is still needed`;
  }
};

const describeAgent = (event: AgentEvent): string => {
  switch (event.type) {
    case 'agent.registered': {
      const can = event.data.capabilities.map(({ name, level }) => (level > 1 ? `${name}:${level}` : name));
      return `joined${can.length === 0 ? '' : `, can ${printable(can.join(', '))}`}`;
    }
    case 'agent.disconnected':
      return { disconnected: 'left', expired: 'is gone: its lease ran out', replaced: 'starts anew' }[
        event.data.reason
      ];
    case 'agent.keys_published':
      return 'published keys for sealed messages';
  }
};

const describePlan = (event: PlanEvent, task: string, other: string): string => {
  switch (event.type) {
    case 'project.created':
      return `project ${printable(event.data.name)} is new`;
    case 'project.updated':
      return `the project was changed: ${Object.keys(event.data).join(', ')}`;
    case 'project.milestone':
      return `milestone: ${printable(event.data.name)}`;
    case 'phase.created':
      return `phase ${printable(event.data.name)} is new`;
    case 'phase.updated':
      return `phase ${printable(event.data.name ?? event.data.phaseId)} was changed`;
    case 'phase.completed':
      return 'a phase is complete';
    case 'dependency.added':
      return `${task} now waits for ${other}`;
    case 'dependency.removed':
      return `${task} no longer waits for ${other}`;
  }
};

const describeConflict = (event: ConflictEvent): string => {
  switch (event.type) {
    case 'conflict.predicted': {
      const { agents, path, kind } = event.data;
      const why = kind === undefined ? '' : ` (${kind.replaceAll('_', ' ')})`;
      return `merging ${agents.join(' and ')} would conflict in ${printable(path)}${why}`;
    }
    case 'conflict.withdrawn': {
      const { agents, path, reason } = event.data;
      const why = reason === 'gone' ? '' : ': one of them left';
      return `no conflict between ${agents.join(' and ')} in ${printable(path)} any more${why}`;
    }
    case 'conflict.detected':
      return `conflict (${event.data.conflictType.replaceAll('_', ' ')})${quoted(event.data.description)}`;
    case 'conflict.escalated':
      return `a conflict needs a decision until ${event.data.deadline}${quoted(event.data.reason)}`;
    case 'conflict.resolved':
      return 'a conflict is resolved';
  }
};

const describeOther = (event: OtherEvent): string => {
  switch (event.type) {
    case 'message.sent':
      return `wrote to ${event.data.to} (${event.data.messageType})`;
    case 'message.read':
      return `read ${plural(event.data.messageIds.length, 'message')}`;
    case 'update.broadcast':
      return `told everyone something (${event.data.messageType})`;
    case 'assistance.requested':
      return `asks ${event.data.offeredTo.join(', ') || 'nobody'} for help${quoted(event.data.question)}`;
    case 'assistance.answered':
      return event.data.accepted ? 'will help' : 'cannot help';
    case 'assistance.closed':
      return 'needs no more help';
    case 'state.updated':
      return `shared state: ${printable(event.data.key)} ${event.data.deleted ? 'is gone' : `is version ${event.data.version}`}`;
    case 'file.created':
    case 'file.modified':
    case 'file.deleted':
      return `${event.type.slice('file.'.length)} ${printable(event.data.path)}`;
    case 'file.watched':
      return `watches ${printable(event.data.patterns.join(' ')) || 'nothing'}`;
    case 'member.changed':
      return `member ${event.data.agentId ?? event.data.memberId} (${event.data.kind}) is ${event.data.role}`;
    case 'member.removed':
      return `member ${event.data.memberId} was removed`;
    case 'privacy.erased':
      return `member ${event.data.memberId} was erased`;
    case 'key.created':
      return `an API key was made${quoted(event.data.label)}`;
    case 'key.expiring':
      return `an API key ends at ${event.data.expiresAt}`;
    case 'key.revoked':
      return 'an API key was revoked';
    case 'access.refused':
      return `member ${event.data.memberId} was refused ${event.data.operation} (${event.data.code}, ${plural(event.data.count, 'time')})`;
    case 'artifact.stored':
      return `stored the file ${printable(event.data.name)} (${event.data.bytes} bytes)`;
    case 'artifact.deleted':
      return 'deleted a stored file';
    case 'reservation.granted':
      return `has reserved ${placesOf(event.data.regions)}`;
    case 'reservation.queued':
      return `waits for ${event.data.waitsFor.join(', ')}: ${placesOf(event.data.regions)}`;
    case 'reservation.released': {
      const { holder, reservationIds, reason, note } = event.data;
      return `${plural(reservationIds.length, 'reservation')} of ${holder} ended, ${reason.replaceAll('_', ' ')}${quoted(note)}`;
    }
    case 'branch.advanced':
      return `commit ${event.data.commit.slice(0, 12)} came to ${printable(event.data.branch)}`;
    case 'worktree.reported':
      return `reported its worktree, ${plural(event.data.files.length + event.data.gone.length, 'file')} of it`;
  }
};

const isTask = (event: ActEvent): event is TaskEvent => event.type.startsWith('task.');
const isAgent = (event: ActEvent): event is AgentEvent => event.type.startsWith('agent.');
const isConflict = (event: ActEvent): event is ConflictEvent => event.type.startsWith('conflict.');
const isPlan = (event: ActEvent): event is PlanEvent => /^(?:project|phase|dependency)\./.test(event.type);

/** What an event says, in words. Every text that others wrote is printable in it. */
export const describeEvent = async (event: ActEvent, names: TaskNames): Promise<string> => {
  names.learn(event);
  if (isTask(event)) return describeTask(event, await names.of(event.data.taskId));
  if (isAgent(event)) return describeAgent(event);
  if (isConflict(event)) return describeConflict(event);
  if (isPlan(event)) {
    const edge =
      event.type === 'dependency.added' || event.type === 'dependency.removed' ? event.data : undefined;
    return describePlan(
      event,
      edge ? await names.of(edge.taskId) : '',
      edge ? await names.of(edge.dependsOn) : '',
    );
  }
  return describeOther(event);
};
