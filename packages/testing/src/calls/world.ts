import { createHash } from 'node:crypto';
import { LEASE_MS_MAX } from '@agentmix/act-contract';
import { uuidv7 } from 'uuidv7';
import type { RoutedCommand } from './routed.ts';

/** The ids of a project with something of every kind in it. */
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
  /** Of ada. */
  readonly reservationId: string;
  readonly memberId: string;
  readonly keyId: string;
  /** Sent, not stored yet. */
  readonly uploadId: string;
  /** Stored by ada. */
  readonly artifactId: string;
  /** Of the key `shared`. */
  readonly stateVersion: number;
}

/** Runs a command that has to succeed, whatever carries it, and answers its output. */
export type Run = (
  name: RoutedCommand,
  projectId: string | undefined,
  input: Readonly<Record<string, unknown>>,
  commandId?: string,
) => Promise<Record<string, unknown>>;
/** How a world is made: by commands, and by sending the bytes of files. */
export interface Hands {
  readonly run: Run;
  readonly upload: (projectId: string, artifactId: string, content: Buffer) => Promise<void>;
}
type RunHere = (
  name: RoutedCommand,
  input: Readonly<Record<string, unknown>>,
) => Promise<Record<string, unknown>>;

/** What every text of the world ends with that nothing is looked up by: it tells whose text it is. */
type Mark = (text: string) => string;

const field = (output: Record<string, unknown>, name: string): string => String(output[name]);

const makeTasks = async (run: RunHere, phaseId: string, mark: Mark) => {
  const task = async (title: string, more: object = {}): Promise<string> =>
    field(await run('task.create', { title: mark(title), ...more }), 'taskId');
  const otherTaskId = await task('other');
  const open = { phaseId, key: 'open', description: mark('what to do'), filePaths: [mark('src/open')] };
  return {
    openTaskId: await task('open', open),
    otherTaskId,
    dependentTaskId: await task('dependent', { dependencies: [otherTaskId] }),
    heldTaskId: await task('held', { phaseId }),
    blockedTaskId: await task('blocked'),
    failedTaskId: await task('failed'),
  };
};

const makeAgents = async (run: RunHere, mark: Mark) => {
  const register = async (agentId: string): Promise<string> => {
    const capabilities = [{ name: 'ts', level: 80 }];
    // Nobody renews it: the longest lease there is.
    const leaseMs = LEASE_MS_MAX;
    const input = { agentId, name: mark(agentId), kind: 'script', capabilities, leaseMs };
    return field(await run('agent.register', input), 'sessionId');
  };
  return { ada: await register('ada'), bob: await register('bob') };
};

export const makeProject = async (run: Run, name = 'world'): Promise<string> => {
  const settings = { maxAttempts: 1 };
  return field(await run('project.create', undefined, { name, settings }, uuidv7()), 'projectId');
};

const makeMember = async (run: RunHere, mark: Mark) => {
  const memberId = uuidv7();
  await run('member.put', { memberId, kind: 'service', role: 'viewer', name: mark('Viewer') });
  const { keyId } = await run('key.create', { memberId, label: mark('spare') });
  return { memberId, keyId: String(keyId) };
};

type Agents = Awaited<ReturnType<typeof makeAgents>>;

const workOn = async (
  run: RunHere,
  tasks: Awaited<ReturnType<typeof makeTasks>>,
  agents: Agents,
  mark: Mark,
) => {
  const { ada, bob } = agents;
  const claim = async (taskId: string, sessionId: string): Promise<number> =>
    Number((await run('task.claim', { taskId, sessionId }))['epoch']);
  const epoch = await claim(tasks.heldTaskId, ada);
  const blocked = { taskId: tasks.blockedTaskId, sessionId: bob };
  await run('task.block', { ...blocked, epoch: await claim(blocked.taskId, bob), reason: mark('waits') });
  const failed = { taskId: tasks.failedTaskId, sessionId: bob };
  await run('task.fail', { ...failed, epoch: await claim(failed.taskId, bob), reason: mark('broken') });
  return epoch;
};
/** The content of every file in a world; its ending tells whose it is, too. */
const contentOf = (mark: Mark): Buffer => Buffer.from(mark('diff --git a/src/a.ts b/src/a.ts\n'));
const toldOf = (content: Buffer): { bytes: number; sha256: string } => ({
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
});

