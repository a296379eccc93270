import { agentOfEnvironment } from '@agentmix/act-agents';
import { sleepTwice } from '../hooks/laptop.ts';
import { FILE, isUntouched, makeHookWorld } from '../hooks/hook-world.ts';
import type { ClientSession, HookWorld } from '../hooks/hook-world.ts';
import { defineRow } from '../row.ts';
import { openScene } from '../scene.ts';
import type { HubScene } from '../scene.ts';

type Names = 'stall-ms' | 'sleep-ms';

/** The id that the MCP server and the command line of a session speak as. */
const idOf = ({ session }: ClientSession): string => {
  const id = agentOfEnvironment({ CLAUDE_CODE_SESSION_ID: session });
  if (id === undefined) throw new Error(`no id for ${session}`);
  return id;
};

const agentsOf = async ({ client, projectId }: HubScene): Promise<readonly string[]> => {
  const page = await client.query('agent.list', projectId, { limit: 100 });
  if (!page.ok) throw new Error(`no agents: ${page.refusal.code}`);
  return page.value.items.map(({ id }) => id);
};

/** Goes on with the session that the hooks of an agent opened. */
const sessionOf = async ({ client, projectId }: HubScene, who: ClientSession): Promise<string> => {
  const resumed = await client.command('agent.register', projectId, {
    agentId: idOf(who),
    leaseMs: 900_000,
    resume: true,
  });
  if (!resumed.ok) throw new Error(`not resumed: ${resumed.refusal.code}`);
  return resumed.value.sessionId;
};

/** Claims a task for an agent, so that what it reserves is for that. */
const claimTask = async (scene: HubScene, who: ClientSession): Promise<string> => {
  const { client, projectId } = scene;
  const made = await client.command('task.create', projectId, { title: 'Sell apples' });
  if (!made.ok) throw new Error(`no task: ${made.refusal.code}`);
  const { taskId } = made.value;
  const claimed = await client.command('task.claim', projectId, {
    sessionId: await sessionOf(scene, who),
    taskId,
  });
  if (!claimed.ok) throw new Error(`not claimed: ${claimed.refusal.code}`);
  return taskId;
};

/** What a denied edit does not say of who has the lines, for what and until when; 0 is right. */
const unexplained = (output: string, holder: ClientSession, taskId: string): number => {
  const wanted = [/"permissionDecision":"deny"/, idOf(holder), taskId, /until \d{4}-\d\d-\d\dT/];
  return wanted.filter((one) => (typeof one === 'string' ? !output.includes(one) : !one.test(output))).length;
};

const send = async (
  scene: HubScene,
  from: ClientSession,
  to: ClientSession,
  content: string,
  urgency: 'low' | 'high',
): Promise<void> => {
  const letter = { sessionId: await sessionOf(scene, from), to: idOf(to), content, urgency };
  const sent = await scene.client.command('message.send', scene.projectId, letter);
  if (!sent.ok) throw new Error(`not sent: ${sent.refusal.code}`);
};

/** More than a hook reads at once. */
const UNHURRIED = 60;

/** The machine of an agent sleeps beyond its lease, and gets messages meanwhile, the last of them urgent. */
const sleepsThrough = async (
  scene: HubScene,
  world: HookWorld,
  asleep: ClientSession,
  writer: ClientSession,
): Promise<boolean> => {
  const { client, projectId } = scene;
  // As its lease would end it, only sooner.
  await client.command('agent.disconnect', projectId, { sessionId: await sessionOf(scene, asleep) });
  for (let at = 0; at < UNHURRIED; at++) await send(scene, writer, asleep, `note ${at}`, 'low');
  await send(scene, writer, asleep, 'the shop is closed', 'high');
  const edited = await world.edit(asleep, 25);
  const told = await world.hook(asleep, 'prompt');
  return !edited.includes('deny') && told.includes('the shop is closed');
};

