import { setTimeout as sleep } from 'node:timers/promises';
import { uuidv7 } from 'uuidv7';
import type { Hub } from '@agentmix/act-client';
import { Recorder } from './history/recorder.ts';
import { recordingRest } from './history/recording-rest.ts';
import type { Address, RawAnswer, RawCall } from './wire/rest.ts';

export interface Contest {
  readonly stageDir: string;
  readonly address: Address;
  /** For what is read. */
  readonly hub: Hub;
  readonly projectId: string;
  readonly taskIds: readonly string[];
  readonly contenders: number;
  /** So many calls in all. */
  readonly operations: number;
}

/** Shorter than an outage, so that many outcomes are unknown. */
const PATIENCE_MS = 300;
const AGAIN_MS = 50;
const TRIES_MAX = 200;
/** Longer than any run: what a session holds it keeps, and every change of a task is a call in the history. */
const LEASE_MS = 900_000;
/** What callers do, by chance: the rest of the cases is reading. */
const SHARES = { claim: 0.35, end: 0.3, stale: 0.1, progress: 0.1 };
const COMPLETED_SHARE = 0.02;
const GIVEN_UP_SHARE = 0.1;

const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(Math.random() * items.length)];

/** One caller with a session of its own, which does one thing after another about tasks that all others want too. */
class Contender {
  readonly #contest: Contest;
  readonly #recorder: Recorder;
  readonly #held = new Map<string, number>();
  readonly #sessionId: string;

  constructor(contest: Contest, recorder: Recorder, sessionId: string) {
    this.#contest = contest;
    this.#recorder = recorder;
    this.#sessionId = sessionId;
  }

  /** Asks until it is answered, but for some calls whose outcome it never learns. */
  async #command(name: RawCall['name'], taskId: string, epoch?: number): Promise<RawAnswer> {
    const { address, projectId } = this.#contest;
    const input = { taskId, sessionId: this.#sessionId, ...(epoch === undefined ? {} : { epoch }) };
    const call = { name, projectId, input, commandId: uuidv7(), patienceMs: PATIENCE_MS };
    for (let tries = 1; ; tries++) {
      const answer = await recordingRest(this.#recorder, address, call);
      if (answer.type !== 'info' || tries === TRIES_MAX || Math.random() < GIVEN_UP_SHARE) return answer;
      await sleep(AGAIN_MS);
    }
  }

  async #claim(taskId: string): Promise<void> {
    const answer = await this.#command('task.claim', taskId);
    // A claim has its epoch by the contract.
    if (answer.type === 'ok') this.#held.set(taskId, (answer.output as { epoch: number }).epoch);
  }

  async #end(taskId: string, epoch: number): Promise<void> {
    const name = Math.random() < COMPLETED_SHARE ? 'task.complete' : 'task.release';
    await this.#command(name, taskId, epoch);
    this.#held.delete(taskId);
  }

  async #read(taskId: string): Promise<void> {
    const { hub, projectId } = this.#contest;
    const call = this.#recorder.invoke('task.get', { taskId });
    const read = await hub
      .query('task.get', projectId, { taskId }, { timeoutMs: PATIENCE_MS })
      .catch(() => undefined);
    if (read?.ok) this.#recorder.end(call, 'task.get', { type: 'ok', output: read.value });
    else this.#recorder.end(call, 'task.get', { type: 'info' });
  }

  async act(): Promise<void> {
    const taskId = pick(this.#contest.taskIds) ?? '';
    const [heldId = taskId, epoch = 1] = pick([...this.#held]) ?? [];
    const chance = Math.random();
    const { claim, end, stale, progress } = SHARES;
    if (chance < claim) await this.#claim(taskId);
    else if (chance < claim + end) await this.#end(heldId, epoch);
    else if (chance < claim + end + stale)
      await this.#command('task.release', heldId, Math.max(1, epoch - 1));
    else if (chance < claim + end + stale + progress) await this.#command('task.progress', heldId, epoch);
    else await this.#read(taskId);
  }
}

/** Lets callers contend for tasks until they made so many calls. Their processes are named after the project. */
export const contend = async (contest: Contest): Promise<void> => {
  let left = contest.operations;
  const run = async (at: number): Promise<void> => {
    const { hub, projectId, stageDir } = contest;
    const registered = await hub.command('agent.register', projectId, {
      agentId: `a${at}`,
      leaseMs: LEASE_MS,
    });
    if (!registered.ok) throw new Error(`no session: ${registered.refusal.code}`);
    const recorder = new Recorder(stageDir, `${projectId}.${at}`);
    const contender = new Contender(contest, recorder, registered.value.sessionId);
    while (left-- > 0) await contender.act();
    recorder.close();
  };
  await Promise.all(Array.from({ length: contest.contenders }, (_, at) => run(at)));
};
