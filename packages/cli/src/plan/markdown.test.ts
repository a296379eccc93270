import { describe, expect, it } from 'vitest';
import { readPlan, type Plan } from './index.ts';

const read = (text: string): Plan => readPlan(text, { fileName: 'PLAN.md' });

const PLAN = `# Shop

## Set up

All of the machines.

- [x] Database (P1) (~1h30m) [key: db]
- [ ] Queue (after: db)
  Use the cheap one.
  - why: cost

## Build (after: set-up)

1. [ ] Cart
\t- [ ] Form
\t- [-] Coupons
* [ ] Pay (after: Cart, nothing)

\`\`\`
- [ ] not a task
\`\`\`
`;

describe('readMarkdown', () => {
  it('reads headings as phases, marks as statuses, and hints at the end of titles', () => {
    const plan = read(PLAN);
    expect(plan.name).toBe('Shop');
    expect(plan.tasks).toEqual([
      {
        key: 'db',
        title: 'Database',
        priority: 1,
        status: 'completed',
        estimateMinutes: 90,
        parent: 'set-up',
        dependsOn: [],
      },
      {
        key: 'set-up/queue',
        title: 'Queue',
        description: 'Use the cheap one.\n- why: cost',
        priority: 2,
        status: 'open',
        parent: 'set-up',
        dependsOn: ['db'],
      },
      {
        key: 'build/cart/form',
        title: 'Form',
        priority: 2,
        status: 'open',
        parent: 'build/cart',
        dependsOn: [],
      },
      {
        key: 'build/cart/coupons',
        title: 'Coupons',
        priority: 2,
        status: 'cancelled',
        parent: 'build/cart',
        dependsOn: [],
      },
      {
        key: 'build/cart',
        title: 'Cart',
        priority: 2,
        status: 'open',
        parent: 'build/cart',
        dependsOn: ['build/cart/form', 'build/cart/coupons'],
      },
      {
        key: 'build/pay',
        title: 'Pay',
        priority: 2,
        status: 'open',
        parent: 'build',
        dependsOn: ['build/cart'],
      },
    ]);
    expect(plan.phases.map(({ key, dependsOn, parent }) => [key, dependsOn, parent])).toEqual([
      ['set-up', [], undefined],
      ['build', ['set-up'], undefined],
      ['build/cart', [], 'build'],
    ]);
    expect(plan.counts).toEqual({ items: 6, edges: 4, importedItems: 6, importedEdges: 3, derivedEdges: 2 });
    expect(plan.skipped).toEqual([
      {
        what: 'edge',
        key: 'build/pay -> nothing (after)',
        line: 17,
        reason: 'depends on nothing, which is not in the file',
      },
    ]);
  });

  it('reads the same with CRLF line ends and a byte order mark', () => {
    expect(read(`\uFEFF${PLAN.replaceAll('\n', '\r\n')}`)).toEqual(read(PLAN));
  });

  it('keeps keys when other lines are added, removed or reordered', () => {
    const keys = (text: string): string[] => read(text).tasks.map((task) => task.key);
    expect(keys('## A\n- [ ] new\n- [ ] one\n\n## B\n- [ ] one\n')).toEqual(['a/new', 'a/one', 'b/one']);
    expect(keys('## B\n- [x] one\n## A\n- [ ] one\n')).toEqual(['b/one', 'a/one']);
    expect(keys('- [ ] same\n- [ ] same\n- [ ] same\n')).toEqual(['same', 'same-2', 'same-3']);
  });

  it('does not put an item under one that a bullet or a paragraph has ended', () => {
    const plan = read('- [ ] a\n- plain\n  - [ ] b\n\ntext\n\n    - [ ] c\n');
    expect(plan.tasks.map(({ key, parent }) => [key, parent])).toEqual([
      ['a', undefined],
      ['b', undefined],
      ['c', undefined],
    ]);
  });

  it('refuses two items with one given key, naming both lines, and a file without items', () => {
    expect(() => read('- [ ] a [key: x]\n- [ ] b [key: x]\n')).toThrow(
      'line 2: the key x is given twice, first on line 1',
    );
    expect(() => read('# Notes\n\nnothing\n')).toThrow(/no check list/);
  });

  it('reads a long line of spaces, brackets and hashes in no time', () => {
    const started = performance.now();
    for (const noise of [' ', '[key: ', '(after: ', '# ', '#', '\t- ']) {
      read(`- [ ] a\n# x${noise.repeat(40_000)}y\n- [ ] z${noise.repeat(40_000)}y\n`);
    }
    // A quarter of a second; a pattern that backtracks would take minutes.
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
