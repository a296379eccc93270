import { describe, expect, it } from 'vitest';
import { readPlan, type Plan } from './index.ts';

const read = (value: unknown): Plan => readPlan(JSON.stringify(value, null, 2), { fileName: 'tasks.json' });
const dependsOn = (plan: Plan): Record<string, string[]> =>
  Object.fromEntries(plan.tasks.map((task) => [task.key, task.dependsOn]));

const setup = {
  id: 1,
  title: 'set up',
  description: 'd',
  details: 'how',
  testStrategy: 'run',
  status: 'done',
  priority: 'high',
};
const login = {
  id: 2,
  title: 'log in',
  status: 'pending',
  dependencies: [1],
  subtasks: [
    { id: 1, title: 'form', status: 'in-progress' },
    { id: 2, title: 'check', status: 'deferred', dependencies: [1] },
    { id: 3, title: 'docs', status: 'cancelled', dependencies: ['2.2', '1'] },
  ],
};

describe('readTaskmaster', () => {
  it('reads the old shape and the main tag into the same plan', () => {
    expect(read({ tasks: [setup, login] })).toEqual(
      read({ master: { tasks: [setup, login], metadata: { version: 1 } } }),
    );
  });

  it('reads the dependencies of subtasks as siblings and makes them wait for what the parent waits for', () => {
    const plan = read({ tasks: [setup, login] });
    expect(dependsOn(plan)).toEqual({
      '1': [],
      '2.1': ['1'],
      '2.2': ['2.1', '1'],
      '2.3': ['2.2', '2.1'],
      '2': ['1', '2.1', '2.2', '2.3'],
    });
    expect(plan.phases.map((phase) => phase.key)).toEqual(['2']);
    expect(plan.counts).toEqual({ items: 5, edges: 4, importedItems: 5, importedEdges: 4, derivedEdges: 5 });
  });

  it('maps statuses and priorities and joins the texts', () => {
    const plan = read({ tasks: [setup, login] });
    expect(plan.tasks[0]).toEqual({
      key: '1',
      title: 'set up',
      description: 'd\n\n## Details\n\nhow\n\n## Test strategy\n\nrun',
      priority: 1,
      status: 'completed',
      dependsOn: [],
    });
    expect(plan.tasks.map((task) => task.status)).toEqual([
      'completed',
      'open',
      'blocked',
      'cancelled',
      'open',
    ]);
  });

  it('keeps tags apart by a prefix and a label', () => {
    const plan = read({
      master: { tasks: [setup] },
      next: {
        tasks: [
          { ...setup, dependencies: ['2'] },
          { id: 2, title: 'two' },
        ],
      },
    });
    expect(dependsOn(plan)).toEqual({ '1': [], 'next/2': [], 'next/1': ['next/2'] });
    expect(plan.tasks[1]?.labels).toEqual(['next']);
  });

  it('tells 2.1 from 2.10 when they are written as numbers', () => {
    const subtasks = Array.from({ length: 10 }, (_, index) => ({ id: index + 1, title: `s${index + 1}` }));
    const text = JSON.stringify({
      tasks: [
        { id: 2, title: 'p', subtasks },
        { id: 3, title: 'q', dependencies: ['@'] },
      ],
    });
    const plan = readPlan(text.replace('"@"', '2.10'), { fileName: 'tasks.json' });
    expect(plan.tasks.at(-1)?.dependsOn).toEqual(['2.10']);
  });

  it('skips what is missing or closes a cycle, and refuses a cut-off file', () => {
    const plan = read({
      tasks: [
        { id: 1, title: 'a', dependencies: [2, 9] },
        { id: 2, title: 'b', dependencies: [1] },
      ],
    });
    expect(plan.skipped.map((entry) => entry.reason)).toEqual([
      'depends on 9, which is not in the file',
      'closes the cycle 1 -> 2 -> 1',
    ]);
    const text = JSON.stringify({ tasks: [setup] }, null, 2);
    expect(() => readPlan(text.slice(0, -4), { fileName: 'tasks.json' })).toThrow(/^line \d+: .*cut off/);
  });
});
