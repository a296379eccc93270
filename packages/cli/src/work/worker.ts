import { setTimeout as sleep } from 'node:timers/promises';
import { ActRefused, ActUnavailable, createAgent } from '@agentmix/act-client';
import type { ActAgent, Claim, Hub, Result, Task } from '@agentmix/act-client';
import { WAIT_MS_MAX } from '@agentmix/act-contract';
import { Failure } from '../cli/failure.ts';
import type { Guard } from './guard.ts';
import { runClaim } from './run-claim.ts';
import type { ClaimEnd } from './run-claim.ts';
import { isStuck } from './stuck.ts';
import type { WorkLog } from './work-log.ts';

/** With --until-done the question whether anything can still happen is asked this often. */
const UNTIL_DONE_WAIT_MS = 5_000;
/** Nothing held and nothing ready for this long, and the rest waits behind what is parked: nobody will move it. */
const STUCK_AFTER_MS = 10_000;
const AWAY_DELAY_MS = 1_000;
/** Two workers of one name end each other's sessions in turn; so often in so short a time nothing else does it. */
const SESSIONS_MAX = 6;
const SESSIONS_WITHIN_MS = 60_000;

export interface WorkerOptions {
  readonly hub: Hub;
  readonly projectId: string;
  readonly agentId: string;
  readonly name?: string;
  readonly kind: string;
  readonly capabilities: readonly { name: string; level: number }[];
  readonly leaseMs?: number;
  readonly command: readonly string[];
  /** The program is a model: it gets tasks as labelled text. */
  readonly isModel: boolean;
  readonly tasksMax: number;
  readonly untilDone: boolean;
  /** Environment of the program, to which that of the task is added. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly guard: Guard;
  readonly log: WorkLog;
  /** Ends the work: the program is ended, its task given back. */
  readonly stop: AbortSignal;
}

export interface WorkSummary {
  readonly agent: string;
  completed: number;
  released: number;
  failed: number;
  lost: number;
  end: 'stopped' | 'enough' | 'done' | 'stuck';
  /** Of what is stuck: how many tasks wait, and behind how many. */
  stuck?: { readonly waiting: number; readonly parked: number };
}