/** What artifact.store is told of the content of a file in a world without an ending. */
export const told = toldOf(contentOf((text) => text));

const makeFiles = async (
  run: RunHere,
  upload: (artifactId: string, content: Buffer) => Promise<void>,
  sessionId: string,
  mark: Mark,
) => {
  const [uploadId, artifactId] = [uuidv7(), uuidv7()];
  const content = contentOf(mark);
  for (const id of [uploadId, artifactId]) await upload(id, content);
  const file = { artifactId, name: mark('a.patch'), ...toldOf(content), sessionId };
  await run('artifact.store', file);
  return { uploadId, artifactId };
};

/** A project with something of every kind in it; `ending` is put at the end of every text that is only read. */
export const makeWorld = async ({ run: runAnywhere, upload }: Hands, ending = ''): Promise<World> => {
  const mark: Mark = (text) => text + ending;
  const projectId = await makeProject(runAnywhere, mark('world'));
  const run: RunHere = (name, input) => runAnywhere(name, projectId, input);
  const phase = { name: mark('build'), key: 'build', description: mark('first') };
  const phaseId = field(await run('phase.create', phase), 'phaseId');
  const emptyPhaseId = field(await run('phase.create', { name: mark('empty') }), 'phaseId');
  const agents = await makeAgents(run, mark);
  const { ada, bob } = agents;
  const tasks = await makeTasks(run, phaseId, mark);
  const epoch = await workOn(run, tasks, agents, mark);
  const letter = { sessionId: bob, to: 'ada', content: { text: mark('hello') } };
  const question = { sessionId: bob, question: mark('how?') };
  const conflict = {
    conflictType: 'capability_overlap',
    involvedAgents: ['ada'],
    description: mark('both'),
  };
  const { version } = await run('state.put', { key: 'shared', value: { a: mark('1') } });
  await run('file.report', { sessionId: ada, changes: [{ path: mark('src/a.ts'), kind: 'modified' }] });
  const region = { path: mark('src/a.ts'), ranges: [{ start: 1, lines: 9 }] };
  const reserved = { sessionId: ada, regions: [region], reason: mark('to edit') };
  const changed = {
    path: mark('src/a.ts'),
    status: 'modified',
    hunks: [{ start: 5, length: 1, newLength: 1 }],
  };
  await run('worktree.report', {
    sessionId: ada,
    worktree: { key: 'ada-1', tree: 'a1', branch: mark('work') },
    files: [changed],
  });
  await run('worktree.report', {
    sessionId: bob,
    worktree: { key: 'bob-1', tree: 'b1', machine: mark('laptop') },
    files: [changed],
  });
  const { reservations } = await run('reservation.request', reserved);
  const [{ reservationId }] = reservations as [{ reservationId: string }];
  return {
    projectId,
    phaseId,
    emptyPhaseId,
    ...tasks,
    epoch,
    ...agents,
    ...(await makeFiles(run, (...file) => upload(projectId, ...file), ada, mark)),
    messageId: field(await run('message.send', letter), 'messageId'),
    reservationId,
    requestId: field(await run('assistance.request', question), 'requestId'),
    conflictId: field(await run('conflict.report', conflict), 'conflictId'),
    ...(await makeMember(run, mark)),
    stateVersion: Number(version),
  };
};

/** The same world with every id of a thing in it replaced by one that nothing has. */
export const strangersOf = (world: World): World => {
  const { epoch, stateVersion, ...ids } = world;
  const made = Object.fromEntries(Object.keys(ids).map((key) => [key, uuidv7()]));
  return { ...world, ...made, epoch, stateVersion };
};
