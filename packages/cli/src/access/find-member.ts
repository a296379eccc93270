import type { QueryOutput } from '@agentmix/act-client';
import { PAGE_ITEMS_MAX, Uuid } from '@agentmix/act-contract';
import { Failure } from '../cli/failure.ts';
import type { AccessConnection } from './access-options.ts';

export type Member = QueryOutput<'member.list'>['items'][number];
export type ApiKey = QueryOutput<'key.list'>['items'][number];

/** Items of a list, a page at a time. */
const pages = async <T>(
  take: (page: { limit: number; after?: string }) => Promise<{ items: T[]; next?: string | undefined }>,
): Promise<T[]> => {
  const items: T[] = [];
  let after: string | undefined;
  do {
    const page = await take({ limit: PAGE_ITEMS_MAX, ...(after === undefined ? {} : { after }) });
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return items;
};

export const listMembers = ({ query, projectId }: AccessConnection): Promise<Member[]> =>
  pages((page) => query('the members', 'member.list', projectId, page));

export const listKeys = ({ query, projectId }: AccessConnection): Promise<ApiKey[]> =>
  pages((page) => query('the keys', 'key.list', projectId, page));

/** A member by id, by the agent it speaks as, or by its name. */
export const findMemberId = async (connection: AccessConnection, wanted: string): Promise<string> => {
  if (Uuid.safeParse(wanted).success) return wanted.toLowerCase();
  const members = await listMembers(connection);
  const found = members.filter(({ agentId, name }) => agentId === wanted || name === wanted);
  const [only] = found;
  if (only && found.length === 1) return only.id;
  throw new Failure(only ? `${found.length} members are named ${wanted}` : `there is no member ${wanted}`, {
    code: only ? 'member_ambiguous' : 'member_not_found',
    hint: only ? `give the id: ${found.map(({ id }) => id).join(', ')}` : 'see: act member list',
  });
};
