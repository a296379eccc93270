import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectHub } from '@agentmix/act-client';
import type { Hub as HubClient, StreamItem } from '@agentmix/act-client';
import { startHub } from '@agentmix/act-hub';
import type { Hub } from '@agentmix/act-hub';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** What the stream brings until a milestone of that name. */
const untilMilestone = async (items: AsyncIterator<StreamItem>, name: string): Promise<void> => {
  for (;;) {
    const { value: item } = (await items.next()) as { value: StreamItem | undefined };
    if (item?.kind !== 'event') throw new Error(`the stream ended: ${item?.reason.code}`);
    if (item.event.type === 'project.milestone' && item.event.data.name === name) return;
  }
};

describe('at a hub that takes API keys for tokens only', () => {
  let dir: string;
  let hub: Hub;
  let owner: HubClient;
  let projectId: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'act-tokens-'));
    const dataDir = join(dir, 'data');
    hub = await startHub({ host: '127.0.0.1', port: 0, logger: silent, dataDir, areKeysForTokensOnly: true });
    owner = connectHub(hub);
    const created = await owner.command('project.create', undefined, { name: 'sealed off' });
    if (!created.ok) throw new Error(created.refusal.code);
    ({ projectId } = created.value);
  });
  afterAll(async () => {
    await owner.close();
    await hub.stop();
    await rm(dir, { recursive: true, force: true });
  });

  /** Ends every token that was made so far. */
  const retireSigningKey = async (): Promise<void> => {
    const post = async (path: string, body: object): Promise<Response> => {
      const headers = { authorization: `Bearer ${hub.token}`, 'content-type': 'application/json' };
      return fetch(`${hub.url}/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    };
    const { token } = (await (await post('/tokens', {})).json()) as { token: string };
    const [head = ''] = token.split('.');
    const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string };
    expect((await post('/tokens/rotate', { retire: kid })).status).toBe(200);
  };

  it.each(['rest', 'socket.io'] as const)(
    'the SDK makes tokens of its key by itself, over %s',
    async (transport) => {
      const client = connectHub({ ...hub, transport });
      const milestone = async (name: string): Promise<void> => {
        expect(await client.command('project.milestone', projectId, { name })).toMatchObject({ ok: true });
      };
      const stopped = new AbortController();
      const events = client.events(projectId, { after: 0, signal: stopped.signal })[Symbol.asyncIterator]();
      await milestone(`first ${transport}`);
      await untilMilestone(events, `first ${transport}`);
      await retireSigningKey();
      await milestone(`second ${transport}`);
      await untilMilestone(events, `second ${transport}`);
      const stored = await client.storeArtifact(projectId, ReadableStream.from([Buffer.from('bytes')]), {
        name: 'bytes',
        bytes: 5,
      });
      expect(stored).toEqual(expect.objectContaining({ ok: true }));
      stopped.abort();
      await client.close();
    },
  );
});
