import type { Claim, Refusal } from '@agentmix/act-contract';
import { refusal } from '@agentmix/act-contract';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeClaimBook } from './claim-book.ts';
import type { ClaimBook } from './claim-book.ts';

const claim = (taskId: string, epoch: number): Claim => ({
  taskId,
  epoch,
  attempt: 1,
  leaseMs: 1_000,
  reasons: [],
});

describe('the book of claims', () => {
  let lost: [string, Refusal['code']][];
  let book: ClaimBook;
  beforeEach(() => {
    lost = [];
    book = makeClaimBook((taskId, reason) => lost.push([taskId, reason.code]));
  });
  const told = async () => {
    await Promise.resolve();
    return lost;
  };

  it('tells once that a claim the heartbeat does not list is lost', async () => {
    book.grant(claim('a', 1));
    book.grant(claim('b', 4));
    book.reconcile([{ taskId: 'b', epoch: 4 }], book.mark());
    book.reconcile([{ taskId: 'b', epoch: 4 }], book.mark());
    expect(await told()).toEqual([['a', 'stale_epoch']]);
    expect([...book.claims.keys()]).toEqual(['b']);
  });

  it('tells that a claim is lost whose task was granted again', async () => {
    book.grant(claim('a', 1));
    book.reconcile([{ taskId: 'a', epoch: 2 }], book.mark());
    expect(await told()).toEqual([['a', 'stale_epoch']]);
  });

  it('does not miss a claim that was granted after the heartbeat was sent', async () => {
    const mark = book.mark();
    book.grant(claim('a', 1));
    book.reconcile([], mark);
    expect(await told()).toEqual([]);
  });

  it('does not miss a claim that is just being completed', async () => {
    book.grant(claim('a', 1));
    const mark = book.mark();
    await book.endBy('a', () => {
      book.reconcile([], mark);
      return Promise.resolve();
    });
    expect(await told()).toEqual([]);
    book.reconcile([], mark);
    expect(await told()).toEqual([['a', 'stale_epoch']]);
  });

  it('keeps the newer of two grants, and forgets or loses only the one that is meant', async () => {
    book.grant(claim('a', 3));
    book.grant(claim('a', 2));
    book.forget({ taskId: 'a', epoch: 2 });
    book.lose({ taskId: 'a', epoch: 2 }, refusal('stale_epoch'));
    expect(book.claims.get('a')?.epoch).toBe(3);
    book.forget({ taskId: 'a', epoch: 3 });
    expect(book.claims.size).toBe(0);
    expect(await told()).toEqual([]);
  });
});
