import { describe, expect, it } from 'vitest';
import { readPlan, type Plan } from './index.ts';

const read = (text: string): Plan => readPlan(text, { fileName: 'plan.yaml' });

const PLAN = `name: Shop
phases:
  - { key: build, title: Build }
  - { key: ship, title: Ship, dependsOn: [build] }
tasks:
  - key: deploy
    title: Deploy
    phase: ship
    priority: P0
    estimate: 1h30m
    requires: [docker, { name: kubernetes, level: 2 }]
  - key: 1.10
    title: Write it
    description: |
      In two steps.
    type: feature
    files: [src/a.ts]
    labels: [backend]
    phase: build
    dependsOn: [setup, setup]
  - key: setup
    title: Set up
    estimate: 20
    status: completed
`;

describe('readAct', () => {
  it('reads every field, and orders tasks by their phases too', () => {
    const plan = read(PLAN);
    expect(plan.tasks).toEqual([
      { key: 'setup', title: 'Set up', priority: 2, status: 'completed', estimateMinutes: 20, dependsOn: [] },
      {
        key: '1.10',
        title: 'Write it',
        description: 'In two steps.',
        type: 'feature',
        priority: 2,
        status: 'open',
        filePaths: ['src/a.ts'],
        labels: ['backend'],
        parent: 'build',
        dependsOn: ['setup'],
      },
      {
        key: 'deploy',
        title: 'Deploy',
        priority: 0,
        status: 'open',
        estimateMinutes: 90,
        requires: [{ name: 'docker' }, { name: 'kubernetes', level: 2 }],
        parent: 'ship',
        dependsOn: [],
      },
    ]);
    expect(plan.counts).toEqual({ items: 3, edges: 3, importedItems: 3, importedEdges: 2, derivedEdges: 0 });
    expect(plan.skipped).toEqual([
      { what: 'edge', key: '1.10 -> setup (dependsOn)', line: 20, reason: 'duplicate edge' },
    ]);
  });

  const task = (rest: string): string => `tasks:\n  - key: a\n    title: A\n${rest}`;
  it.each([
    ['an unknown field', task('    colour: red\n'), /^line 4: unknown field colour in a task/],
    ['a field without value', task('    description:\n'), /^line 4: the field description has no value/],
    ['a missing title', 'tasks:\n  - key: a\n', /^line 2: the task a has no title/],
    [
      'a repeated key',
      task('  - key: a\n    title: B\n'),
      /^line 4: the key a is given twice, first on line 2/,
    ],
    [
      'an unknown dependency',
      task('    dependsOn: [b]\n'),
      /^line 4: a depends on b, which is not in the plan/,
    ],
    ['an unknown phase', task('    phase: p\n'), /^line 4: a is in the phase p, which is not in the plan/],
    ['an unknown status', task('    status: done\n'), /^line 4: status must be one of open/],
    ['a priority out of range', task('    priority: 5\n'), /^line 4: priority must be/],
    ['an estimate it cannot read', task('    estimate: soon\n'), /^line 4: estimate must be/],
    ['a task that waits for itself', task('    dependsOn: [a]\n'), /^line 4: a depends on itself/],
    ['a repeated field', task('    title: B\n'), /^line 4: the field title is given twice, first on line 3/],
    ['a text cut off in a quote', task('    description: "abc\n'), /^line \d+: not YAML/],
    ['a list cut off', task('    dependsOn: [a, b\n'), /^line \d+: not YAML/],
    ['an alias', 'tasks: &t\n  - *t\n', /^line 2: \*t is an alias/],
    ['an empty file', ' \n', /the file is empty/],
    ['no tasks', 'tasks: []\n', /holds no task/],
    ['deep nesting', `tasks: ${'['.repeat(20_000)}`, /./],
    [
      'a cycle, naming it',
      task('    dependsOn: [b]\n  - { key: b, title: B, dependsOn: [a] }\n'),
      /cycle, nothing of it can start: a -> b -> a/,
    ],
    [
      'phases and tasks that wait for each other',
      'phases: [{ key: p, title: P }, { key: q, title: Q, dependsOn: [p] }]\n' +
        'tasks: [{ key: a, title: A, phase: p, dependsOn: [b] }, { key: b, title: B, phase: q }]\n',
      /cycle, nothing of it can start: a -> b -> start of phase q -> end of phase p -> a/,
    ],
  ])('refuses %s', (_name, text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  it('takes __proto__ for a name like any other', () => {
    const plan = readPlan('{"tasks":[{"key":"__proto__","title":"constructor"}]}', { fileName: 'plan.json' });
    expect(plan.tasks[0]?.key).toBe('__proto__');
    expect(() => readPlan('{"__proto__":1,"tasks":[]}', { fileName: 'plan.json' })).toThrow(
      /unknown field __proto__/,
    );
  });

  it('cuts long texts and removes control characters with a note', () => {
    const long = 'x'.repeat(300);
    const file = {
      tasks: [
        { key: 'a', title: long, description: 'y\u0000'.repeat(16_384) },
        { key: 'b', title: 'a\uD800b' },
      ],
    };
    const plan = readPlan(JSON.stringify(file), { fileName: 'plan.json' });
    expect(plan.tasks[0]?.title).toHaveLength(255);
    expect(plan.tasks[0]?.description?.startsWith(`${long}\n\nyyy`)).toBe(true);
    expect(plan.tasks[0]?.description).toHaveLength(16_384);
    expect(plan.tasks[1]?.title).toBe('ab');
    expect(plan.notes).toHaveLength(4);
  });

  it('refuses more tasks than the limit', () => {
    const tasks = Array.from({ length: 10_001 }, (_, index) => ({ id: index, title: 't' }));
    expect(() => readPlan(JSON.stringify({ tasks }), { fileName: 'tasks.json' })).toThrow(/10001 items/);
  });
});
