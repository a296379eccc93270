import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { given, happened as h, id } from '../../testing/src/given.ts';
import { describeCycle, emptyDraft, findCycle, graphOf, taskNode } from './graph.ts';

const graphFrom = (edges: Readonly<Record<string, readonly string[]>>) => ({
  next: (node: string): readonly string[] => edges[node] ?? [],
});

/** Whether a circle can be reached, by taking away again and again what waits for nothing that is left. */
const hasCycle = (edges: Readonly<Record<string, readonly string[]>>): boolean => {
  const left = new Set(Object.keys(edges));
  for (let size = -1; size !== left.size;) {
    size = left.size;
    for (const node of left) if (!(edges[node] ?? []).some((to) => left.has(to))) left.delete(node);
  }
  return left.size > 0;
};

describe('findCycle', () => {
  it('finds none where there is none', () => {
    expect(findCycle(graphFrom({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }), ['a'])).toBeUndefined();
  });
  it('gives the circle alone, without the way to it', () => {
    expect(findCycle(graphFrom({ a: ['b'], b: ['c'], c: ['d'], d: ['b'] }), ['a'])).toEqual(['b', 'c', 'd']);
  });
  it('finds a node that waits for itself', () => {
    expect(findCycle(graphFrom({ a: ['a'] }), ['a'])).toEqual(['a']);
  });
  it('goes as deep as 50,000 nodes', () => {
    const size = 50_000;
    const next = (node: string): string[] => [String((Number(node) + 1) % size)];
    expect(findCycle({ next }, ['0'])).toHaveLength(size);
  });
  it('finds a true circle exactly when there is one', () => {
    const nodes = ['a', 'b', 'c', 'd', 'e', 'f'];
    const edges = fc.record(
      Object.fromEntries(
        nodes.map((node) => [node, fc.uniqueArray(fc.constantFrom(...nodes), { maxLength: 2 })]),
      ),
    );
    fc.assert(
      fc.property(edges, (given) => {
        const cycle = findCycle(graphFrom(given), nodes);
        expect(cycle !== undefined).toBe(hasCycle(given));
        cycle?.forEach((node, at) => expect(given[node]).toContain(cycle[(at + 1) % cycle.length]));
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('the graph of a project', () => {
  const events = [
    h.project(),
    h.phase(31, [], { key: 'A' }),
    h.phase(32, [31]),
    h.task(21, { phaseId: id(31), key: 'a' }),
    h.task(22, { phaseId: id(32), status: 'pending', title: 'second' }),
    h.waiting(23, [21]),
  ];
  const nextOf = (node: string, draft = emptyDraft()) => [
    ...graphOf(given(...events).state, draft).next(node),
  ];

  it('leads from a task to its open dependencies and to the phases its phase waits for', () => {
    expect(nextOf(taskNode(id(23)))).toEqual([`task:${id(21)}`]);
    expect(nextOf(taskNode(id(22)))).toEqual([`phase:${id(31)}`]);
  });
  it('leads from a phase to its open tasks, drafted ones included', () => {
    const draft = emptyDraft();
    draft.phaseOf.set('new', id(31));
    expect(nextOf(`phase:${id(31)}`, draft)).toEqual([`task:${id(21)}`, 'task:new']);
  });
  it('leads to nothing closed', () => {
    const { state } = given(...events, { type: 'task.cancelled', data: { taskId: id(21) } });
    expect([...graphOf(state, emptyDraft()).next(taskNode(id(23)))]).toEqual([]);
  });
  it('names a circle by keys, then titles and names, then what the caller knows', () => {
    const { state } = given(...events);
    const cycle = [taskNode(id(21)), taskNode(id(22)), `phase:${id(31)}`, `phase:${id(32)}`, taskNode('new')];
    expect(describeCycle(state, cycle, new Map([['new', 'mine']]))).toBe(
      'a → second → A → phase 32 → mine → a',
    );
  });
});
