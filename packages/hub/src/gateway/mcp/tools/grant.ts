import { refusal } from '@agentmix/act-contract';
import type { Result, Speaker } from '../speaker.ts';

/** What every word about a held task has to show. */
export interface Grant {
  readonly sessionId: string;
  readonly taskId: string;
  readonly epoch: number;
}

/** The grant by which the session holds a task; without an id, of the only task that it holds. */
export const grantOf = async (
  speaker: Speaker,
  sessionId: string,
  taskId: string | undefined,
): Promise<Result<Grant>> => {
  const beat = await speaker.command('agent.heartbeat', { sessionId });
  if (!beat.ok) return beat;
  const held = beat.value.held.filter((one) => taskId === undefined || one.taskId === taskId.toLowerCase());
  const [only] = held;
  if (!only) return { ok: false, refusal: refusal('stale_epoch') };
  return held.length === 1
    ? { ok: true, value: { sessionId, ...only } }
    : { ok: false, refusal: refusal('invalid_input', 'taskId: you hold several tasks') };
};