/** A conflict comes and goes between the worktrees of two agents: how often anyone is not told once of each; 0 is right. */
const untold = async (scene: HubScene, world: HookWorld, pair: readonly ClientSession[]): Promise<number> => {
  const report = async (who: ClientSession, tree: string, lines: readonly number[]): Promise<void> => {
    const reported = await scene.client.command('worktree.report', scene.projectId, {
      sessionId: await sessionOf(scene, who),
      worktree: { key: who.session, tree },
      files: lines.map((start) => ({
        path: FILE,
        status: 'modified',
        hunks: [{ start, length: 1, newLength: 1 }],
      })),
    });
    if (!reported.ok) throw new Error(`not reported: ${reported.refusal.code}`);
  };
  const told = async (words: string): Promise<number> => {
    const twice = [];
    for (const who of [...pair, ...pair]) twice.push((await world.hook(who, 'prompt')).includes(words));
    return twice.filter((isTold, at) => isTold !== at < pair.length).length;
  };
  for (const who of pair) await report(who, 'b1', [10]);
  const predicted = await told('would now conflict in 1 more place');
  for (const who of pair.slice(0, 1)) await report(who, 'b2', []);
  return predicted + (await told('would no longer conflict in 1 place'));
};

/** Hooks while the hub does not answer, and what is told when it does. */
const failsOpen = async (
  { hub }: HubScene,
  world: HookWorld,
  who: ClientSession,
  stallMs: number,
): Promise<boolean> => {
  const stalled = hub.stall(stallMs);
  const output = await world.edit(who, 3);
  const counted = world.failOpens();
  await stalled;
  const told = await world.hook(who, 'prompt');
  return output === '' && counted === 1 && told.includes('1 edit that nobody checked');
};

export const t39 = defineRow<Names>({
  name: 'T39',
  summary:
    'hooks: two agents and their hub through the real program; collisions, restarts, sleep, a dead hub',
  sizes: { 'stall-ms': [8_000, 8_000], 'sleep-ms': [60_000, 5_000] },
  run: async ({ stage, sizes, log }) => {
    const scene = await openScene(stage, {});
    const world = makeHookWorld(stage, scene);
    const ada: ClientSession = { session: 's-ada', cwd: world.repository };
    const bob: ClientSession = { session: 's-bob', cwd: world.worktree };
    // Forked from the first: another session in the same folder.
    const fork: ClientSession = { session: 's-fork', cwd: world.repository };
    const everyone = [ada, bob, fork];
    for (const who of everyone) await world.hook(who, 'start', { source: 'startup' });
    const expected = everyone.map(idOf);
    const named = new Set(await agentsOf(scene));
    const misnamed = expected.filter((id) => !named.has(id)).length;
    const taskId = await claimTask(scene, ada);
    const before = await sessionOf(scene, ada);

    const first = await world.edit(ada, 10);
    const missing = unexplained(await world.edit(bob, 10), ada, taskId);
    const elsewhere = await world.edit(bob, 20);
    const wronglyDenied = [first, elsewhere].filter((output) => output.includes('"deny"')).length;
    log(`${misnamed} misnamed, ${missing} facts missing`);

    await scene.hub.killAndRestart();
    // Resumed in another folder of the repository, and compacted.
    await world.hook({ ...ada, cwd: world.worktree }, 'start', { source: 'resume' });
    await world.hook(ada, 'start', { source: 'compact' });
    const moved = (await sessionOf(scene, ada)) === before ? 0 : 1;
    const stillDenied = (await world.edit(bob, 10)).includes('"deny"');

    const lostMessages = (await sleepsThrough(scene, world, bob, fork)) ? 0 : 1;
    const missed = await untold(scene, world, [ada, bob]);
    const unchecked = (await failsOpen(scene, world, fork, sizes['stall-ms'])) ? 0 : 1;
    const dan: ClientSession = { session: 's-dan', cwd: world.worktree };
    const after = await sleepTwice(stage, scene, world, {
      ms: sizes['sleep-ms'],
      who: dan,
      other: bob,
      send: (content) => send(scene, fork, dan, content, 'low'),
      sessionOf: (who) => sessionOf(scene, who),
    });
    log(`woken twice after ${sizes['sleep-ms']} ms: ${JSON.stringify(after)}`);
    everyone.push(dan);
    const duplicates = (await agentsOf(scene)).length - everyone.length;
    const touched = [world.repository, world.worktree].filter((folder) => !isUntouched(folder)).length;
    const forgotten = stillDenied ? 0 : 1;
    const wrong = { misnamed, duplicates, unexplained: missing, wronglyDenied };
    const kept = { moved: moved + after.moved, forgotten: forgotten + after.forgotten };
    const lost = { lostMessages: lostMessages + after.lostMessages, stranded: after.stranded };
    const more = { ...kept, ...lost, untold: missed, uncounted: unchecked, touched };
    const passed = Object.values({ ...wrong, ...more }).every((count) => count === 0);
    return { ...wrong, ...more, passed };
  },
});
