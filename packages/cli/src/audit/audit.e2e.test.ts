import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectHub } from '@agentmix/act-client';
import type { Hub } from '@agentmix/act-client';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { act, jsonOf, startTestHub } from '../../test/run-act.ts';
import type { TestHub } from '../../test/run-act.ts';

let hub: TestHub;
let client: Hub;
let projectId: string;
const memberId = randomUUID();
const run = (...args: string[]) => act(args, { ...hub.env, XDG_CONFIG_HOME: join(hub.folder, 'config') });

beforeAll(async () => {
  hub = await startTestHub();
  const token = (await readFile(join(hub.dataDir, 'admin.key'), 'utf8')).trim();
  client = connectHub({ url: hub.url, token });
  const created = await client.command('project.create', undefined, { name: 'audited' });
  projectId = created.ok ? created.value.projectId : '';
  const member = { memberId, kind: 'human', role: 'agent', agentId: 'ada', name: 'Ada Lovelace' } as const;
  await client.command('member.put', projectId, member);
  const mate = await client.command('agent.register', projectId, { agentId: 'mate' });
  const made = await client.command('key.create', projectId, { memberId });
  const own = connectHub({ url: hub.url, token: (made.ok && made.value.key) || '' });
  const ada = await own.command('agent.register', projectId, { agentId: 'ada' });
  const sessionId = ada.ok ? ada.value.sessionId : '';
  await own.command('message.send', projectId, { sessionId, to: 'mate', content: 'a secret of hers' });
  await own.close();
  expect(mate.ok && ada.ok).toBe(true);
}, 90_000);
afterAll(async () => {
  await client.close();
  await hub.stop();
}, 30_000);

describe('act audit', () => {
  it('verifies the log, and keeps the head for the next time', async () => {
    const first = jsonOf(await run('audit', 'verify', '--json'));
    expect(first).toMatchObject({ ok: true, projectId, from: 1 });
    const kept = await readFile(join(hub.folder, 'config', 'act', 'audit-heads.json'), 'utf8');
    expect(Object.keys(JSON.parse(kept) as object)).toEqual([projectId]);
    const again = await run('audit', 'verify');
    expect(again.code).toBe(0);
    expect(again.stdout).toContain('is one chain');
  });

  it('shows the signed head', async () => {
    const head = jsonOf(await run('audit', 'head', '--json'));
    expect(head).toMatchObject({ projectId, iss: 'urn:act:hub' });
    expect(String(head['head']).split('.')).toHaveLength(3);
  });

  it('exports the log, verifies the export, and finds where it was changed', async () => {
    const file = join(hub.folder, 'log.jsonl');
    expect((await run('audit', 'export', '--out', file)).code).toBe(0);
    expect((await run('audit', 'export', '--out', file)).code).not.toBe(0);
    const text = await readFile(file, 'utf8');
    expect(text).not.toContain('Ada Lovelace');
    expect(JSON.parse(text.split('\n')[1] ?? '')).toMatchObject({ events: [{ type: 'member.changed' }] });
    const sound = jsonOf(await run('audit', 'verify', '--export', file, '--json'));
    expect(sound).toMatchObject({ ok: true, projectId, from: 1, kept: { isReached: true } });
    await writeFile(file, text.replace('"role":"agent"', '"role":"admin"'));
    const changed = await run('audit', 'verify', '--export', file, '--json');
    expect(changed.code).toBe(1);
    expect(jsonOf(changed)).toMatchObject({ ok: false, break: 'hash', firstSeq: 2 });
  });
});

describe('act privacy', { timeout: 90_000 }, () => {
  it('exports and erases a member, wipes the files, and leaves the log valid', async () => {
    const told = JSON.parse((await run('privacy', 'export', memberId)).stdout) as { projects: object[] };
    expect(told.projects).toMatchObject([
      { projectId, member: { name: 'Ada Lovelace' }, messages: [{ content: 'a secret of hers' }] },
    ]);
    expect(JSON.stringify(told)).toContain('"message.sent"');
    expect((await run('privacy', 'erase', memberId)).code).toBe(2);
    const erased = jsonOf(await run('privacy', 'erase', memberId, '--yes', '--json'));
    expect(erased).toMatchObject({
      memberId,
      projects: [{ projectId, wipedAt: expect.any(String) as string }],
    });
    const after = (await run('privacy', 'export', memberId)).stdout;
    expect(after).not.toContain('Lovelace');
    expect(after).not.toContain('secret');
    expect((await run('audit', 'verify')).code).toBe(0);
    expect((await run('privacy', 'export', randomUUID())).code).toBe(1);
  });
});
