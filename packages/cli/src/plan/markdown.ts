import { parseMinutes } from './act-fields.ts';
import { assemble } from './assemble.ts';
import { makeSheet, type Draft, type DraftEdge } from './draft.ts';
import { cleanKey, cleanTexts } from './limits.ts';
import { readBlocks, type Block } from './markdown-blocks.ts';
import { PlanError, type Plan } from './plan.ts';
import { pathKey, slugOf } from './slug.ts';

/** A block with the key it gets in the plan. */
interface Named extends Block {
  key: string;
}

/**
 * Reads the check lists of a Markdown file. Headings become phases, the first top-level one before any item the plan's
 * name; an item with items below it becomes a phase, and a task too if something waits for it or it for something. An
 * item's key is given by `[key: x]` or made from the path of titles above it, so that it survives edits elsewhere.
 */
export function readMarkdown(text: string): Plan {
  const { name, blocks } = readBlocks(text);
  const named = nameBlocks(blocks);
  const sheet = makeSheet('markdown');
  if (name !== undefined) sheet.name = cleanTexts('name', name, undefined, sheet.notes).title;
  for (const block of named) {
    const parent = block.parent === undefined ? undefined : named[block.parent]?.key;
    const texts = cleanTexts(block.key, block.hints.title, block.description.join('\n').trim(), sheet.notes);
    const common = { key: block.key, ...texts, ...(parent === undefined ? {} : { parent }) };
    if (block.status === undefined) sheet.phases.push({ ...common, dependsOn: [] });
    else sheet.drafts.push(toDraft(block, common, block.status));
  }
  if (sheet.drafts.length === 0)
    throw new PlanError('the file holds no check list: no line such as "- [ ] a task"');
  sheet.edges = readEdges(named);
  return assemble(sheet);
}

function toDraft(
  block: Named,
  common: Pick<Draft, 'key' | 'title' | 'description' | 'parent'>,
  status: Draft['status'],
): Draft {
  const minutes = parseMinutes(block.hints.estimate ?? '');
  return {
    ...common,
    line: block.line,
    priority: block.hints.priority ?? 2,
    status,
    ...(minutes === undefined ? {} : { estimateMinutes: minutes }),
  };
}

/** Given keys first, so that they win over made ones; a made key that is taken gets -2, -3 in the order of the file. */
function nameBlocks(blocks: readonly Block[]): Named[] {
  const given = new Map<string, number>();
  for (const { hints, line } of blocks) {
    if (hints.key === undefined) continue;
    const key = cleanKey(hints.key, line);
    const first = given.get(key);
    if (first !== undefined)
      throw new PlanError(`the key ${key} is given twice, first on line ${first}`, line);
    given.set(key, line);
  }
  const taken = new Set(given.keys());
  const nextNumber = new Map<string, number>();
  const paths: string[][] = [];
  return blocks.map((block) => {
    const { hints, line, parent } = block;
    const path = [...(parent === undefined ? [] : (paths[parent] ?? [])), slugOf(hints.key ?? hints.title)];
    // A long path is folded at once: a chain of nested items would else copy ever longer paths.
    const base = pathKey(path);
    paths.push(base.split('/'));
    if (hints.key !== undefined) return { ...block, key: cleanKey(hints.key, line) };
    let key = base;
    for (let number = nextNumber.get(base) ?? 2; taken.has(key); number += 1) {
      key = `${base}-${number}`;
      nextNumber.set(base, number + 1);
    }
    taken.add(key);
    return { ...block, key };
  });
}

/** `(after: a)` names a key, or the title of exactly one item (or heading) as a slug. */
function readEdges(named: readonly Named[]): DraftEdge[] {
  const byKey = new Map(named.map((block) => [block.key, block]));
  const byTitle = new Map<string, Named[]>();
  for (const block of named) {
    const slug = slugOf(block.hints.title);
    const alike = byTitle.get(slug);
    if (alike === undefined) byTitle.set(slug, [block]);
    else alike.push(block);
  }
  return named.flatMap((block) =>
    block.hints.after
      .filter((name) => name !== '')
      .map((name) => {
        const key = cleanKey(name, block.line);
        const exact = byKey.get(key);
        const alike = exact === undefined ? (byTitle.get(slugOf(name)) ?? []) : [exact];
        return makeEdge(block, key, alike);
      }),
  );
}

function makeEdge(block: Named, name: string, found: readonly Named[]): DraftEdge {
  const isPhase = block.status === undefined;
  const sameKind = found.filter((other) => (other.status === undefined) === isPhase);
  const edge = { from: block.key, to: sameKind[0]?.key ?? name, type: 'after', line: block.line };
  if (sameKind.length > 1) {
    return {
      ...edge,
      to: name,
      rule: { as: 'none', reason: `${name} is the title of ${sameKind.length} items` },
    };
  }
  if (sameKind.length === 0 && found.length > 0) {
    const reason = isPhase
      ? `${name} is an item; a heading waits for headings`
      : `${name} is a heading; an item waits for items`;
    return { ...edge, rule: { as: 'none', reason } };
  }
  return { ...edge, rule: { as: isPhase ? 'phase' : 'order' } };
}
