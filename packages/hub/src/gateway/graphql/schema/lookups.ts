import { PAGE_ITEMS_MAX } from '@agentmix/act-contract';
import type { QueryName } from '@agentmix/act-contract';
import { lookups } from '@agentmix/act-contract/graphql';
import type { Target } from '@agentmix/act-contract/graphql';
import DataLoader from 'dataloader';
import type { Called } from '../../calls.ts';
import { failure } from './failure.ts';

type Ask = (name: QueryName, projectId: string, input: unknown) => Promise<Called>;
type Entity = Readonly<Record<string, unknown>>;
interface Page {
  readonly items: readonly Entity[];
  readonly next?: string;
}
interface Key {
  readonly to: Target;
  readonly projectId: string;
  readonly id: string;
}

/** Finds entities by id; undefined where there is none. What is asked for in one turn is found together, and once. */
export type Lookups = (key: Key) => Promise<Entity | undefined>;

type Found = Entity | undefined;

const outputOf = (called: Called): unknown => {
  if (called.ok) return called.output;
  if (called.refusal.code.endsWith('_not_found') && called.refusal.code !== 'project_not_found')
    return undefined;
  throw failure(called.refusal);
};

/** Reads a list until everything that is wanted was in it. */
const findInList = async (ask: Ask, { to, projectId }: Key, ids: readonly string[]): Promise<Found[]> => {
  const found = new Map<unknown, Entity>();
  const missing = new Set(ids);
  let after: string | undefined;
  do {
    const input = { limit: PAGE_ITEMS_MAX, ...(after === undefined ? {} : { after }) };
    // A list of the table: its answer is a page.
    const { items, next } = outputOf(await ask(lookups[to].query, projectId, input)) as Page;
    for (const item of items) if (missing.delete(String(item['id']))) found.set(item['id'], item);
    after = next;
  } while (missing.size > 0 && after !== undefined);
  return ids.map((id) => found.get(id));
};

const findAlone = async (ask: Ask, { to, projectId, id }: Key, narrow: string): Promise<Found> => {
  const output = outputOf(await ask(lookups[to].query, projectId, { [narrow]: id }));
  return to === 'Agent' ? (output as Page).items[0] : (output as Found);
};

const find = async (ask: Ask, keys: readonly Key[]): Promise<(Found | Error)[]> => {
  const [first] = keys;
  if (!first) return [];
  const lookup = lookups[first.to];
  const isAlone = 'narrow' in lookup && (keys.length === 1 || first.to === 'Task');
  const failed = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
  if (isAlone) return Promise.all(keys.map((key) => findAlone(ask, key, lookup.narrow).catch(failed)));
  const ids = keys.map(({ id }) => id);
  return findInList(ask, first, ids).catch((error: unknown) => ids.map(() => failed(error)));
};

const nameOf = ({ to, projectId, id }: Key): string => `${projectId} ${to} ${id}`;

export const makeLookups = (ask: Ask): Lookups => {
  const loader = new DataLoader<Key, Found, string>(
    async (keys) => {
      const groups = new Map<string, Key[]>();
      for (const key of keys) {
        const name = `${key.projectId} ${key.to}`;
        groups.set(name, [...(groups.get(name) ?? []), key]);
      }
      const found = new Map<string, Found | Error>();
      const findGroup = async (group: readonly Key[]): Promise<void> => {
        const answers = await find(ask, group);
        group.forEach((key, index) => found.set(nameOf(key), answers[index]));
      };
      await Promise.all([...groups.values()].map(findGroup));
      return keys.map((key) => found.get(nameOf(key)));
    },
    { cacheKeyFn: nameOf },
  );
  return (key) => loader.load(key);
};
