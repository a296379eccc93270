import type { AgentKeys, PublicKeys } from '@agentmix/act-contract';
import { makeMemoryStore } from '@agentmix/act-memory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryStores, TestHub } from '../../../hub/test/start-test-hub.ts';
import { createAgent } from '../agent/create-agent.ts';
import type { ActAgent } from '../agent/types.ts';
import { connectHub } from '../hub.ts';
import type { Hub } from '../hub.ts';
import { makeKeyring } from './keyring.ts';
import type { Keyring } from './keyring.ts';
import { makeAgentSecrets, proofOf } from './keys.ts';
import type { InboxMessage, SealedDraft } from './types.ts';

let server: TestHub;
let hub: Hub;
let projectId: string;
let taken = 0;
beforeAll(async () => {
  server = await TestHub.start({ stores: memoryStores(makeMemoryStore({ clock: Date.now })) });
  hub = connectHub({ url: server.url, token: server.token });
  const created = await hub.command('project.create', undefined, { name: 'sealed' });
  if (!created.ok) throw new Error(created.refusal.code);
  ({ projectId } = created.value);
});
afterAll(async () => {
  await hub.close();
  await server.stop();
});

interface Party {
  readonly agent: ActAgent;
  readonly keyring: Keyring;
  readonly inbox: () => Promise<InboxMessage[]>;
}
const join = async (options: { agentId?: string; through?: Hub; keyring?: Keyring } = {}): Promise<Party> => {
  const agentId = options.agentId ?? `agent-${++taken}`;
  const keyring = options.keyring ?? (await makeKeyring());
  const agent = createAgent({ hub: options.through ?? hub, projectId, agentId, keyring, heartbeat: false });
  await agent.register();
  expect(await agent.publishKeys()).toMatchObject({ ok: true, value: { seq: expect.any(Number) } });
  const inbox = async () => {
    const page = await agent.inbox();
    if (!page.ok) throw new Error(page.refusal.code);
    return page.value.items;
  };
  return { agent, keyring, inbox };
};
const lastOf = async (party: Party): Promise<InboxMessage> => {
  const message = (await party.inbox()).at(-1);
  if (!message) throw new Error('an empty inbox');
  return message;
};
const publicOf = ({ keyring: { secrets } }: Party): PublicKeys => ({
  sealingKey: secrets.sealingKey,
  signingKey: secrets.signingKey,
});

/** A hub that shows other keys of an agent than were published. */
const showing = (agentId: string, keys: AgentKeys | undefined): Hub => ({
  ...hub,
  query: async (name, project, input, options) => {
    const result = await hub.query(name, project, input, options);
    if (name !== 'agent.list' || !result.ok) return result;
    // The result of agent.list, by its name.
    const { items } = result.value as { items: { id: string; keys?: AgentKeys }[] };
    for (const item of items) if (item.id === agentId && keys) item.keys = keys;
    return result;
  },
});

