import { keyStatement, toBase64Url } from '@agentmix/act-contract';
import type { CommandArguments, QueryArguments, QueryName } from '@agentmix/act-contract';
import { makeSigner } from '../signatures.ts';
import type { RoutedCommand } from './routed.ts';
import { told } from './world.ts';
import type { World } from './world.ts';

const signer = makeSigner(1);
const checkpoint = { note: 'half', paths: ['src/a.ts'], branch: 'work', commit: 'abcdef1' };
const held = (w: World) => ({ taskId: w.heldTaskId, sessionId: w.ada, epoch: w.epoch });
const body = {
  title: 'new',
  description: 'what',
  type: 'bug',
  priority: 1,
  complexityScore: 3,
  estimatedTime: 30,
  requires: [{ name: 'ts', level: 50 }],
  filePaths: ['src/b.ts'],
};
const letter = (w: World) => ({
  messageType: 'question' as const,
  urgency: 'high' as const,
  threadId: w.messageId,
  taskId: w.openTaskId,
  content: { text: 'hello', list: [1, null, true] },
});

/** A call of every command that succeeds in a fresh world, with every optional field given. */
export const validCommands: { readonly [N in RoutedCommand]: (w: World) => CommandArguments<N> } = {
  'project.create': () => ({ name: 'made', description: 'what', settings: { policy: 'weighted' } }),
  'project.update': () => ({ name: 'named', description: 'anew', settings: { leaseMs: 20_000 } }),
  'project.milestone': (w) => ({ name: 'half way', phaseId: w.phaseId }),
  'member.put': (w) => ({
    memberId: w.memberId,
    kind: 'human',
    role: 'coordinator',
    name: 'Grace',
    agentId: `grace-${w.memberId}`,
    writePaths: ['src/**'],
  }),
  'member.remove': (w) => ({ memberId: w.memberId }),
  'privacy.erase': (w) => ({ memberId: w.memberId }),
  'key.create': (w) => ({
    memberId: w.memberId,
    label: 'ci',
    role: 'viewer',
    expiresAt: '2100-01-01T00:00:00.000Z',
  }),
  'key.rotate': (w) => ({
    keyId: w.keyId,
    overlapMs: 1_000,
    expiresAt: '2100-01-01T00:00:00.000Z',
    secretHash: 'ab'.repeat(32),
  }),
  'key.revoke': (w) => ({ keyId: w.keyId }),
  'phase.create': (w) => ({
    key: 'third',
    name: 'third',
    description: 'what',
    ownerAgentId: 'ada',
    dependencies: [w.phaseId],
    estimatedEffort: 60,
  }),
  'phase.update': (w) => ({
    phaseId: w.phaseId,
    name: 'anew',
    description: 'anew',
    ownerAgentId: 'bob',
    estimatedEffort: 90,
  }),
  'phase.complete': (w) => ({ phaseId: w.emptyPhaseId }),
  'agent.register': () => ({
    agentId: 'eve',
    name: 'Eve',
    kind: 'script',
    capabilities: [{ name: 'sql', level: 10 }],
    leaseMs: 5_000,
    resume: true,
  }),
  'agent.heartbeat': (w) => ({ sessionId: w.ada }),
  'agent.disconnect': (w) => ({ sessionId: w.ada }),
  'agent.publish_keys': (w) => {
    const keys = { sealingKey: toBase64Url(new Uint8Array(32).fill(9)), signingKey: signer.signingKey };
    return { sessionId: w.ada, ...keys, proof: signer.sign(keyStatement(w.projectId, 'ada', keys)) };
  },
  'task.create': (w) => ({ key: 'new', phaseId: w.phaseId, ...body, dependencies: [w.openTaskId] }),
  'task.update': (w) => ({ taskId: w.openTaskId, ...body }),
  'task.next': (w) => ({ sessionId: w.bob, waitMs: 0, resume: true }),
  'task.claim': (w) => ({ taskId: w.openTaskId, sessionId: w.bob }),
  'task.progress': (w) => ({ ...held(w), percent: 40, note: 'going on', checkpoint }),
  'task.complete': (w) => ({
    ...held(w),
    result: { lines: 12, text: 'done' },
    evidence: { branch: 'work', commit: 'abcdef0', checks: [{ name: 'tests', passed: true }] },
  }),
  'task.fail': (w) => ({ ...held(w), reason: 'broken', checkpoint }),
  'task.release': (w) => ({ ...held(w), note: 'later', checkpoint }),
  'task.block': (w) => ({ ...held(w), reason: 'waits', waitingFor: 'bob', checkpoint }),
  'task.unblock': (w) => ({ taskId: w.blockedTaskId }),
  'task.cancel': (w) => ({ taskId: w.openTaskId, reason: 'not needed' }),
  'task.retry': (w) => ({ taskId: w.failedTaskId }),
  'dependency.add': (w) => ({ taskId: w.openTaskId, dependsOn: w.otherTaskId }),
  'dependency.remove': (w) => ({ taskId: w.dependentTaskId, dependsOn: w.otherTaskId }),
  'plan.apply': () => ({
    phases: [{ key: 'planned', name: 'planned', description: 'what', dependsOn: ['build'] }],
    tasks: [{ key: 'step', phase: 'planned', ...body, dependsOn: ['open'], status: 'open' }],
  }),
  'message.send': (w) => ({ sessionId: w.ada, to: 'bob', ...letter(w) }),
  'message.read': (w) => ({ sessionId: w.ada, messageIds: [w.messageId] }),
  'update.broadcast': (w) => ({ sessionId: w.ada, ...letter(w) }),
  'assistance.request': (w) => ({
    sessionId: w.ada,
    question: 'how?',
    requires: [{ name: 'ts', level: 1 }],
    taskId: w.heldTaskId,
  }),
  'assistance.answer': (w) => ({ sessionId: w.ada, requestId: w.requestId, accepted: true }),
  'assistance.close': (w) => ({ sessionId: w.bob, requestId: w.requestId }),
  'state.put': (w) => ({ key: 'fresh', value: { text: 'b' }, expectedVersion: 0, sessionId: w.ada }),
  'state.delete': (w) => ({ key: 'shared', expectedVersion: w.stateVersion }),
  'file.report': (w) => ({
    sessionId: w.ada,
    taskId: w.heldTaskId,
    changes: [{ path: 'src/b.ts', kind: 'created', checksum: 'ab12' }],
  }),
  'file.watch': (w) => ({ sessionId: w.ada, patterns: ['src/**'] }),
  'conflict.report': (w) => ({
    conflictType: 'resource_contention',
    involvedAgents: ['ada', 'bob'],
    taskIds: [w.heldTaskId],
    description: 'both write',
  }),
  'conflict.resolve': (w) => ({ conflictId: w.conflictId, resolution: { text: 'ada goes on' } }),
  'artifact.store': (w) => ({
    artifactId: w.uploadId,
    name: 'more.patch',
    mediaType: 'text/x-diff',
    ...told,
    taskId: w.heldTaskId,
    sessionId: w.ada,
  }),
  'artifact.delete': (w) => ({ artifactId: w.artifactId, sessionId: w.ada }),
  'reservation.request': (w) => ({
    sessionId: w.ada,
    taskId: w.heldTaskId,
    regions: [
      { path: 'src/b.ts', ranges: [{ start: 10, lines: 5 }], baseHash: 'ab12' },
      { pattern: 'docs/**' },
    ],
    mode: 'exclusive',
    wait: true,
    reason: 'to edit',
  }),
  'reservation.release': (w) => ({
    sessionId: w.ada,
    reservationIds: [w.reservationId],
    paths: ['src/a.ts'],
    committed: true,
  }),
  'reservation.force': (w) => ({ reservationIds: [w.reservationId], reason: 'urgent' }),
  'branch.report': (w) => ({
    sessionId: w.ada,
    branch: 'main',
    commits: [{ commit: 'ab'.repeat(20), paths: ['src/open'], mentions: ['open', '#12'] }],
  }),
  'task.confirm': (w) => ({ taskId: w.openTaskId, sessionId: w.ada }),
  'worktree.report': (w) => ({
    sessionId: w.ada,
    worktree: {
      key: 'ada-1',
      machine: 'laptop',
      branch: 'work',
      head: 'abcdef1',
      base: 'abcdef0',
      tree: 'a2',
    },
    since: 'a1',
    files: [
      {
        path: 'src/b.ts',
        status: 'modified',
        movedTo: 'src/c.ts',
        baseChecksum: 'ab12',
        checksum: 'ab13',
        hunks: [{ start: 3, length: 1, newLength: 2, hash: '00ff' }],
      },
    ],
    gone: ['src/a.ts'],
    merges: [{ key: 'bob-1', tree: 'b1', paths: ['src/b.ts'] }],
    omitted: 3,
  }),
  'artifact.rewrap': (w) => ({ after: w.uploadId }),
};