/** One agent that does tasks with a program. It owns the session and the program that runs. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #agent: ActAgent;
  readonly #summary: WorkSummary;
  #isSessionOver = true;
  #current: { readonly taskId: string; readonly lost: AbortController } | undefined;
  #stuckSince: number | undefined;
  #openedAt: number[] = [];
  #isFresh = true;

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { hub, projectId, agentId, name, kind, leaseMs } = options;
    this.#summary = { agent: agentId, completed: 0, released: 0, failed: 0, lost: 0, end: 'stopped' };
    this.#agent = createAgent({
      hub,
      projectId,
      agentId,
      kind,
      capabilities: [...options.capabilities],
      ...(name === undefined ? {} : { name }),
      ...(leaseMs === undefined ? {} : { leaseMs }),
      onLeaseLost: (taskId, reason) => {
        if (this.#current?.taskId === taskId) this.#current.lost.abort(reason);
      },
      onSessionLost: () => {
        this.#isSessionOver = true;
      },
    });
  }

  /** Works until there is enough of it. Rejects with a Failure when the program cannot be started. */
  async run(): Promise<WorkSummary> {
    const { stop, tasksMax, log } = this.#options;
    let taken = 0;
    try {
      while (!stop.aborted) {
        if (taken >= tasksMax) {
          this.#summary.end = 'enough';
          break;
        }
        const claim = await this.#whenAnswered(() => this.#next());
        if (claim === 'done' || claim === 'stuck') {
          this.#summary.end = claim;
          break;
        }
        if (claim === undefined) continue;
        taken++;
        this.#count(await this.#do(claim));
        this.#isFresh = true;
      }
    } finally {
      await this.#agent.disconnect({ timeoutMs: AWAY_DELAY_MS * 3 }).catch(() => undefined);
    }
    log.end(this.#summary);
    return this.#summary;
  }

  /** While the hub is away it is asked again: a worker outlives its hub. */
  async #whenAnswered<T>(ask: () => Promise<T>): Promise<T | undefined> {
    const { stop, log } = this.#options;
    try {
      return await ask();
    } catch (error) {
      if (stop.aborted) return undefined;
      if (!(error instanceof ActUnavailable)) throw error;
      log.away(error.message);
      await sleep(AWAY_DELAY_MS, undefined, { signal: stop }).catch(() => undefined);
      return undefined;
    }
  }

  async #register(): Promise<void> {
    const now = performance.now();
    this.#openedAt = [...this.#openedAt.filter((at) => now - at < SESSIONS_WITHIN_MS), now];
    if (this.#openedAt.length > SESSIONS_MAX)
      throw new Failure(`the session of ${this.#agent.agentId} is ended again and again`, {
        code: 'agent_in_use',
        hint: 'does another process work as the same agent? Give each a name of its own: --agent NAME',
      });
    await this.#agent.register();
    this.#isSessionOver = false;
    this.#options.log.registered(this.#agent.agentId);
  }

  async #next(): Promise<Claim | 'done' | 'stuck' | undefined> {
    const { stop, untilDone } = this.#options;
    if (this.#isSessionOver) await this.#register();
    // Right after a task the answer may be that all is done, which need not be waited for.
    const waitMs = !untilDone ? WAIT_MS_MAX : this.#isFresh ? 0 : UNTIL_DONE_WAIT_MS;
    this.#isFresh = false;
    const result = await this.#agent.nextTask({ waitMs, signal: stop });
    if (!result.ok) {
      if (result.refusal.code === 'session_expired') return undefined;
      throw new ActRefused('no task was given', result.refusal);
    }
    const { claim, open } = result.value;
    if (claim) {
      this.#stuckSince = undefined;
      return claim;
    }
    if (!untilDone) return undefined;
    return open === 0 ? 'done' : this.#isStuck();
  }

  async #isStuck(): Promise<'stuck' | undefined> {
    const { hub, projectId, stop, log } = this.#options;
    const result = await hub.query('project.snapshot', projectId, {}, { signal: stop });
    if (!result.ok) return undefined;
    const stuck = isStuck(result.value);
    if (stuck === undefined) {
      this.#stuckSince = undefined;
      log.waiting(result.value.counts.ready);
      return undefined;
    }
    this.#stuckSince ??= performance.now();
    if (performance.now() - this.#stuckSince < STUCK_AFTER_MS) return undefined;
    this.#summary.stuck = stuck;
    return 'stuck';
  }

  async #taskOf(claim: Claim): Promise<Task | undefined> {
    if (claim.task) return claim.task;
    const { hub, projectId } = this.#options;
    const result = await hub.query('task.get', projectId, { taskId: claim.taskId });
    return result.ok ? result.value : undefined;
  }

  async #do(claim: Claim): Promise<ClaimEnd> {
    const lost = new AbortController();
    this.#current = { taskId: claim.taskId, lost };
    try {
      const task = await this.#taskOf(claim);
      if (!task) return 'lost';
      return await runClaim({
        ...this.#options,
        agent: this.#agent,
        claim,
        task,
        lost: lost.signal,
        settle: (call) => this.#settle(call),
      });
    } finally {
      this.#current = undefined;
    }
  }

  /** The end of a task is told until the hub has heard it, under one command id. */
  async #settle<T>(call: (commandId?: string) => Promise<Result<T>>): Promise<Result<T> | undefined> {
    const { stop, log } = this.#options;
    let commandId: string | undefined;
    for (;;) {
      try {
        return await call(commandId);
      } catch (error) {
        if (!(error instanceof ActUnavailable)) throw error;
        commandId = error.commandId ?? commandId;
        log.away(error.message);
        if (stop.aborted) return undefined;
        await sleep(AWAY_DELAY_MS, undefined, { signal: stop }).catch(() => undefined);
      }
    }
  }

  #count(end: ClaimEnd): void {
    this.#summary[end]++;
  }
}
