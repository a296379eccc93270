import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PlanError, readPlan, type Plan } from './index.ts';

interface Row {
  to: string;
  type?: string;
}

function issue(id: string, rows: Row[] = [], fields: Record<string, unknown> = {}): string {
  const dependencies = rows.map(({ to, type }) => ({
    issue_id: id,
    depends_on_id: to,
    type: type ?? 'blocks',
  }));
  return JSON.stringify({
    id,
    title: `title of ${id}`,
    status: 'open',
    priority: 1,
    issue_type: 'task',
    dependencies,
    ...fields,
  });
}

const read = (...lines: string[]): Plan => readPlan(lines.join('\n'), { fileName: 'issues.jsonl' });
const child = (to: string): Row => ({ to, type: 'parent-child' });
const dependsOn = (plan: Plan): Record<string, string[]> =>
  Object.fromEntries(plan.tasks.map((task) => [task.key, task.dependsOn]));

describe('readBeads', () => {
  it('makes the issue depend on what blocks it, dependencies first', () => {
    const plan = read(issue('b', [{ to: 'a' }]), issue('a'));
    expect(plan.tasks.map((task) => task.key)).toEqual(['a', 'b']);
    expect(plan.counts).toEqual({ items: 2, edges: 1, importedItems: 2, importedEdges: 1, derivedEdges: 0 });
  });

  it('reports each row that orders nothing, with its line and reason', () => {
    const plan = read(
      issue('a', [
        { to: 'gone' },
        { to: 'b', type: 'discovered-from' },
        { to: 'b' },
        { to: 'b' },
        { to: 'a' },
        { to: 'm' },
      ]),
      issue('b', [child('p'), child('q'), child('gone')]),
      issue('p'),
      issue('q'),
      issue('m', [], { issue_type: 'message' }),
    );
    expect(plan.skipped.map(({ key, line, reason }) => [key, line, reason])).toEqual([
      ['m', 5, 'type message: a message, not work'],
      ['a -> gone (blocks)', 1, 'depends on gone, which is not in the file'],
      ['a -> b (discovered-from)', 1, 'discovered-from is a note, not an order'],
      ['a -> b (blocks)', 1, 'duplicate edge'],
      ['a -> a (blocks)', 1, 'depends on itself'],
      ['a -> m (blocks)', 1, 'm is not imported'],
      ['b -> q (parent-child)', 2, 'has a parent already: p'],
      ['b -> gone (parent-child)', 2, 'its parent gone is not in the file'],
    ]);
    expect(plan.counts).toMatchObject({ items: 5, importedItems: 4, edges: 9, importedEdges: 2 });
  });

  it('makes a parent a phase only, unless an order edge touches it', () => {
    const plan = read(
      issue('e', [], { issue_type: 'epic' }),
      issue('c1', [child('e')]),
      issue('c2', [child('e')]),
    );
    expect(plan.tasks.map(({ key, parent }) => [key, parent])).toEqual([
      ['c1', 'e'],
      ['c2', 'e'],
    ]);
    expect(plan.phases.map((phase) => phase.key)).toEqual(['e']);
    expect(plan.counts.importedItems).toBe(3);
  });

  it('makes a task that depends on an epic wait for the children of the epic', () => {
    const plan = read(
      issue('e'),
      issue('c1', [child('e')]),
      issue('c2', [child('e')]),
      issue('next', [{ to: 'e' }]),
    );
    expect(dependsOn(plan)).toEqual({ c1: [], c2: [], e: ['c1', 'c2'], next: ['e'] });
    expect(plan.tasks.find((task) => task.key === 'e')?.parent).toBe('e');
    expect(plan.counts).toMatchObject({ edges: 3, importedEdges: 3, derivedEdges: 2 });
  });

  it('makes children wait for what their epic waits for, also nested ones', () => {
    const plan = read(
      issue('x'),
      issue('outer', [{ to: 'x' }]),
      issue('inner', [child('outer')]),
      issue('c', [child('inner')]),
    );
    expect(dependsOn(plan)).toEqual({ x: [], c: ['x'], outer: ['x', 'c'] });
    expect(plan.phases.map(({ key, parent }) => [key, parent])).toEqual([
      ['outer', undefined],
      ['inner', 'outer'],
    ]);
  });

  it('keeps the stated edge and notes it where nesting implies the opposite', () => {
    const plan = read(issue('e'), issue('c', [child('e'), { to: 'e' }]));
    expect(dependsOn(plan)).toEqual({ e: [], c: ['e'] });
    expect(plan.notes).toEqual(['e does not wait for c, as its nesting implies: that would close a cycle']);
  });

  it('leaves out the edge that closes a cycle and names the cycle', () => {
    const plan = read(issue('a', [{ to: 'b' }]), issue('b', [{ to: 'c' }]), issue('c', [{ to: 'a' }]));
    expect(dependsOn(plan)).toEqual({ c: [], b: ['c'], a: ['b'] });
    expect(plan.skipped).toEqual([
      { what: 'edge', key: 'c -> a (blocks)', line: 3, reason: 'closes the cycle a -> b -> c -> a' },
    ]);
  });

  it('leaves out the row that makes an item its own ancestor', () => {
    const plan = read(issue('a', [child('b')]), issue('b', [child('a')]));
    expect(plan.skipped[0]?.reason).toBe('closes the cycle of parents b -> a -> … -> b');
    expect(plan.tasks.map((task) => task.key)).toEqual(['a']);
  });

  it('maps statuses, and says where one has no equal', () => {
    const statuses = ['open', 'closed', 'blocked', 'hooked', 'pinned', 'new-one'];
    const plan = read(...statuses.map((status) => issue(status, [], { status })));
    expect(plan.tasks.map((task) => task.status)).toEqual([
      'open',
      'completed',
      'blocked',
      'open',
      'blocked',
      'open',
    ]);
    expect(plan.notes).toHaveLength(3);
  });

  it('refuses a cut-off line and a repeated id by line', () => {
    expect(() => read(issue('a'), issue('b').slice(0, -9))).toThrow(/^line 2: .*cut off/);
    expect(() => read(issue('a'), '', issue('a'))).toThrow(
      'line 3: the key a is given twice, first on line 1',
    );
    expect(() => read(issue('a'), '[1]')).toThrow(PlanError);
  });

  it('accounts for every item and every row of a real project', (context) => {
    const file = resolve(process.env['ACT_DATA'] ?? '../shared/data', 'plans/beads.jsonl');
    if (!existsSync(file)) return context.skip(`${file} is not there; set ACT_DATA`);
    const plan = readPlan(readFileSync(file, 'utf8'), { fileName: file });
    expect(plan.counts).toEqual({
      items: 704,
      edges: 745,
      importedItems: 684,
      importedEdges: 710,
      derivedEdges: 0,
    });
    expect(plan.skipped).toHaveLength(704 - 684 + 745 - 710);
    expect(plan.phases).toHaveLength(39);
    expect(plan.tasks).toHaveLength(645);
    return undefined;
  });
});
