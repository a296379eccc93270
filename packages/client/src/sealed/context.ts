import type { AgentKeys, Refusal } from '@agentmix/act-contract';
import type { CallOptions } from '../call-hub.ts';
import type { Hub } from '../hub.ts';
import { isProven } from './keys.ts';
import type { Keyring } from './keyring.ts';
import type { Flawed } from './types.ts';

/** Who seals and opens: one agent of one project, with its keyring. */
export interface SealedContext {
  readonly hub: Hub;
  /** In lower case. */
  readonly projectId: string;
  readonly agentId: string;
  readonly keyring: Keyring;
}

export type QueryOptions = Omit<CallOptions, 'commandId'>;

export const flawed = <Flaw>(flaw: Flaw, keys?: AgentKeys): Flawed<Flaw> => ({
  ok: false,
  flaw,
  ...(keys === undefined ? {} : { keys }),
});

/** The keys that the hub shows as an agent’s, and whether their owner signed that they are. */
export const publishedKeys = async (
  { hub, projectId }: SealedContext,
  agentId: string,
  options: QueryOptions,
): Promise<
  | { readonly ok: true; readonly keys: AgentKeys | undefined; readonly isProven: boolean }
  | { readonly ok: false; readonly refusal: Refusal }
> => {
  const page = await hub.query('agent.list', projectId, { agentId, limit: 1 }, options);
  if (!page.ok) return page;
  const keys = page.value.items.find(({ id }) => id === agentId)?.keys;
  return { ok: true, keys, isProven: keys !== undefined && (await isProven(projectId, agentId, keys)) };
};
