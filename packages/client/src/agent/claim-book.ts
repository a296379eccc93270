import { refusal } from '@agentmix/act-contract';
import type { Claim, Refusal } from '@agentmix/act-contract';
import type { TaskID } from './types.ts';

export interface Grant {
  readonly taskId: TaskID;
  readonly epoch: number;
}

/** What an agent thinks it holds, and the telling, once per claim, that it does not. */
export interface ClaimBook {
  readonly claims: ReadonlyMap<TaskID, Claim>;
  grant(claim: Claim): void;
  /** Gives a claim back or completes it; meanwhile a heartbeat may rightly not list it. */
  endBy<T>(taskId: TaskID, end: () => Promise<T>): Promise<T>;
  forget(grant: Grant): void;
  /** The hub said that this grant is over. */
  lose(grant: Grant, reason: Refusal): void;
  loseAll(reason: Refusal): void;
  /** To be taken before a heartbeat is sent. */
  mark(): number;
  /** Compares with the grants of a heartbeat sent at the mark; claims granted since then it cannot know. */
  reconcile(held: readonly Grant[], mark: number): void;
}

export const makeClaimBook = (onLost: (taskId: TaskID, reason: Refusal) => void): ClaimBook => {
  const claims = new Map<TaskID, Claim>();
  const grantedAt = new Map<TaskID, number>();
  const ending = new Map<TaskID, number>();
  let tick = 0;
  const remove = (taskId: TaskID): void => {
    claims.delete(taskId);
    grantedAt.delete(taskId);
  };
  const lose = (grant: Grant, reason: Refusal): void => {
    if (claims.get(grant.taskId)?.epoch !== grant.epoch) return;
    remove(grant.taskId);
    // In its own turn: what the callback throws is the program's failure, not the heartbeat's.
    queueMicrotask(() => onLost(grant.taskId, reason));
  };
  return {
    claims,
    grant(claim) {
      const known = claims.get(claim.taskId);
      if (known && known.epoch > claim.epoch) return;
      claims.set(claim.taskId, claim);
      grantedAt.set(claim.taskId, ++tick);
    },
    async endBy(taskId, end) {
      ending.set(taskId, (ending.get(taskId) ?? 0) + 1);
      try {
        return await end();
      } finally {
        const left = (ending.get(taskId) ?? 1) - 1;
        if (left === 0) ending.delete(taskId);
        else ending.set(taskId, left);
      }
    },
    forget(grant) {
      if (claims.get(grant.taskId)?.epoch === grant.epoch) remove(grant.taskId);
    },
    lose,
    loseAll(reason) {
      for (const claim of claims.values()) lose(claim, reason);
    },
    mark: () => ++tick,
    reconcile(held, mark) {
      const epochs = new Map(held.map((one) => [one.taskId, one.epoch]));
      for (const claim of claims.values()) {
        if ((grantedAt.get(claim.taskId) ?? 0) > mark || ending.has(claim.taskId)) continue;
        if (epochs.get(claim.taskId) === claim.epoch) continue;
        lose(claim, refusal('stale_epoch', 'the hub’s heartbeat no longer lists this grant'));
      }
    },
  };
};
