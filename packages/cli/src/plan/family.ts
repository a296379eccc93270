import type { Draft } from './draft.ts';

/** Who contains whom among the drafts; the chains of parents are known to end. */
export interface Family {
  childrenOf: ReadonlyMap<string, readonly string[]>;
  /** Every draft after its parent. */
  fromTop: readonly Draft[];
  isRelated: (one: string, other: string) => boolean;
}

/** Numbers the forest by one walk, so that a question of descent costs two comparisons. */
export function makeFamily(drafts: readonly Draft[]): Family {
  const byKey = new Map(drafts.map((draft) => [draft.key, draft]));
  const childrenOf = new Map<string, string[]>();
  const roots: Draft[] = [];
  for (const draft of drafts) {
    const { parent } = draft;
    if (parent === undefined || !byKey.has(parent)) roots.push(draft);
    else append(childrenOf, parent, draft.key);
  }
  const entered = new Map<string, number>();
  const left = new Map<string, number>();
  const fromTop: Draft[] = [];
  const waiting: { draft: Draft; done: boolean }[] = roots
    .toReversed()
    .map((draft) => ({ draft, done: false }));
  for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
    const { draft, done } = step;
    if (done) {
      left.set(draft.key, fromTop.length);
      continue;
    }
    entered.set(draft.key, fromTop.length);
    fromTop.push(draft);
    waiting.push({ draft, done: true });
    for (const child of (childrenOf.get(draft.key) ?? []).toReversed()) {
      const next = byKey.get(child);
      if (next !== undefined) waiting.push({ draft: next, done: false });
    }
  }
  const contains = (above: string, below: string): boolean => {
    const place = entered.get(below) ?? -1;
    return place >= (entered.get(above) ?? Infinity) && place < (left.get(above) ?? -1);
  };
  return { childrenOf, fromTop, isRelated: (one, other) => contains(one, other) || contains(other, one) };
}

function append(lists: Map<string, string[]>, key: string, item: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
