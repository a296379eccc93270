import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { PlanError, readPlan, type Plan, type PlanFormat } from './index.ts';
import { readJson } from './json-tree.ts';
import type { Tree } from './tree.ts';

const FORMATS: PlanFormat[] = ['act', 'beads', 'taskmaster', 'markdown'];

/** Back into our own format. */
function toFile(plan: Plan): object {
  return {
    ...(plan.name === undefined ? {} : { name: plan.name }),
    phases: plan.phases,
    tasks: plan.tasks.map(({ parent, filePaths, estimateMinutes, ...task }) => ({
      ...task,
      ...(parent === undefined ? {} : { phase: parent }),
      ...(filePaths === undefined ? {} : { files: filePaths }),
      ...(estimateMinutes === undefined ? {} : { estimate: estimateMinutes }),
    })),
  };
}

function expectSound(plan: Plan): void {
  const { counts, skipped } = plan;
  const skippedItems = skipped.filter((entry) => entry.what === 'item').length;
  expect(counts.items).toBe(counts.importedItems + skippedItems);
  expect(counts.edges).toBe(counts.importedEdges + skipped.length - skippedItems);
  const seen = new Set<string>();
  const phases = new Set(plan.phases.map((phase) => phase.key));
  for (const task of plan.tasks) {
    for (const key of task.dependsOn) expect(seen.has(key)).toBe(true);
    expect(new Set(task.dependsOn).size).toBe(task.dependsOn.length);
    expect(seen.has(task.key)).toBe(false);
    expect(task.parent === undefined || phases.has(task.parent)).toBe(true);
    expect(task.title.length).toBeLessThanOrEqual(255);
    seen.add(task.key);
  }
  // Our own format refuses any deadlock of tasks and phases, so this is the proof that there is none.
  const again = readPlan(JSON.stringify(toFile(plan)), { fileName: 'plan.json', format: 'act' });
  expect({ tasks: again.tasks, phases: again.phases }).toEqual({ tasks: plan.tasks, phases: plan.phases });
  const yaml = readPlan(stringify(toFile(plan)), { fileName: 'plan.yaml' });
  expect({ tasks: yaml.tasks, phases: yaml.phases }).toEqual({ tasks: plan.tasks, phases: plan.phases });
}

const id = fc.integer({ min: 0, max: 11 }).map((number) => `i${number}`);
const status = fc.constantFrom('open', 'closed', 'blocked', 'hooked', 'odd');
const row = fc.record({
  depends_on_id: id,
  type: fc.constantFrom('blocks', 'blocks', 'parent-child', 'tracks'),
});
const beads = fc
  .uniqueArray(
    fc.record({
      id,
      title: fc.string({ unit: 'binary', maxLength: 300 }),
      description: fc.string(),
      status,
      priority: fc.integer({ min: 0, max: 4 }),
      issue_type: fc.constantFrom('task', 'epic', 'bug', 'message'),
      labels: fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 }),
      dependencies: fc.array(row, { maxLength: 5 }),
    }),
    { minLength: 1, selector: (issue) => issue.id },
  )
  .map((issues) => issues.map((issue) => JSON.stringify(issue)).join('\n'));

const checkLine = fc
  .tuple(
    fc.constantFrom('', '  ', '\t', '    '),
    fc.constantFrom('- [ ] ', '* [x] ', '1. [ ] ', '- ', '## ', '### ', '', '```', '# '),
    fc.constantFrom('one', 'two', 'three', '🙂', ''),
    fc.constantFrom('', ' (after: one)', ' (after: two, three)', ' (P1)', ' (~2h)', ' (after: a/b)'),
  )
  .map((parts) => parts.join(''));
const markdown = fc.array(checkLine, { minLength: 1, maxLength: 30 }).map((lines) => lines.join('\n'));

const taskId = fc.integer({ min: 1, max: 6 });
const dependencies = fc.array(fc.oneof(taskId, fc.constantFrom('1', '2.1', '3.2', '7')), { maxLength: 4 });
const taskmasterTask = {
  title: fc.string({ maxLength: 20 }),
  status: fc.constantFrom('pending', 'done'),
  dependencies,
};
const subtasks = fc.uniqueArray(fc.record({ id: taskId, ...taskmasterTask }), {
  selector: (task) => task.id,
  maxLength: 4,
});
const taskmaster = fc
  .uniqueArray(fc.record({ id: taskId, ...taskmasterTask, subtasks }), {
    selector: (task) => task.id,
    minLength: 1,
  })
  .map((tasks) => JSON.stringify({ tasks }));

