import { join } from 'node:path';
import { createAgent } from '@agentmix/act-client';
import type { ActAgent, InboxMessage, Keyring, OpenedMessage, SentSealed } from '@agentmix/act-client';
import { openKeyFile } from '@agentmix/act-client/key-file';
import type { Stage } from '../processes/stage.ts';
import type { Scene } from '../scene.ts';

/** An agent with a key file, as an agent on a machine of its own would have it. */
export interface Party {
  readonly agent: ActAgent;
  readonly agentId: string;
  readonly keyring: Keyring;
  readonly keyFile: string;
}

/** The agent as another process would see it, over what is in its key file now: without a session it opens only. */
export const reopen = async (
  scene: Scene,
  { agentId, keyFile }: Pick<Party, 'agentId' | 'keyFile'>,
  projectId = scene.projectId,
): Promise<Party> => {
  const keyring = await openKeyFile(keyFile);
  const agent = createAgent({ hub: scene.quiet, projectId, agentId, keyring, heartbeat: false });
  return { agent, agentId, keyring, keyFile };
};

/** Registers the agent in its project and publishes its keys there. */
export const enter = async (party: Party): Promise<Party> => {
  await party.agent.register();
  const published = await party.agent.publishKeys();
  if (!published.ok) throw new Error(`keys not published: ${published.refusal.code}`);
  return party;
};

export const joinParty = async (stage: Stage, scene: Scene, agentId: string): Promise<Party> =>
  enter(await reopen(scene, { agentId, keyFile: join(stage.dir, `${agentId}.keys`) }));

/** The whole inbox, page by page. */
export const inboxOf = async ({ agent }: Party): Promise<InboxMessage[]> => {
  const messages: InboxMessage[] = [];
  for (let after: string | undefined; ;) {
    const page = await agent.inbox({ limit: 100, ...(after === undefined ? {} : { after }) });
    if (!page.ok) throw new Error(`no inbox: ${page.refusal.code}`);
    messages.push(...page.value.items);
    if (page.value.next === undefined) return messages;
    after = page.value.next;
  }
};

/** What came of sealing or opening: `ok`, the flaw, or the hub's refusal. */
export const outcomeOf = (result: OpenedMessage | SentSealed): string => {
  if (result.ok) return 'ok';
  return 'flaw' in result ? result.flaw : result.refusal.code;
};

/** Attempts and what came of them, by name. */
export class Tally {
  readonly outcomes: Record<string, number> = {};
  tried = 0;

  add(outcome: string): void {
    this.tried++;
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
  }

  get accepted(): number {
    return this.outcomes['ok'] ?? 0;
  }
}
