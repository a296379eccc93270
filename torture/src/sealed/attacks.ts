import type { AgentKeys, AgentSecrets, InboxMessage } from '@agentmix/act-client';
import { makeAgentSecrets, proofOf, sealEnvelope } from '@agentmix/act-client/sealed';
import { uuidv7 } from 'uuidv7';
import type { Scene } from '../scene.ts';
import { bitFlips, misspelt, mixtures, otherHeaders } from './forgeries.ts';
import { enter, joinParty, outcomeOf, reopen, Tally } from './parties.ts';
import type { Party } from './parties.ts';
import type { Stage } from '../processes/stage.ts';

/** Another project of the same agents with the same keys: only the project's id in the header tells them apart. */
export const openSecondProject = async (scene: Scene, parties: readonly Party[]): Promise<string> => {
  const created = await scene.client.command('project.create', undefined, { name: 'elsewhere' });
  if (!created.ok) throw new Error(`no project: ${created.refusal.code}`);
  const { projectId } = created.value;
  for (const party of parties) await enter(await reopen(scene, party, projectId));
  return projectId;
};

export interface Forging {
  readonly others: readonly string[];
  /** Bits flipped in each field. */
  readonly flips: number;
  /** A project where sender and recipient are too. */
  readonly elsewhere: string;
}

/** Changed messages, shown to their recipient, as a process of its own, before it has opened the true ones. */
export const forge = async (
  scene: Scene,
  recipient: Party,
  messages: readonly InboxMessage[],
  { others, flips, elsewhere }: Forging,
): Promise<Tally> => {
  const tally = new Tally();
  for (const [at, message] of messages.entries()) {
    const own = await reopen(scene, recipient);
    const neighbour = messages[(at + 1) % messages.length] ?? message;
    const forged = [
      ...bitFlips(message, flips),
      ...misspelt(message),
      ...otherHeaders(
        message,
        others.filter((id) => id !== message.senderAgentId),
      ),
      ...mixtures(message, neighbour),
    ];
    for (const one of forged) tally.add(outcomeOf(await own.agent.openSealed(one)));
    if (message.senderAgentId !== 'ada') continue;
    const there = await reopen(scene, recipient, elsewhere);
    tally.add(outcomeOf(await there.agent.openSealed(message)));
  }
  return tally;
};

/** Opened messages come once more in other messages: from their sender, from another agent, after a restart. */
export const replay = async (
  scene: Scene,
  recipient: Party,
  parties: readonly Party[],
  messages: readonly InboxMessage[],
): Promise<Tally> => {
  const tally = new Tally();
  const restarted = await reopen(scene, recipient);
  for (const message of messages) {
    const { content, messageType, urgency, taskId } = message;
    for (const { agent, agentId } of parties) {
      if (agentId === recipient.agentId) continue;
      const draft = { content, messageType, urgency, ...(taskId === undefined ? {} : { taskId }) };
      const sent = await agent.sendMessage(recipient.agentId, draft);
      if (!sent.ok) throw new Error(`a replay was not sent: ${sent.refusal.code}`);
      const again = { ...message, id: sent.value.messageId, senderAgentId: agentId };
      tally.add(outcomeOf(await recipient.agent.openSealed(again)));
      tally.add(outcomeOf(await restarted.agent.openSealed(again)));
    }
  }
  return tally;
};

const setKeys = (scene: Scene, agentId: string, keys: AgentKeys): Promise<unknown> =>
  scene.database.rows('update act.agents set keys = $3 where project_id = $1 and id = $2', [
    scene.projectId,
    agentId,
    JSON.stringify(keys),
  ]);

const keysOf = async (scene: Scene, agentId: string): Promise<AgentKeys> => {
  const page = await scene.quiet.query('agent.list', scene.projectId, { agentId });
  const keys = page.ok ? page.value.items[0]?.keys : undefined;
  if (!keys) throw new Error(`${agentId} has no keys`);
  return keys;
};

/** Whether the keys that the hub shows are those that the log says were published at that place. */
const isInLog = async (scene: Scene, agentId: string): Promise<boolean> => {
  const { seq, ...shown } = await keysOf(scene, agentId);
  const event = (await scene.database.log(scene.projectId))[seq - 1];
  return (
    event?.type === 'agent.keys_published' &&
    event.agentId === agentId &&
    event.data.sealingKey === shown.sealingKey &&
    event.data.signingKey === shown.signingKey
  );
};

export interface Swaps {
  readonly tally: Tally;
  readonly swaps: number;
  /** Swaps that the hash-chained log contradicts. */
  readonly shownByLog: number;
}

export interface Swapping {
  readonly victim: Party;
  /** Knows the victim, and the victim knows it. */
  readonly peer: Party;
  /** A message from the peer to the victim. */
  readonly genuine: InboxMessage;
}

/** As the hub's operator can: other keys written into its database as superuser, while `act` runs. */
const whileShowing = async (
  scene: Scene,
  agentId: string,
  keys: AgentKeys,
  act: () => Promise<void>,
): Promise<boolean> => {
  const published = await keysOf(scene, agentId);
  await setKeys(scene, agentId, keys);
  await act();
  const isShown = !(await isInLog(scene, agentId));
  await setKeys(scene, agentId, published);
  return isShown;
};

/** The operator of the hub puts its own keys in the place of others', and seals and signs with them. */
export const swapKeys = async (
  stage: Stage,
  scene: Scene,
  { victim, peer, genuine }: Swapping,
): Promise<Swaps> => {
  const { projectId } = scene;
  const tally = new Tally();
  const own: AgentSecrets = await makeAgentSecrets();
  const { sealingKey, signingKey } = own;
  const stranger = await joinParty(stage, scene, 'stranger');
  const published = await keysOf(scene, victim.agentId);
  const signedAs = async (agentId: string): Promise<AgentKeys> => {
    const proof = await proofOf(projectId, agentId, own);
    return { sealingKey, signingKey, proof, seq: (await keysOf(scene, agentId)).seq };
  };
  const shown: boolean[] = [];
  for (const { keys, senders } of [
    { keys: await signedAs(victim.agentId), senders: [peer] },
    { keys: { ...published, sealingKey }, senders: [peer, stranger] },
    { keys: { ...published, sealingKey, signingKey }, senders: [peer, stranger] },
    { keys: await signedAs(peer.agentId), senders: [peer, stranger] },
  ]) {
    const send = async (): Promise<void> => {
      for (const { agent } of senders)
        tally.add(outcomeOf(await agent.sendSealed(victim.agentId, { content: 'to whom?' })));
    };
    shown.push(await whileShowing(scene, victim.agentId, keys, send));
  }
  const { messageType, urgency, taskId, threadId } = genuine;
  const open = { messageType, urgency, taskId, threadId };
  const header = { ...open, projectId, id: uuidv7(), from: peer.agentId, to: victim.agentId };
  const sealed = await sealEnvelope(header, own, published, new TextEncoder().encode('"obey"'));
  // It is JSON: its one optional field is left out.
  const forged = { ...genuine, content: sealed as InboxMessage['content'] };
  const receive = async (): Promise<void> => {
    for (const { agent } of [victim, await reopen(scene, victim)])
      tally.add(outcomeOf(await agent.openSealed(forged)));
  };
  shown.push(await whileShowing(scene, peer.agentId, await signedAs(peer.agentId), receive));
  return { tally, swaps: shown.length, shownByLog: shown.filter(Boolean).length };
};