describe('a sealed message', () => {
  it('says to its recipient what was sealed, and to the hub nothing', async () => {
    const [ada, bob] = [await join(), await join()];
    const task = await hub.command('task.create', projectId, { title: 'secret work' });
    if (!task.ok) throw new Error(task.refusal.code);
    const draft: SealedDraft = {
      content: { text: 'grüße ✓', list: [1, null, { deep: true }] },
      messageType: 'handoff',
      urgency: 'high',
      taskId: task.value.taskId,
      epoch: 4,
    };
    expect(await ada.agent.sendSealed(bob.agent.agentId, draft)).toMatchObject({ ok: true });
    const message = await lastOf(bob);
    expect(message).toMatchObject({ messageType: 'handoff', urgency: 'high', content: { sealed: 1 } });
    expect(JSON.stringify(message)).not.toContain('grüße');
    expect(await bob.agent.openSealed(message)).toEqual({
      ok: true,
      content: draft.content,
      epoch: 4,
      again: false,
    });
    expect(await bob.agent.openSealed(message)).toMatchObject({ ok: true, again: true });
  });

  it.each([['""'], ['null'], ['[]'], [JSON.stringify('x'.repeat(48_126))]])(
    'takes contents of any length that the hub takes',
    async (json) => {
      const [ada, bob] = [await join(), await join()];
      const content = JSON.parse(json) as InboxMessage['content'];
      expect(await ada.agent.sendSealed(bob.agent.agentId, { content })).toMatchObject({ ok: true });
      expect(await bob.agent.openSealed(await lastOf(bob))).toMatchObject({ ok: true, content });
    },
  );

  it('is refused before it is sealed when it is too long', async () => {
    const [ada, bob] = [await join(), await join()];
    const content = 'x'.repeat(48_127);
    expect(await ada.agent.sendSealed(bob.agent.agentId, { content })).toMatchObject({
      ok: false,
      refusal: { code: 'payload_too_large' },
    });
    expect(await bob.inbox()).toEqual([]);
  });

  it('is opened neither by another agent nor twice under another message', async () => {
    const [ada, bob, eve] = [await join(), await join(), await join()];
    await ada.agent.sendSealed(bob.agent.agentId, { content: 'once' });
    const message = await lastOf(bob);
    expect(await eve.agent.openSealed(message)).toEqual({ ok: false, flaw: 'wrong_recipient' });
    const forEve = { ...message, recipientAgentId: eve.agent.agentId };
    expect(await eve.agent.openSealed(forEve)).toEqual({ ok: false, flaw: 'wrong_recipient' });
    expect(await bob.agent.openSealed(message)).toMatchObject({ ok: true });
    const { content } = message;
    expect(await ada.agent.sendMessage(bob.agent.agentId, { content })).toMatchObject({ ok: true });
    expect(await bob.agent.openSealed(await lastOf(bob))).toEqual({ ok: false, flaw: 'replayed' });
  });

  it('is refused when another agent sends it, or anything that is said openly is changed', async () => {
    const [ada, bob, eve] = [await join(), await join(), await join()];
    await ada.agent.sendSealed(bob.agent.agentId, { content: 'mine', messageType: 'question' });
    const message = await lastOf(bob);
    await eve.agent.sendMessage(bob.agent.agentId, { content: message.content, messageType: 'question' });
    expect(await bob.agent.openSealed(await lastOf(bob))).toEqual({ ok: false, flaw: 'unknown_sender_key' });
    expect(await bob.agent.openSealed({ ...message, messageType: 'answer' })).toEqual({
      ok: false,
      flaw: 'bad_signature',
    });
    expect(await bob.agent.openSealed({ ...message, content: 'mine' })).toEqual({
      ok: false,
      flaw: 'not_sealed',
    });
    expect(await bob.agent.openSealed(message)).toMatchObject({ ok: true });
  });

  it('is refused by the hub when its form is wrong, field by field', async () => {
    const [ada, bob] = [await join(), await join()];
    await ada.agent.sendSealed(bob.agent.agentId, { content: 1 });
    const content = (await lastOf(bob)).content as Record<string, string>;
    const wrong = { ...content, enc: `${content['enc']}A` };
    expect(await ada.agent.sendMessage(bob.agent.agentId, { content: wrong })).toMatchObject({
      ok: false,
      refusal: { code: 'invalid_input', data: { fields: [{ field: 'content.enc' }] } },
    });
  });
});