function readOrPlanError(text: string, fileName: string, format?: PlanFormat): Plan | undefined {
  try {
    return readPlan(text, format === undefined ? { fileName } : { fileName, format });
  } catch (error) {
    expect(error).toBeInstanceOf(PlanError);
    return undefined;
  }
}

describe('readPlan', () => {
  it('accounts for everything, orders tasks and round-trips, from Beads', () => {
    fc.assert(
      fc.property(beads, (text) => {
        const plan = readOrPlanError(text, 'a.jsonl');
        // A file of messages alone is a plan without tasks, which our own format refuses.
        if (plan !== undefined && plan.tasks.length > 0) expectSound(plan);
      }),
      { numRuns: 300 },
    );
  });

  it('accounts for everything, orders tasks and round-trips, from Taskmaster', () => {
    fc.assert(
      fc.property(taskmaster, (text) => expectSound(readPlan(text, { fileName: 'tasks.json' }))),
      { numRuns: 300 },
    );
  });

  it('accounts for everything, orders tasks and round-trips, from Markdown', () => {
    fc.assert(
      fc.property(markdown, (text) => {
        const plan = readOrPlanError(text, 'a.md');
        if (plan !== undefined) expectSound(plan);
      }),
      { numRuns: 300 },
    );
  });

  it('throws nothing but PlanError, on any text and any truncation', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), beads, markdown, taskmaster);
    fc.assert(
      fc.property(text, fc.nat(), fc.constantFrom(undefined, ...FORMATS), (whole, cut, format) => {
        readOrPlanError(whole, 'plan', format);
        readOrPlanError(whole.slice(0, cut % (whole.length + 1)), 'plan.json', format);
      }),
      { numRuns: 1_000 },
    );
  });

  it('refuses every truncation of a JSON plan', () => {
    fc.assert(
      fc.property(taskmaster, fc.nat(), (whole, cut) => {
        expect(readOrPlanError(whole.slice(0, cut % whole.length), 'tasks.json')).toBeUndefined();
      }),
    );
  });

  it('reads JSON as JSON.parse does', () => {
    const toValue = (tree: Tree): unknown => {
      if (tree.kind === 'map')
        return Object.fromEntries([...tree.fields].map(([name, { value }]) => [name, toValue(value)]));
      if (tree.kind === 'list') return tree.items.map(toValue);
      return tree.kind === 'null' ? null : tree.value;
    };
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        expect(toValue(readJson(text))).toEqual(JSON.parse(text));
      }),
    );
    for (const bad of [
      '{"a":1,}',
      '[1 2]',
      '01',
      '1.',
      'nul',
      '"\\x"',
      '"a\nb"',
      '{}{}',
      '{a:1}',
      "'a'",
      '+1',
      '',
    ]) {
      expect(() => readJson(bad)).toThrow(PlanError);
    }
  });

  it.each<[PlanFormat, string, string]>([
    ['beads', 'export', '{"id":"a","title":"A"}\n'],
    ['taskmaster', 'tasks.json', '{"tasks":[{"id":1,"title":"A"}]}'],
    ['taskmaster', 'tasks.json', '{"master":{"tasks":[{"id":1,"title":"A"}]}}'],
    ['act', 'plan.json', '{"tasks":[{"key":"a","title":"A"}]}'],
    ['act', 'plan', 'tasks:\n  - { key: a, title: A }\n'],
    ['markdown', 'plan.txt', '1. [ ] A\n'],
  ])('tells %s by name and text of %s', (format, fileName, text) => {
    expect(readPlan(text, { fileName })).toMatchObject({ format, counts: { importedItems: 1 } });
  });

  it('reads the largest plan, all in one cycle, within seconds', () => {
    const count = 10_000;
    const lines = Array.from({ length: count }, (_, index) => {
      const dependencies = Array.from({ length: 12 }, (_unused, step) => ({
        depends_on_id: `i${(index + step * 7 + 1) % count}`,
        type: step === 0 && index > 0 ? 'parent-child' : 'blocks',
      }));
      return JSON.stringify({ id: `i${index}`, title: 't', dependencies });
    });
    const started = performance.now();
    const plan = readPlan(lines.join('\n'), { fileName: 'big.jsonl' });
    expect(plan.counts.edges).toBe(count * 12);
    expect(performance.now() - started).toBeLessThan(20_000);
  }, 30_000);
});
