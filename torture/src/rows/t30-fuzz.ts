import { globBombs, timeGlobs } from '../fuzz/globs.ts';
import { fuzzGraphql } from '../fuzz/graphql/over-http.ts';
import { fuzzGraphqlSockets } from '../fuzz/graphql/over-websocket.ts';
import { fuzzHttp } from '../fuzz/http-fuzz.ts';
import { fuzzMcp } from '../fuzz/mcp-fuzz.ts';
import { fuzzPackets } from '../fuzz/packet-fuzz.ts';
import { fuzzRest } from '../fuzz/rest-fuzz.ts';
import { fuzzSocket } from '../fuzz/socket-fuzz.ts';
import { Verdicts } from '../fuzz/verdicts.ts';
import { unfolded } from '../checkers/fold.ts';
import type { Stalls } from '../processes/stall-probe.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';
import { openScene, settleRows } from '../scene.ts';
import type { HubScene } from '../scene.ts';

type Names =
  | 'rest'
  | 'socket'
  | 'tools'
  | 'graphql'
  | 'graphql-sockets'
  | 'http'
  | 'packets'
  | 'projects'
  | 'at-once'
  | 'seed';

const STALL_MS_MAX = 50;
const IDS_MAX = 400;
const OPEN_TASKS_MAX = 2_000;
/** Fields of answers whose values other calls take. */
const ID_FIELDS =
  /"(taskId|sessionId|phaseId|messageId|requestId|conflictId|agentId|key)":"([^"\\]{1,100})"/g;

/** Ids that exist, found in answers; the newest of each kind. */
const makeIds = (projectIds: readonly string[]) => {
  const ids = new Map<string, string[]>([
    ['projectId', [...projectIds]],
    ['agentId', ['ada', 'bob', 'eve']],
  ]);
  const learn = (_name: string, text: string): void => {
    for (const [, field = '', value = ''] of text.matchAll(ID_FIELDS)) {
      const known = ids.get(field) ?? [];
      if (!known.includes(value)) known.unshift(value);
      ids.set(field, known.slice(0, IDS_MAX));
    }
  };
  return { ids, learn };
};

const makeProjects = async ({ quiet, projectId }: HubScene, count: number): Promise<string[]> => {
  const projectIds = [projectId];
  while (projectIds.length < count) {
    const settings = { openTasksMax: OPEN_TASKS_MAX, maxAttempts: 3 };
    const created = await quiet.command('project.create', undefined, { name: 'fuzzed', settings });
    if (!created.ok) throw new Error(`no project: ${created.refusal.code}`);
    projectIds.push(created.value.projectId);
  }
  return projectIds;
};

/** Bombs as patterns of a session: how many the hub took in, and that it was not held up. */
const watchBombs = async (
  { quiet }: HubScene,
  bombs: readonly string[],
): Promise<{ bombs: number; slowestMs: number }> => {
  const project = await quiet.command('project.create', undefined, { name: 'watched' });
  if (!project.ok) throw new Error('no project');
  const { projectId } = project.value;
  const agent = await quiet.command('agent.register', projectId, { agentId: 'bomber', leaseMs: 600_000 });
  if (!agent.ok) throw new Error('no session');
  const { sessionId } = agent.value;
  const changes = [{ path: 'a'.repeat(500), kind: 'modified' as const }];
  let [taken, slowestMs] = [0, 0];
  for (let first = 0; first < bombs.length; first += 20)
    await Promise.all(
      bombs.slice(first, first + 20).map(async (pattern) => {
        const started = performance.now();
        const watched = await quiet.command('file.watch', projectId, { sessionId, patterns: [pattern] });
        await quiet.command('file.report', projectId, { sessionId, changes });
        if (watched.ok) taken++;
        slowestMs = Math.max(slowestMs, performance.now() - started);
      }),
    );
  return { bombs: taken, slowestMs: Math.round(slowestMs) };
};

/** A plan as large as one may be, alone: it is one batch, so nobody else of the hub is served while it is decided. */
const largestPlan = async ({ hub, quiet }: HubScene): Promise<{ status: string; stalls: Stalls }> => {
  const project = await quiet.command('project.create', undefined, { name: 'planned' });
  if (!project.ok) throw new Error('no project');
  const description = 'x'.repeat(3_800);
  const tasks = Array.from({ length: 2_000 }, (_, at) => ({
    key: `k${at}`,
    title: `task ${at}`,
    description,
  }));
  await hub.stalls();
  const applied = await quiet.command('plan.apply', project.value.projectId, { tasks });
  return { status: applied.ok ? 'applied' : applied.refusal.code, stalls: await hub.stalls() };
};

/** Whether the hub still does what it is for. */
const stillWorks = async ({ quiet }: HubScene): Promise<boolean> => {
  const project = await quiet.command('project.create', undefined, { name: 'after' });
  if (!project.ok) return false;
  const { projectId } = project.value;
  const agent = await quiet.command('agent.register', projectId, { agentId: 'ada' });
  const task = await quiet.command('task.create', projectId, { title: 'after' });
  if (!agent.ok || !task.ok) return false;
  const { sessionId } = agent.value;
  const claim = await quiet.command('task.claim', projectId, { sessionId, taskId: task.value.taskId });
  if (!claim.ok) return false;
  const { taskId, epoch } = claim.value;
  const done = await quiet.command('task.complete', projectId, { sessionId, taskId, epoch });
  return done.ok;
};

