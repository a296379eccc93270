import { createHash } from 'node:crypto';
import { commandId } from './start-test-hub.ts';
import { done } from './door.ts';
import type { Door } from './door.ts';

/** A project with something of every kind in it. */
export interface World {
  readonly projectId: string;
  readonly phaseId: string;
  readonly emptyPhaseId: string;
  readonly openTaskId: string;
  readonly otherTaskId: string;
  /** Waits for the other task. */
  readonly dependentTaskId: string;
  /** Held by ada. */
  readonly heldTaskId: string;
  readonly epoch: number;
  readonly blockedTaskId: string;
  /** Parked after its last attempt. */
  readonly failedTaskId: string;
  readonly ada: string;
  readonly bob: string;
  readonly messageId: string;
  readonly requestId: string;
  readonly conflictId: string;
  readonly memberId: string;
  readonly keyId: string;
  /** Sent, not stored yet. */
  readonly uploadId: string;
  /** Stored by ada. */
  readonly artifactId: string;
  /** Of the key `shared`. */
  readonly stateVersion: number;
}

const field = (output: Record<string, unknown>, name: string): string => String(output[name]);

const makeTasks = async (door: Door, projectId: string, phaseId: string) => {
  const task = async (title: string, more: object = {}): Promise<string> =>
    field(await done(door, 'task.create', projectId, { title, ...more }), 'taskId');
  const otherTaskId = await task('other');
  return {
    openTaskId: await task('open', { phaseId, key: 'open', description: 'what to do' }),
    otherTaskId,
    dependentTaskId: await task('dependent', { dependencies: [otherTaskId] }),
    heldTaskId: await task('held', { phaseId }),
    blockedTaskId: await task('blocked'),
    failedTaskId: await task('failed'),
  };
};

const makePeople = async (door: Door, projectId: string) => {
  const register = async (agentId: string): Promise<string> => {
    const input = { agentId, kind: 'script', capabilities: [{ name: 'ts', level: 80 }] };
    return field(await done(door, 'agent.register', projectId, input), 'sessionId');
  };
  return { ada: await register('ada'), bob: await register('bob') };
};

export const makeProject = async (door: Door, name = 'world'): Promise<string> => {
  const settings = { maxAttempts: 1 };
  return field(await done(door, 'project.create', undefined, { name, settings }, commandId()), 'projectId');
};

const makeMember = async (door: Door, projectId: string) => {
  const memberId = commandId();
  await done(door, 'member.put', projectId, { memberId, kind: 'service', role: 'viewer' });
  const { keyId } = await done(door, 'key.create', projectId, { memberId });
  return { memberId, keyId: String(keyId) };
};

const CONTENT = Buffer.from('diff --git a/src/a.ts b/src/a.ts\n');

/** What artifact.store is told of the content of every file in a world. */
export const told = {
  bytes: CONTENT.length,
  sha256: createHash('sha256').update(CONTENT).digest('hex'),
};

const makeFiles = async (door: Door, projectId: string, sessionId: string) => {
  const [uploadId, artifactId] = [commandId(), commandId()];
  for (const id of [uploadId, artifactId]) await door.upload(projectId, id, CONTENT);
  await done(door, 'artifact.store', projectId, { artifactId, name: 'a.patch', ...told, sessionId });
  return { uploadId, artifactId };
};

export const makeWorld = async (door: Door): Promise<World> => {
  const projectId = await makeProject(door);
  const run = (name: Parameters<typeof done>[1], input: object): Promise<Record<string, unknown>> =>
    done(door, name, projectId, input);
  const phaseId = field(await run('phase.create', { name: 'build', key: 'build' }), 'phaseId');
  const emptyPhaseId = field(await run('phase.create', { name: 'empty' }), 'phaseId');
  const { ada, bob } = await makePeople(door, projectId);
  const tasks = await makeTasks(door, projectId, phaseId);
  const claim = async (taskId: string, sessionId: string): Promise<number> =>
    Number((await run('task.claim', { taskId, sessionId }))['epoch']);
  const epoch = await claim(tasks.heldTaskId, ada);
  const blocked = { taskId: tasks.blockedTaskId, sessionId: bob };
  await run('task.block', { ...blocked, epoch: await claim(blocked.taskId, bob), reason: 'waits' });
  const failed = { taskId: tasks.failedTaskId, sessionId: bob };
  await run('task.fail', { ...failed, epoch: await claim(failed.taskId, bob), reason: 'broken' });
  const letter = { sessionId: bob, to: 'ada', content: { text: 'hello' } };
  const conflict = { conflictType: 'capability_overlap', involvedAgents: ['ada'], description: 'both' };
  const { version } = await run('state.put', { key: 'shared', value: { a: 1 } });
  await run('file.report', { sessionId: ada, changes: [{ path: 'src/a.ts', kind: 'modified' }] });
  return {
    projectId,
    phaseId,
    emptyPhaseId,
    ...tasks,
    epoch,
    ada,
    bob,
    ...(await makeFiles(door, projectId, ada)),
    messageId: field(await run('message.send', letter), 'messageId'),
    requestId: field(await run('assistance.request', { sessionId: bob, question: 'how?' }), 'requestId'),
    conflictId: field(await run('conflict.report', conflict), 'conflictId'),
    ...(await makeMember(door, projectId)),
    stateVersion: Number(version),
  };
};
