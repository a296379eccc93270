import { readAct } from './act.ts';
import { readBeads } from './beads.ts';
import { readJson } from './json-tree.ts';
import { PLAN_CHARS_MAX } from './limits.ts';
import { readMarkdown } from './markdown.ts';
import { PlanError, type Plan, type PlanFormat } from './plan.ts';
import { readTaskmaster } from './taskmaster.ts';
import { readYaml } from './yaml-tree.ts';
import type { Tree } from './tree.ts';

/**
 * Reads the text of a plan file. The format is told by the file's name and its text unless it is given. Throws PlanError,
 * and nothing else, for a file that is cut off, malformed, too large, empty, or contradicts itself; then nothing of it
 * may be imported.
 */
export function readPlan(text: string, options: { fileName: string; format?: PlanFormat }): Plan {
  const plain = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (plain.length > PLAN_CHARS_MAX)
    throw new PlanError(`the file is longer than ${PLAN_CHARS_MAX} characters`);
  if (plain.trim() === '') throw new PlanError('the file is empty');
  switch (options.format ?? detectText(plain, options.fileName)) {
    case 'beads':
      return readBeads(plain);
    case 'markdown':
      return readMarkdown(plain);
    case 'taskmaster':
      return readTaskmaster(readJson(plain));
    case 'act':
      return plain.trimStart().startsWith('{') ? readAct(readJson(plain)) : readActYaml(plain);
    case 'json':
      return readJsonPlan(readJson(plain));
  }
}

function readActYaml(text: string): Plan {
  const plan = readAct(readYaml(text));
  // YAML has no end mark: a file cut in the middle of a text is still YAML.
  if (!text.endsWith('\n'))
    plan.notes.push('the file does not end with a line break: check that it is not cut off');
  return plan;
}

/** What the name and the first lines tell; 'json' is told apart by what it holds. */
function detectText(text: string, fileName: string): PlanFormat | 'json' {
  const extension = /\.([a-z]+)$/i.exec(fileName)?.[1]?.toLowerCase();
  if (extension === 'jsonl' || extension === 'ndjson') return 'beads';
  if (extension === 'md' || extension === 'markdown') return 'markdown';
  if (extension === 'yaml' || extension === 'yml') return 'act';
  if (text.trimStart().startsWith('{')) return isJsonLine(text) ? 'beads' : 'json';
  if (extension === 'json') return 'json';
  if (/^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[[ xX/~-]\]/m.test(text)) return 'markdown';
  if (/^(?:name|phases|tasks):/m.test(text)) return 'act';
  throw new PlanError('the format cannot be told: give it as act, beads, taskmaster or markdown');
}

/** Whether the first line is a whole Beads issue. */
function isJsonLine(text: string): boolean {
  const first = text.trimStart().split('\n', 1)[0] ?? '';
  try {
    const tree = readJson(first);
    return tree.kind === 'map' && tree.fields.has('id') && !tree.fields.has('tasks');
  } catch (error) {
    if (error instanceof PlanError) return false;
    throw error;
  }
}

/** ACT names its tasks by `key`, Taskmaster by `id` or below a tag. */
function readJsonPlan(root: Tree): Plan {
  if (root.kind !== 'map') {
    throw new PlanError(
      'a plan in JSON is an object with tasks; for a list of issues use JSON Lines',
      root.line,
    );
  }
  const tasks = root.fields.get('tasks')?.value;
  if (tasks?.kind === 'list') {
    const first = tasks.items[0];
    return first?.kind === 'map' && first.fields.has('id') ? readTaskmaster(root) : readAct(root);
  }
  const tagged = [...root.fields.values()].some(
    ({ value }) => value.kind === 'map' && value.fields.has('tasks'),
  );
  return tagged ? readTaskmaster(root) : readAct(root);
}
