import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority } from '../../hub/test/certificates.ts';
import { act, jsonOf, makeFolder, startAct, waitUntil } from '../test/run-act.ts';
import type { Running } from '../test/run-act.ts';

const FOLLOW = fileURLToPath(new URL('../test/follow-socket.ts', import.meta.url));

describe('a hub with a certificate of a private authority', () => {
  let folder: string;
  let hub: Running;
  let env: Record<string, string>;
  let trusting: Record<string, string>;
  beforeAll(async () => {
    folder = await makeFolder();
    const authority = makeAuthority(folder);
    const { certFile, keyFile } = authority.issue('hub');
    const dataDir = join(folder, 'hub');
    hub = startAct(['up', '--port', '0', '--data-dir', dataDir, '--json'], {
      ACT_TLS_CERT: certFile,
      ACT_TLS_KEY: keyFile,
    });
    await waitUntil(() => hub.stdout().includes('\n'), 'the hub starts', 60_000);
    const { url } = JSON.parse(hub.stdout()) as { url: string };
    expect(url).toMatch(/^https:/);
    env = { ACT_URL: url, ACT_DATA_DIR: dataDir };
    trusting = { ...env, NODE_EXTRA_CA_CERTS: authority.caFile };
  }, 90_000);
  afterAll(async () => {
    hub.child.kill('SIGTERM');
    await hub.ended;
    await rm(folder, { recursive: true, force: true });
  }, 30_000);

  it('is used by the command, its streams included, through NODE_EXTRA_CA_CERTS', async () => {
    expect((await act(['project', 'create', 'Private'], trusting)).code).toBe(0);
    const { projects } = jsonOf(await act(['project', 'list', '--json'], trusting));
    expect(projects).toEqual([expect.objectContaining({ name: 'Private' })]);
    const tail = startAct(['tail', '--json', '--after', '0'], trusting);
    await waitUntil(() => tail.stdout().includes('project.created'), 'the event arrives');
    tail.child.kill('SIGINT');
    await tail.ended;
  });

  it('is used by the SDK over Socket.IO in the same way', async () => {
    const token = (await readFile(join(folder, 'hub', 'admin.key'), 'utf8')).trim();
    const runs = [trusting, env].map(async (extra) => {
      const child = spawn(
        process.execPath,
        ['--conditions=@act/source', '--import', import.meta.resolve('tsx'), FOLLOW],
        { env: { ...process.env, ...extra, ACT_TOKEN: token }, stdio: ['ignore', 'pipe', 'inherit'] },
      );
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
      await once(child, 'close');
      return said.trim();
    });
    const [trusted, untrusted] = await Promise.all(runs);
    expect(trusted).toBe('true');
    expect(untrusted).toContain('no result');
  });

  it('is not trusted without', async () => {
    const ended = await act(['project', 'list'], env);
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toMatch(/certificate is of no authority.*\n.*NODE_EXTRA_CA_CERTS/);
  });
});

describe('a hub on a public address without TLS', () => {
  it('does not start, and says in one line what to set', async () => {
    const folder = await makeFolder();
    const ended = await act(['up', '--port', '0', '--host', '0.0.0.0', '--data-dir', folder]);
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toMatch(/ACT_HOST 0\.0\.0\.0 is reached from other machines.*ACT_TLS_TERMINATED=1/);
    await rm(folder, { recursive: true, force: true });
  });
});
