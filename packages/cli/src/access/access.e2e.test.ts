import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { act, jsonOf, startTestHub } from '../../test/run-act.ts';
import type { TestHub } from '../../test/run-act.ts';

const KEY = /^act_live_[0-9a-f]{32}_[0-9A-Za-z]{30}_[0-9A-Za-z]{6}$/;

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
  await act(['project', 'create', 'Shop'], hub.env);
}, 90_000);
afterAll(() => hub.stop(), 30_000);

const run = (...args: string[]) => act(args, hub.env);
const runJson = async (...args: string[]) => jsonOf(await run(...args, '--json'));
/** As whoever has this key. */
const as = (key: string, ...args: string[]) => act(args, { ...hub.env, ACT_TOKEN: key });

describe('act member and act key', { timeout: 120_000 }, () => {
  it('makes a member and a key that may do what its role allows, and no more', async () => {
    const put = await runJson('member', 'put', '--kind', 'agent', '--role', 'agent', '--agent', 'ann');
    const { keyId, key, memberId } = await runJson('key', 'create', 'ann', '--label', 'ci');
    expect(memberId).toBe(put['memberId']);
    expect(key).toMatch(KEY);
    const archived = await as(String(key), 'project', 'archive', 'Shop');
    expect([archived.code, archived.stderr]).toEqual([1, expect.stringContaining('forbidden')]);
    expect((await as(String(key), 'status')).code).toBe(0);
    expect((await as(String(key), 'key', 'list')).stderr).toContain('forbidden');
    const { members } = await runJson('member', 'list');
    expect(members).toMatchObject([{ id: memberId, role: 'agent', agentId: 'ann' }]);
    const { keys } = await runJson('key', 'list');
    expect(keys).toMatchObject([{ id: keyId, memberId, label: 'ci' }]);
    expect(JSON.stringify(keys)).not.toContain(String(key).split('_')[3]);
  });

  it('prints a key once on stdout, with a hint beside it, or writes it where only its user reads it', async () => {
    const printed = await run('key', 'create', 'ann');
    expect(printed.stdout.trim()).toMatch(KEY);
    expect(printed.stderr).toContain('shown this once');
    const file = join(hub.folder, 'ann.key');
    const written = await run('key', 'create', 'ann', '--out', file);
    expect(written.stdout).toContain(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const key = await readFile(file, 'utf8');
    expect(key.trim()).toMatch(KEY);
    expect(written.stdout + written.stderr).not.toContain(key.trim());
    expect((await act(['status'], { ...hub.env, ACT_TOKEN_FILE: file })).code).toBe(0);
    const before = (await runJson('key', 'list'))['keys'] as unknown[];
    const again = await run('key', 'create', 'ann', '--out', file);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('does not exist')]);
    expect(await readFile(file, 'utf8')).toBe(key);
    expect((await runJson('key', 'list'))['keys']).toHaveLength(before.length);
    const nobody = join(hub.folder, 'nobody.key');
    expect((await run('key', 'create', randomUUID(), '--out', nobody)).code).toBe(1);
    await expect(stat(nobody)).rejects.toThrow('ENOENT');
  });

  it('rotates and revokes keys, and removes members with theirs', async () => {
    const { memberId } = await runJson('member', 'put', '--kind', 'service', '--role', 'coordinator');
    const first = await runJson('key', 'create', String(memberId), '--days', '30');
    const next = await runJson('key', 'rotate', String(first['keyId']), '--overlap-hours', '1');
    expect(next).toMatchObject({ replaces: first['keyId'] });
    for (const { key } of [first, next]) expect((await as(String(key), 'status')).code).toBe(0);
    expect((await run('key', 'revoke', String(first['keyId']))).code).toBe(0);
    const revoked = await as(String(first['key']), 'status');
    expect([revoked.code, revoked.stderr]).toEqual([1, expect.not.stringContaining(String(first['key']))]);
    const { keys } = await runJson('key', 'list');
    expect(keys).not.toContainEqual(expect.objectContaining({ id: first['keyId'] }));
    expect((await runJson('key', 'list', '--all'))['keys']).toContainEqual(
      expect.objectContaining({ id: first['keyId'] }),
    );
    expect((await run('member', 'remove', String(memberId))).code).toBe(0);
    expect((await as(String(next['key']), 'status')).code).toBe(1);
    expect((await run('member', 'remove', String(memberId))).stderr).toContain('member_not_found');
  });

  it('has owners for members of the hub itself', async () => {
    const { members } = await runJson('member', 'list', '--hub');
    expect(members).toMatchObject([{ role: 'owner' }]);
    const [owner] = members as { id: string }[];
    expect((await run('member', 'remove', owner?.id ?? '', '--hub')).stderr).toContain('last_owner');
    const { memberId } = await runJson('member', 'put', '--kind', 'human', '--role', 'owner', '--hub');
    const { key } = await runJson('key', 'create', String(memberId), '--hub');
    expect((await as(String(key), 'project', 'create', 'Another')).code).toBe(0);
  });

  it('says what is wrong with a call', async () => {
    for (const args of [
      ['member', 'put', '--role', 'agent'],
      ['member', 'put', '--kind', 'robot', '--role', 'agent'],
      ['key', 'create'],
      ['key', 'create', 'ann', '--days', '0'],
      ['member', 'list', '--hub', '--project', 'Shop'],
    ])
      expect([args, (await run(...args)).code]).toEqual([args, 2]);
    const agent = await run('member', 'put', '--kind', 'agent', '--role', 'agent', '--project', 'Shop');
    expect([agent.code, agent.stderr]).toEqual([1, expect.stringContaining('agentId')]);
    expect((await run('key', 'create', 'nobody', '--project', 'Shop')).stderr).toContain('act member list');
  });
});
