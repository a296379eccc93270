import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listAll } from '../list-all.ts';
import type { Stage } from '../processes/stage.ts';
import { waitUntil } from '../scene.ts';
import type { HubScene } from '../scene.ts';
import { startActMcp } from './act-mcp.ts';
import type { ActMcp } from './act-mcp.ts';
import type { ClientSession, HookWorld } from './hook-world.ts';

/** How long what an agent did after waking may take to be reported. */
const REPORTED_MS_MAX = 15_000;
const RESERVED_LINE = 5;

/** Two sleeps of the machine that an agent works on, in milliseconds each; `send` and `sessionOf` as the row does it. */
export interface Sleeps {
  readonly ms: number;
  readonly who: ClientSession;
  /** Somebody else, who would take the lines that the sleeping agent has. */
  readonly other: ClientSession;
  readonly send: (content: string) => Promise<void>;
  readonly sessionOf: (who: ClientSession) => Promise<string>;
}

export interface AfterSleeps {
  /** What does not work any more after waking: the tools, the watcher, the hook. */
  readonly stranded: number;
  readonly lostMessages: number;
  /** Another session than before. */
  readonly moved: number;
  /** Reservations that did not outlive a sleep. */
  readonly forgotten: number;
}

const signalAll = (pids: readonly number[], signal: NodeJS.Signals): void => {
  for (const pid of pids) process.kill(pid, signal);
};

/** As a machine that sleeps: nothing of it runs, and its connections stay as they are. */
const sleepFor = async (
  ms: number,
  pids: readonly number[],
  meanwhile: () => Promise<void>,
): Promise<void> => {
  signalAll(pids, 'SIGSTOP');
  try {
    await meanwhile();
    await sleep(ms);
  } finally {
    signalAll(pids.toReversed(), 'SIGCONT');
  }
};

/** Makes a file behind the hook's back, as a shell command does; whether the watcher tells the hub of it. */
const isWatched = async (
  scene: HubScene,
  { cwd }: ClientSession,
  name: string,
  patienceMs = REPORTED_MS_MAX,
): Promise<boolean> => {
  writeFileSync(join(cwd, name), name);
  return waitUntil(async () => {
    const reports = await listAll(scene, 'event.list', { type: 'worktree.reported' });
    return JSON.stringify(reports).includes(`"${name}"`);
  }, patienceMs);
};

const countOf = (...wrong: readonly boolean[]): number => wrong.filter(Boolean).length;

const lookAround = async (
  scene: HubScene,
  world: HookWorld,
  mcp: ActMcp,
  { who, other, sessionOf }: Sleeps,
  session: string,
  words: string,
): Promise<AfterSleeps> => {
  const inbox = await mcp.call('act_inbox').catch(() => '');
  const edited = await world.edit(who, RESERVED_LINE + 10);
  const isTaken = (await world.edit(other, RESERVED_LINE)).includes('"deny"');
  return {
    stranded: countOf(
      !inbox.includes('structuredContent'),
      edited.includes('"deny"') || world.failOpens() > 0,
      !(await isWatched(scene, who, words.replaceAll(' ', '-'))),
    ),
    lostMessages: countOf(!inbox.includes(words)),
    moved: countOf((await sessionOf(who)) !== session),
    forgotten: countOf(!isTaken),
  };
};

const sum = (one: AfterSleeps, two: AfterSleeps): AfterSleeps => ({
  stranded: one.stranded + two.stranded,
  lostMessages: one.lostMessages + two.lostMessages,
  moved: one.moved + two.moved,
  forgotten: one.forgotten + two.forgotten,
});

/**
 * An agent with all that runs beside it, tools over stdio and the watcher that its hook started, on a machine that
 * sleeps: first the hub is elsewhere and goes on, then it sleeps, too, with its database.
 */
export const sleepTwice = async (
  stage: Stage,
  scene: HubScene,
  world: HookWorld,
  sleeps: Sleeps,
): Promise<AfterSleeps> => {
  const { ms, who, send, sessionOf } = sleeps;
  world.watchFromNow();
  await world.hook(who, 'start', { source: 'startup' });
  const mcp = await startActMcp(stage, scene, who);
  const session = await sessionOf(who);
  await world.edit(who, RESERVED_LINE);
  // What is there before its first look the watcher takes for old.
  let edits = 0;
  const isAwake = (): Promise<boolean> => isWatched(scene, who, `awake-${++edits}`, 2_000);
  if (!(await waitUntil(isAwake, REPORTED_MS_MAX))) throw new Error('nothing watches the working tree');
  const beside = [mcp.pid, ...world.watchers()];

  await sleepFor(ms, beside, () => send('told while it slept'));
  const first = await lookAround(scene, world, mcp, sleeps, session, 'told while it slept');
  await sleepFor(ms, [...beside, ...scene.hub.pids()], () => Promise.resolve());
  await send('told after it woke');
  return sum(first, await lookAround(scene, world, mcp, sleeps, session, 'told after it woke'));
};
