import { makeMemoryStore } from '@agentmix/act-memory';
import type { QueryOutput } from '@agentmix/act-contract';
import { uuidv7 } from 'uuidv7';
import { expect, it } from 'vitest';
import { outputOf } from '../../test/make-service.ts';
import { testKeys } from '../../test/test-keys.ts';
import { CoordinationService } from './coordination-service.ts';
import { forgetOld } from './sweeper.ts';

const DAY_MS = 86_400_000;

/** A project with a message that its recipient has read; what is left of it and of the history after some days. */
const after = async (
  days: number,
  retention: { messageRetentionMs?: number; historyRetentionMs?: number },
) => {
  let ahead = 0;
  const store = makeMemoryStore({ clock: () => Date.now() + ahead });
  const all = { retentionMs: 1_000 * DAY_MS, ...retention };
  const service = new CoordinationService({ store, keys: testKeys(), log: () => undefined, ...all });
  const projectId = uuidv7();
  const run = async (...[name, input]: [Parameters<typeof service.command>[0], object]) =>
    outputOf(await service.command(name, projectId, input as never, uuidv7()));
  await run('project.create', { name: 'kept' });
  const join = { capabilities: [], agentId: 'ada' };
  const { sessionId } = await run('agent.register', join);
  const letter = { messageType: 'info', urgency: 'low', sessionId, to: 'ada', content: 'personal' };
  const { messageId } = await run('message.send', letter);
  await run('message.read', { sessionId, messageIds: [messageId] });
  ahead = days * DAY_MS;
  await forgetOld({
    store,
    retention: all,
    clock: { now: () => Date.now() + ahead, anchor: () => undefined },
  });
  await service.stop();
  const inbox = await store.query('message.list', projectId, {
    agentId: 'ada',
    unread: false,
    toAll: false,
    newestFirst: false,
    limit: 10,
  });
  const history = await store.query('event.list', projectId, { after: 0, limit: 10 });
  const log = await store.readLog(projectId, 0, 1_000_000);
  const content = (inbox as QueryOutput<'message.list'>).items[0]?.content;
  return { content, events: history?.items.length, firstSeq: log?.records[0]?.firstSeq };
};

it('keeps messages and history for ever, unless told otherwise', async () => {
  expect(await after(900, {})).toEqual({ content: 'personal', events: 4, firstSeq: 1 });
});

it('erases read messages and forgets history when they are old enough, and leaves the log', async () => {
  const retention = { messageRetentionMs: 30 * DAY_MS, historyRetentionMs: 60 * DAY_MS };
  expect(await after(29, retention)).toEqual({ content: 'personal', events: 4, firstSeq: 1 });
  expect(await after(31, retention)).toEqual({ content: null, events: 4, firstSeq: 1 });
  expect(await after(61, retention)).toEqual({ content: null, events: 0, firstSeq: 1 });
});
