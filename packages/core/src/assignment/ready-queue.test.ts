import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TaskState } from '../state.ts';
import { ReadyQueue } from './ready-queue.ts';
import type { IsBefore } from './ready-queue.ts';

const taskOf = (order: number): TaskState => ({ id: `${order}`, order, urgency: order % 3 }) as TaskState;
const byUrgency: IsBefore = (a, b) => (a.urgency !== b.urgency ? a.urgency < b.urgency : a.order < b.order);
const byOrder: IsBefore = (a, b) => a.order < b.order;

it('is what a sorted list is, whatever comes and goes', () => {
  // Large runs, so that pieces are divided and vanish.
  const run = fc.tuple(fc.nat({ max: 5_000 }), fc.integer({ min: 1, max: 1_500 }), fc.boolean());
  fc.assert(
    fc.property(fc.array(run, { maxLength: 8 }), fc.boolean(), (runs, isReordered) => {
      const queue = new ReadyQueue();
      const tasks = new Map<number, TaskState>();
      for (const [from, count, isAdded] of runs)
        for (let order = from; order < from + count; order++) {
          const task = tasks.get(order) ?? taskOf(order);
          if (isAdded === tasks.has(order)) continue;
          if (isAdded) queue.add(task, byUrgency);
          else queue.delete(task, byUrgency);
          if (isAdded) tasks.set(order, task);
          else tasks.delete(order);
        }
      const isBefore = isReordered ? byOrder : byUrgency;
      if (isReordered) queue.sort(byOrder);
      const sorted = [...tasks.values()].sort((a, b) => (isBefore(a, b) ? -1 : 1));
      expect(queue.all()).toEqual(sorted.toReversed());
      expect([0, 1, 600, sorted.length].map((rank) => queue.at(rank))).toEqual(
        [0, 1, 600, sorted.length].map((rank) => sorted[rank]),
      );
    }),
    { numRuns: 60 },
  );
});

it('refuses to take out what is not in it', () => {
  const queue = new ReadyQueue();
  expect(() => queue.delete(taskOf(1), byOrder)).toThrow('task 1 is not where its order says');
  queue.add(taskOf(2), byOrder);
  expect(() => queue.delete(taskOf(1), byOrder)).toThrow();
});
