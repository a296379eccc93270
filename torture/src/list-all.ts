import type { QueryArguments, QueryOutput } from '@agentmix/act-client';
import type { QueryName } from '@agentmix/act-contract';
import type { Scene } from './scene.ts';

type Listing = Extract<QueryName, `${string}.list`>;
type ItemOf<N extends Listing> = QueryOutput<N> extends { items: (infer I)[] } ? I : never;

/** All items of a list, a page at a time. */
export const listAll = async <N extends Listing>(
  { quiet, projectId }: Scene,
  name: N,
  input: QueryArguments<N>,
): Promise<ItemOf<N>[]> => {
  const items: ItemOf<N>[] = [];
  let after: unknown;
  do {
    const from = after === undefined ? {} : { after };
    // Every list takes a limit and where to go on.
    const page = await quiet.query(name, projectId, {
      ...(input as object),
      limit: 200,
      ...from,
    } as QueryArguments<N>);
    if (!page.ok) throw new Error(`${name}: ${page.refusal.code}`);
    // Every list of the contract has items and, while there are more, where to go on.
    const { items: found, next } = page.value as { items: ItemOf<N>[]; next?: unknown };
    items.push(...found);
    after = next;
  } while (after !== undefined);
  return items;
};