describe('keys', () => {
  it('have to be published before anything can be sealed to them', async () => {
    const ada = await join();
    const silent = createAgent({ hub, projectId, agentId: `agent-${++taken}`, heartbeat: false });
    await silent.register();
    expect(await ada.agent.sendSealed(silent.agentId, { content: 1 })).toEqual({
      ok: false,
      flaw: 'no_keys',
    });
    await expect(silent.sendSealed(ada.agent.agentId, { content: 1 })).rejects.toThrow('keyring');
  });

  it('that change are reported to both sides until they are accepted', async () => {
    const [ada, bob] = [await join(), await join()];
    await ada.agent.sendSealed(bob.agent.agentId, { content: 'before' });
    await bob.agent.openSealed(await lastOf(bob));
    await bob.agent.sendSealed(ada.agent.agentId, { content: 'before' });
    const anew = await join({ agentId: bob.agent.agentId });
    const changed = { ok: false, flaw: 'key_changed', keys: publicOf(anew) };
    expect(await ada.agent.sendSealed(bob.agent.agentId, { content: 'after' })).toMatchObject(changed);
    expect((await anew.inbox()).length).toBe(1);
    await anew.agent.sendSealed(ada.agent.agentId, { content: 'new hand' });
    const message = await lastOf(ada);
    expect(await ada.agent.openSealed(message)).toMatchObject(changed);
    await ada.agent.acceptKeys(bob.agent.agentId, publicOf(anew));
    expect(await ada.agent.openSealed(message)).toMatchObject({ ok: true, content: 'new hand' });
    expect(await ada.agent.sendSealed(bob.agent.agentId, { content: 'after' })).toMatchObject({ ok: true });
    expect(await anew.agent.openSealed(await lastOf(anew))).toMatchObject({ ok: true, content: 'after' });
    const old = (await anew.inbox())[0];
    expect(old && (await anew.agent.openSealed(old))).toEqual({ ok: false, flaw: 'wrong_recipient' });
  });

  it('that a hub puts in the place of others are not taken', async () => {
    const bob = await join();
    const own = await makeAgentSecrets();
    const { sealingKey, signingKey } = own;
    const stolen = await proofOf(projectId, 'mallory', own);
    const swapped = showing(bob.agent.agentId, { sealingKey, signingKey, proof: stolen, seq: 1 });
    const ada = await join({ through: swapped });
    expect(await ada.agent.sendSealed(bob.agent.agentId, { content: 1 })).toMatchObject({
      ok: false,
      flaw: 'unusable_keys',
    });
    // Bob's own signing key and proof, with a sealing key of the hub's.
    const half = { ...publicOf(bob), sealingKey, proof: stolen, seq: 1 };
    const carl = await join({ through: showing(bob.agent.agentId, half) });
    expect(await carl.agent.sendSealed(bob.agent.agentId, { content: 1 })).toMatchObject({
      flaw: 'unusable_keys',
    });
    // Rightly signed, but not those that are known.
    const proof = await proofOf(projectId, bob.agent.agentId, own);
    const whole = { sealingKey, signingKey, proof, seq: 1 };
    const dora = await join({ through: showing(bob.agent.agentId, whole) });
    await dora.agent.acceptKeys(bob.agent.agentId, publicOf(bob));
    expect(await dora.agent.sendSealed(bob.agent.agentId, { content: 1 })).toEqual({
      ok: false,
      flaw: 'key_changed',
      keys: whole,
    });
    expect(await bob.inbox()).toEqual([]);
  });

  it('are refused by the hub when the publisher has not the signing key', async () => {
    const bob = await join();
    const agent = createAgent({
      hub,
      projectId,
      agentId: `agent-${++taken}`,
      heartbeat: false,
      keyring: await makeKeyring({ ...(await makeAgentSecrets()), signingKey: publicOf(bob).signingKey }),
    });
    await agent.register();
    expect(await agent.publishKeys().catch(() => 'no signature can be made')).not.toMatchObject({ ok: true });
    const secrets = await makeAgentSecrets();
    const proof = await proofOf(projectId, agent.agentId, secrets);
    const sent = await hub.command('agent.publish_keys', projectId, {
      sessionId: agent.sessionId ?? '',
      ...publicOf(bob),
      proof,
    });
    expect(sent).toMatchObject({ ok: false, refusal: { code: 'proof_invalid' } });
  });
});
