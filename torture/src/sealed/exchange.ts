import { randomBytes } from 'node:crypto';
import type { SealedDraft } from '@agentmix/act-client';
import { makeAgentSecrets, openEnvelope, sealEnvelope } from '@agentmix/act-client/sealed';
import { SEALED_PLAINTEXT_BYTES_MAX } from '@agentmix/act-contract';
import type { Scene } from '../scene.ts';
import { inboxOf, outcomeOf } from './parties.ts';
import type { Party } from './parties.ts';

/** Characters of text, quotes not counted: the last one is the longest that is sealed. */
const LENGTHS = [0, 1, 15, 40, 100, 1_000, 10_000, SEALED_PLAINTEXT_BYTES_MAX - 2];
const LARGE = [0, 1, 65_536, 1_048_576];

const textOf = (marker: string, length: number, at: number): string =>
  `${marker}-${at}-`.padEnd(length, 'padding ').slice(0, length);

/** A message as it was meant: by its id at the hub. */
export interface Sent {
  readonly to: Party;
  readonly content: string;
}

/** Everyone writes to everyone, in all lengths, half of it about a task. */
export const exchange = async (
  count: number,
  scene: Scene,
  parties: readonly Party[],
  marker: string,
): Promise<Map<string, Sent>> => {
  const task = await scene.client.command('task.create', scene.projectId, { title: 'work' });
  if (!task.ok) throw new Error(`no task: ${task.refusal.code}`);
  const pairs = parties.flatMap((from) => parties.filter((to) => to !== from).map((to) => ({ from, to })));
  const sent = new Map<string, Sent>();
  for (let at = 0; at < count; at++) {
    const pair = pairs[at % pairs.length];
    const length = LENGTHS[Math.floor(at / pairs.length) % LENGTHS.length] ?? 0;
    if (!pair) throw new Error('no pairs');
    const content = textOf(marker, length, at);
    const about: Partial<SealedDraft> = at % 2 === 0 ? { taskId: task.value.taskId, epoch: 1 + at } : {};
    const result = await pair.from.agent.sendSealed(pair.to.agentId, { content, ...about });
    if (!result.ok) throw new Error(`message ${at} was not sent: ${outcomeOf(result)}`);
    sent.set(result.value.messageId, { to: pair.to, content });
  }
  return sent;
};

/** Opens every message twice: the second time it is the hub that delivers it again. */
export const openAll = async (
  parties: readonly Party[],
  sent: ReadonlyMap<string, Sent>,
): Promise<{ opened: number; openedAgain: number }> => {
  let opened = 0;
  let openedAgain = 0;
  for (const party of parties) {
    for (const message of await inboxOf(party)) {
      const expected = sent.get(message.id);
      if (!expected || expected.to.agentId !== party.agentId) continue;
      const first = await party.agent.openSealed(message);
      const second = await party.agent.openSealed(message);
      if (first.ok && !first.again && first.content === expected.content) opened++;
      if (second.ok && second.again && second.content === expected.content) openedAgain++;
    }
  }
  return { opened, openedAgain };
};

/** Beyond what a message may hold, without the hub: sealing and opening have no length of their own. */
export const roundTrips = async (times: number): Promise<number> => {
  const [sender, recipient] = [await makeAgentSecrets(), await makeAgentSecrets()];
  let opened = 0;
  for (let at = 0; at < times; at++) {
    const plaintext = randomBytes(LARGE[at % LARGE.length] ?? 0);
    const header = { projectId: 'p', id: `${at}`, from: 'a', to: 'b', messageType: 'info', urgency: 'low' };
    const content = await sealEnvelope(header, sender, recipient, plaintext);
    const result = await openEnvelope(header, recipient, content);
    if ('plaintext' in result && plaintext.equals(result.plaintext)) opened++;
  }
  return opened;
};
