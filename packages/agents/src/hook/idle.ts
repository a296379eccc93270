import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Reply } from '../happening.ts';
import { briefingOf, hasWorked, urgentMail } from './moments.ts';
import type { HookContext } from './moments.ts';
import { workText } from './texts.ts';

/** A query of some 2 ms at the hub, so 32 idle agents take a hundredth of its time. */
const LOOK_EVERY_MS = 5_000;
/** A little less than its client allows it. */
const IDLE_MS_MAX = 86_000_000;

/** One process at most waits for an agent: the one whose mark this is. */
const markFile = (sessionFile: string): string => sessionFile.replace(/json$/, 'idle');

/** Ends the waiting: the agent is at work, or its session is over. */
export const endIdle = (sessionFile: string): void => rmSync(markFile(sessionFile), { force: true });

/** Marks that this process waits; the answer tells whether it still should. */
const leaveMark = (sessionFile: string): (() => boolean) => {
  const file = markFile(sessionFile);
  const mark = String(process.pid);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, mark, { mode: 0o600 });
  return () => {
    try {
      return readFileSync(file, 'utf8') === mark;
    } catch {
      return false;
    }
  };
};

type TaskWatch = (context: HookContext) => Promise<string | undefined>;

/** Tells an agent that worked here of tasks that became ready since it stopped; those it left then are not told again. */
const watchTasks = async (context: HookContext): Promise<TaskWatch> => {
  if (!(await hasWorked(context))) return () => Promise.resolve(undefined);
  let { ready: fewest } = (await briefingOf(context)).counts;
  return async (now) => {
    const briefing = await briefingOf(now);
    const { ready } = briefing.counts;
    const isMore = ready > fewest;
    fewest = Math.min(fewest, ready);
    return isMore && briefing.held.count === 0 ? workText(briefing) : undefined;
  };
};

/**
 * Waits beside an idle agent until there is urgent mail for it, or new work if it has done some: what it answers wakes
 * the agent. Nothing is taken from the inbox once the client has gone, so that nobody is told that it was read.
 * @param look What a hook needs, anew for each look; undefined once the repository is not joined any more.
 * @param clientId The process that started this one; another one takes its place when the client dies.
 */
export const waitIdle = async (
  look: () => HookContext | undefined,
  clientId: () => number,
): Promise<Reply> => {
  const client = clientId();
  const first = look();
  if (!first) return {};
  const isMarked = leaveMark(first.sessionFile);
  let newTasks: TaskWatch | undefined;
  const end = performance.now() + IDLE_MS_MAX;
  while (performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const context = look();
    if (!context || !isMarked() || clientId() !== client) return {};
    try {
      newTasks ??= await watchTasks(context);
      const goOn = (await urgentMail(context)) ?? (await newTasks(context));
      if (goOn !== undefined) return { goOn };
    } catch {
      // The hub is away. No edit goes unchecked by that, and it is asked again.
    }
  }
  return {};
};