const page = { limit: 10, after: '0' };

export const validQueries: { readonly [N in QueryName]: (w: World) => QueryArguments<N> } = {
  'project.list': () => ({ limit: 10 }),
  'project.get': () => ({}),
  'project.snapshot': () => ({}),
  'member.list': () => ({ limit: 10 }),
  'key.list': () => ({ limit: 10 }),
  'audit.head': () => ({}),
  'audit.list': () => ({ after: 3 }),
  'privacy.export': (w) => ({ memberId: w.memberId, limit: 10, after: w.messageId }),
  'phase.list': () => ({ limit: 10 }),
  'task.list': (w) => ({ limit: 10, status: 'ready', phaseId: w.phaseId, key: 'open' }),
  'task.get': (w) => ({ taskId: w.openTaskId }),
  'agent.list': () => ({ ...page, agentId: 'ada' }),
  'agent.briefing': () => ({ agentId: 'ada' }),
  'message.list': () => ({ limit: 10, agentId: 'ada', unread: true }),
  'assistance.list': () => ({ limit: 10 }),
  'state.list': () => page,
  'state.get': () => ({ key: 'shared' }),
  'file.list': () => page,
  'conflict.list': () => ({ limit: 10 }),
  'reservation.list': () => ({ limit: 10, path: 'src/a.ts', agentId: 'ada' }),
  'prediction.list': () => ({ limit: 10, after: 0, agentId: 'ada' }),
  'artifact.list': (w) => ({ limit: 10, taskId: w.heldTaskId }),
  'artifact.get': (w) => ({ artifactId: w.artifactId }),
  'event.list': (w) => ({ limit: 10, after: 0, taskId: w.heldTaskId, agentId: 'ada', type: 'task.claimed' }),
};
