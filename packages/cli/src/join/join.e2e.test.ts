import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findPlace } from '@agentmix/act-agents';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FILE, makeJoinedWorld } from '../../test/joined-world.ts';
import type { JoinedWorld } from '../../test/joined-world.ts';
import { git } from '../../test/repository.ts';
import { actCommand } from '../../test/run-act.ts';
import { examineVersions } from './examine-versions.ts';

/** Every file and folder below a folder with its bytes, but git's own. */
const filesBelow = async (folder: string): Promise<Record<string, string>> => {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const isOurs = /\/\.git\/(?!info)/.test(path);
    if (entry.isFile() && !isOurs) found[path] = (await readFile(path)).toString('base64');
    else if (entry.isDirectory() && !isOurs) found[path] = 'folder';
  }
  return found;
};

let world: JoinedWorld;
beforeEach(async () => {
  world = await makeJoinedWorld();
});
afterEach(() => world.stop());

describe('act doctor', { timeout: 120_000 }, () => {
  it('finds a hook program of another release, and a Node that is too old', async () => {
    const { folder, home, repository } = world;
    await writeFile(join(folder, 'bin', 'claude'), '#!/bin/sh\necho 9.9.9 of a test\n', { mode: 0o755 });
    await world.actJson(repository, 'join', 'claude-code');
    expect((await world.actJson(repository, 'doctor'))['findings']).toContainEqual({
      what: 'claude-code',
      is: 'claude is 9.9.9, tested with 2.1.197',
    });
    // As an older release would have left it, its ledger included.
    const ledger = join(home, '.act', 'ledgers', 'claude-code.json');
    const program = join(home, '.claude', 'skills', 'act', 'act-hook.cjs');
    const older = `${await readFile(program, 'utf8')}// older\n`;
    const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
    const entries = await readFile(ledger, 'utf8');
    await writeFile(ledger, entries.replace(hashOf(await readFile(program, 'utf8')), hashOf(older)));
    await writeFile(program, older);
    expect((await world.actJson(repository, 'doctor'))['findings']).toContainEqual(
      expect.objectContaining({
        what: 'claude-code',
        is: `${program} is of another release, or for another Node`,
      }),
    );
    const { project } = findPlace(repository, home) ?? {};
    if (!project) throw new Error('not joined');
    const [node, version] = await examineVersions(project, true, '20.18.3');
    expect(node).toMatchObject({
      is: '20.18.3 is too old',
      mend: expect.stringContaining('20.19') as string,
    });
    expect(version).not.toHaveProperty('mend');
  });

  it('finds nothing wrong after a join, then what drifted, and a hub that is gone', async () => {
    const { home, repository } = world;
    expect(await world.actJson(repository, 'doctor')).toMatchObject({
      ok: false,
      findings: [{ what: 'repository' }],
    });
    await world.actJson(repository, 'join', 'claude-code');
    expect(await world.actJson(repository, 'doctor')).toMatchObject({ ok: true });

    await rm(join(home, '.claude', 'skills', 'act', 'hooks', 'hooks.json'));
    const drifted = await world.actJson(repository, 'doctor');
    expect(drifted['findings']).toContainEqual(
      expect.objectContaining({ what: 'claude-code', mend: 'write them again: act join claude-code' }),
    );
    await world.actJson(repository, 'join', 'claude-code');
    await world.stopHub();
    const hook = join(home, '.claude', 'skills', 'act', 'act-hook.cjs');
    const edit = { file_path: join(repository, FILE), old_string: 'line 1\n', new_string: 'x\n' };
    const call = { session_id: 's', cwd: repository, tool_name: 'Edit', tool_input: edit };
    const failedOpen = spawnSync(process.execPath, [hook, 'claude-code', 'before-edit'], {
      env: world.env,
      input: JSON.stringify(call),
      encoding: 'utf8',
    });
    expect(failedOpen).toMatchObject({ status: 0, stdout: '' });
    expect(failedOpen.stderr).toContain('it goes on unchecked');
    const { findings } = await world.actJson(repository, 'doctor');
    const names = (findings as { what: string; mend?: string }[])
      .filter(({ mend }) => mend)
      .map(({ what }) => what);
    expect(names).toEqual(['hub', 'unchecked']);

    await world.actJson(repository, 'join');
    const told = spawnSync(process.execPath, [hook, 'claude-code', 'prompt'], {
      env: world.env,
      input: JSON.stringify({ session_id: 's', cwd: repository, prompt: 'x' }),
      encoding: 'utf8',
    });
    expect(told.stdout).toContain(
      '1 hook of this project went on without the hub, among them 1 edit that nobody checked',
    );
  });
});