const round = ({ wallMsMax, ownMsMax, ranMsMax, over50Ms }: Stalls) => ({
  ranMs: Math.round(ranMsMax),
  ownMs: Math.round(ownMsMax),
  wallMs: Math.round(wallMsMax),
  over50Ms,
});

/** Each kind of input in turn, and the longest stall of the hub in each. */
const fuzzAll = async (
  { sizes, log }: RowContext<Names>,
  scene: HubScene,
  verdicts: Verdicts,
  projectIds: string[],
) => {
  const { hub } = scene;
  const { ids, learn } = makeIds(projectIds);
  const { seed } = sizes;
  const atOnce = sizes['at-once'];
  const stalls: Record<string, ReturnType<typeof round>> = {};
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    await hub.stalls();
    const before = verdicts.inputs;
    const result = await work();
    stalls[name] = round(await hub.stalls());
    log(`${name}: ${verdicts.inputs - before} inputs, ${JSON.stringify(stalls[name])}`);
    return result;
  };
  await timed('rest', () => fuzzRest(hub, ids, verdicts, { count: sizes.rest, seed, atOnce }, learn));
  await timed('socket', () => fuzzSocket(hub, ids, verdicts, { count: sizes.socket, seed, atOnce }, learn));
  await timed('tools', () => fuzzMcp(hub, ids, verdicts, { count: sizes.tools, seed, atOnce }, learn));
  const graphql = { count: sizes.graphql, seed, atOnce };
  await timed('graphql', () => fuzzGraphql(hub, ids, verdicts, graphql, learn));
  const sockets = { ...graphql, count: sizes['graphql-sockets'] };
  await timed('graphql-sockets', () => fuzzGraphqlSockets(hub, ids, verdicts, sockets, learn));
  await timed('http', () => fuzzHttp(hub.port, hub.token, verdicts, { count: sizes.http, seed }));
  await timed('packets', () => fuzzPackets(hub.port, hub.token, verdicts, { count: sizes.packets, seed }));
  const watched = await timed('globs', () => watchBombs(scene, globBombs()));
  return { stalls, watched };
};

export const t30 = defineRow<Names>({
  name: 'T30',
  summary: 'inputs made from the contract, valid to hopeless, and bytes that are nearly HTTP or Socket.IO',
  sizes: {
    rest: [60_000, 1_500],
    socket: [40_000, 1_500],
    tools: [20_000, 600],
    graphql: [40_000, 1_200],
    'graphql-sockets': [20_000, 600],
    http: [4_000, 160],
    packets: [6_000, 320],
    projects: [20, 4],
    'at-once': [16, 16],
    seed: [0, 1],
  },
  run: async (context) => {
    const { sizes, stage, log } = context;
    const scene = await openScene(
      stage,
      { openTasksMax: OPEN_TASKS_MAX, maxAttempts: 3 },
      { ACT_TORTURE_STALLS: '1' },
    );
    const { hub } = scene;
    const seed = sizes.seed || Math.floor(Math.random() * 1_000_000);
    log(`seed ${seed}`);
    const verdicts = new Verdicts([hub.token, hub.dataDir]);
    const { pid } = hub;
    const projectIds = await makeProjects(scene, sizes.projects);
    const { stalls, watched } = await fuzzAll(
      { ...context, sizes: { ...sizes, seed } },
      scene,
      verdicts,
      projectIds,
    );
    const globs = timeGlobs();
    const plan = await largestPlan(scene);
    const works = await stillWorks(scene).catch(() => false);
    await settleRows(scene);
    const wrong = await unfolded(hub.socketDir, projectIds);
    const crashes = hub.isAlive && hub.pid === pid ? 0 : 1;
    const stallMsMax = Math.max(...Object.values(stalls).map(({ ranMs }) => ranMs));
    for (const sample of verdicts.samples) log(sample);
    const figures = {
      seed,
      inputs: verdicts.inputs,
      answers: verdicts.answers,
      byStatus: verdicts.byStatus,
      status5xx: verdicts.status5xx,
      overloads: verdicts.overloads,
      crashes,
      hangs: verdicts.hangs,
      leaks: verdicts.leaks,
      unreadable: verdicts.unreadable,
      slowestAnswerMs: Math.round(verdicts.slowestMs),
      stallMsMax,
      stalls,
      globBombs: watched.bombs,
      globMsMax: Math.round(globs.msMax * 10) / 10,
      globGrowth: Math.round(globs.growth * 10) / 10,
      largestPlan: { status: plan.status, ...round(plan.stalls) },
      works,
      unfolded: wrong.length,
    };
    const passed =
      verdicts.areClean &&
      crashes === 0 &&
      stallMsMax <= STALL_MS_MAX &&
      globs.msMax <= STALL_MS_MAX &&
      works &&
      wrong.length === 0;
    return { ...figures, passed };
  },
});