describe('act join and act leave', { timeout: 120_000 }, () => {
  it('set up what is installed, change nothing the second time, and put back every byte', async () => {
    const { home, repository } = world;
    await mkdir(join(home, '.claude'));
    await mkdir(join(home, '.codex'));
    await writeFile(
      join(home, '.codex', 'hooks.json'),
      '{"hooks":  {"Stop": [{"hooks":[{"type":"command","command":"say done"}]}]}}',
    );
    const before = { ...(await filesBelow(home)), ...(await filesBelow(repository)) };

    const joined = await world.actJson(repository, 'join');
    expect(joined).toMatchObject({ clients: [{ client: 'claude-code' }, { client: 'codex' }] });
    const hooks = JSON.parse(await readFile(join(home, '.codex', 'hooks.json'), 'utf8')) as {
      hooks: { Stop: unknown[] };
    };
    expect(hooks.hooks.Stop).toHaveLength(2);
    expect(await git(repository, 'status', '--porcelain')).toBe('');
    const keyFile = join(home, '.act', 'projects', `${String(joined['projectId'])}.json`);
    expect((await stat(keyFile)).mode & 0o077).toBe(0);

    const again = await world.actJson(repository, 'join');
    const fates = (again['clients'] as { files: { fate: string }[] }[]).flatMap(({ files }) => files);
    expect(new Set(fates.map(({ fate }) => fate))).toEqual(new Set(['unchanged']));
    expect(again).toMatchObject({ projectId: joined['projectId'], keyId: joined['keyId'] });

    expect((await world.act(repository, 'leave')).code).toBe(0);
    expect({ ...(await filesBelow(home)), ...(await filesBelow(repository)) }).toEqual(before);
  });

  it('put hooks into Devin’s commented settings, whose denial is an exit code, and take them out again', async () => {
    const { home, repository } = world;
    const settings = join(home, '.config', 'devin', 'config.json');
    const own = '{\n  // mine\n  "model": "x", // the good one\n  "hooks": { "Stop": [1,], },\n}\n';
    await mkdir(join(home, '.config', 'devin'), { recursive: true });
    await writeFile(settings, own);
    const before = { ...(await filesBelow(home)), ...(await filesBelow(repository)) };
    await writeFile(settings, '{ "model": ');
    const refused = await world.act(repository, 'join', 'windsurf');
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toContain(`${settings} is no JSON object`);
    expect(await readFile(settings, 'utf8')).toBe('{ "model": ');
    await writeFile(settings, own);

    expect(await world.actJson(repository, 'join')).toMatchObject({
      clients: [{ client: 'windsurf', files: [{ path: settings, fate: 'written' }, { fate: 'written' }] }],
    });
    expect(await world.actJson(repository, 'join')).toMatchObject({
      clients: [{ files: [{ fate: 'unchanged' }, { fate: 'unchanged' }] }],
    });
    expect(await world.actJson(repository, 'doctor')).toMatchObject({ ok: true });
    const text = await readFile(settings, 'utf8');
    const command = (moment: string): string =>
      JSON.parse(
        new RegExp(`"command": ?("(?:[^"\\\\]|\\\\.)* ${moment}")`).exec(text)?.[1] ?? '""',
      ) as string;
    const edit = (session_id: string, moment: string) =>
      spawnSync('sh', ['-c', command(moment)], {
        cwd: world.folder,
        env: { ...world.env, DEVIN_PROJECT_DIR: repository },
        input: JSON.stringify({
          session_id,
          tool_name: 'edit',
          tool_input: { file_path: FILE, old_string: 'line 10\n', new_string: 'line ten\n' },
        }),
        encoding: 'utf8',
      });
    expect(edit('bramble-scorpion', 'before-edit')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const denied = edit('amber-falcon', 'before-edit');
    expect(denied).toMatchObject({ status: 2, stdout: '' });
    expect(denied.stderr).toContain('devin:bramble-scorpion has reserved');

    await writeFile(settings, text.replace('// mine', '// still mine'));
    expect((await world.actJson(repository, 'doctor'))['findings']).toContainEqual(
      expect.objectContaining({ what: 'windsurf', is: `${settings} is changed` }),
    );
    await writeFile(settings, text);
    expect((await world.act(repository, 'leave')).code).toBe(0);
    expect({ ...(await filesBelow(home)), ...(await filesBelow(repository)) }).toEqual(before);
  });

  it('bind worktrees with their repository, and leave every other repository untouched', async () => {
    await mkdir(join(world.home, '.claude'));
    const joined = await world.actJson(world.worktree, 'join');
    expect(joined).toMatchObject({ root: world.repository });
    const outside = await world.act(world.folder, 'join');
    expect(outside).toMatchObject({ code: 1 });
    expect(outside.stderr).toContain('is in no repository');
    const asked = [
      { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25' } },
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', id: 2, method: 'tools/list' },
    ];
    const [program = '', ...words] = actCommand();
    const elsewhere = spawnSync(program, [...words, 'mcp', '--joined'], {
      cwd: world.folder,
      env: world.env,
      input: asked.map((one) => `${JSON.stringify(one)}\n`).join(''),
      encoding: 'utf8',
    });
    expect(
      elsewhere.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([
      { id: 1, result: { protocolVersion: '2025-11-25', serverInfo: { name: 'act' } } },
      { id: 2, result: { tools: [] } },
    ]);
    expect((await world.act(world.repository, 'join', 'emacs')).stderr).toContain('claude-code, codex');
  });
});
