import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Task } from '@agentmix/act-client';
import { readSurroundings } from './cli/surroundings.ts';
import { connectProject } from './connection/find-project.ts';
import { act, jsonOf, startAct, startTestHub, waitUntil } from '../test/run-act.ts';
import type { TestHub } from '../test/run-act.ts';

const PLAN = `name: Small
phases:
  - { key: build, title: Build }
  - { key: ship, title: Ship, dependsOn: [build] }
tasks:
  - { key: a, title: First, phase: build, priority: 1 }
  - { key: b, title: Second, phase: build, dependsOn: [a], requires: [{ name: rust, level: 2 }] }
  - { key: c, title: Third, phase: ship, status: blocked }
`;

/** Characters that act on a terminal: controls but the line break, bidi and other format characters. */
const HOSTILE = /(?!\n)[\p{Cc}\p{Cf}]/u;
const EVIL = 'evil \u001b[31mred\u001b[0m \u202ereversed\u202c \u009b2J end';

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
}, 90_000);
afterAll(() => hub.stop(), 30_000);

const file = async (name: string, text: string): Promise<string> => {
  const path = join(hub.folder, name);
  await writeFile(path, text);
  return path;
};
const run = (...args: string[]) => act(args, hub.env);
const runJson = async (...args: string[]) => jsonOf(await run(...args, '--json'));

describe('act plan import', { timeout: 30_000 }, () => {
  it('creates the project and its tasks, and changes nothing the second time', async () => {
    const path = await file('small.yaml', PLAN);
    const first = await runJson('plan', 'import', path);
    expect(first).toMatchObject({
      project: { name: 'Small' },
      imported: 3,
      created: 3,
      updated: 0,
      unchanged: 0,
      edges: 1,
      importedEdges: 2,
      skippedItems: 0,
      skippedEdges: 0,
      counts: { items: 3, edges: 2 },
    });
    expect(first['notes']).toEqual(['c: blocked in the file, imported as open']);
    expect(await runJson('plan', 'import', path)).toMatchObject({
      imported: 3,
      created: 0,
      updated: 0,
      unchanged: 3,
      edges: 0,
    });
    const human = await run('plan', 'import', path);
    expect(human.stdout).toContain('0 created, 0 updated, 3 unchanged');
  });

  it('sends nothing of a file that is cut off, and names the line', async () => {
    const issue = (id: string) =>
      JSON.stringify({ id, title: id, status: 'open', priority: 2, issue_type: 'task' });
    const path = await file('cut.jsonl', `${issue('x-1')}\n${issue('x-2')}\n${issue('x-3').slice(0, 20)}`);
    const ended = await run('plan', 'import', path, '--project', 'Cut', '--json');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('line 3');
    expect(jsonOf(ended)).toMatchObject({ error: { code: 'plan_unreadable', line: 3 } });
    const { projects } = await runJson('project', 'list');
    expect(projects).not.toContainEqual(expect.objectContaining({ name: 'Cut' }));
  });

  it('accounts for every item and dependency of a foreign file, and completes phases that are over', async () => {
    const lines = [
      { id: 'e', title: 'Epic', status: 'open', issue_type: 'epic' },
      {
        id: 'e.1',
        title: 'Child',
        status: 'closed',
        dependencies: [{ issue_id: 'e.1', depends_on_id: 'e', type: 'parent-child' }],
      },
      {
        id: 'f',
        title: 'Other',
        status: 'open',
        dependencies: [{ issue_id: 'f', depends_on_id: 'gone', type: 'blocks' }],
      },
    ];
    const path = await file('foreign.jsonl', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const report = await runJson('plan', 'import', path, '--project', 'Foreign');
    const counts = report['counts'] as Record<string, number>;
    const number = (name: string) => Number(report[name]);
    expect(number('imported') + number('skippedItems')).toBe(counts['items']);
    expect(number('created') + number('updated') + number('unchanged')).toBe(number('imported'));
    expect(number('importedEdges') + number('skippedEdges')).toBe(counts['edges']);
    const shown = await runJson('plan', 'show', '--project', 'Foreign');
    expect(shown['phases']).toMatchObject([{ key: 'e', status: 'completed' }]);
  });
});

describe('act status, task and tail', () => {
  it('tells counts, agents and tasks as JSON', async () => {
    const board = await runJson('status', '--project', 'Small');
    expect(board).toMatchObject({
      project: { name: 'Small' },
      counts: { ready: 1, pending: 2, completed: 0 },
    });
  });

  it('keeps an agent’s session from one command to the next, where only its user reads it', async () => {
    const args = ['--project', 'Small', '--agent', 'ann'];
    const { claim } = await runJson('task', 'next', ...args);
    expect(claim).toMatchObject({ task: { key: 'a' }, leaseMs: 3_600_000 });
    const { project } = (await runJson('status', '--project', 'Small')) as { project: { id: string } };
    const kept = await stat(join(hub.dataDir, 'sessions', project.id, 'ann.json'));
    expect(kept.mode & 0o777).toBe(0o600);
    expect((await run('task', 'complete', 'a', '--project', 'Small', '--agent', 'bob')).code).toBe(1);
    expect((await run('task', 'complete', 'a', ...args)).code).toBe(0);
    expect((await run('task', 'complete', 'a', ...args)).code).toBe(1);
    const without = await run('task', 'claim', 'b', ...args);
    expect([without.code, without.stderr]).toEqual([1, expect.stringContaining('capability_missing')]);
    const able = await run('task', 'claim', 'b', ...args, '--capability', 'rust:2');
    expect([able.code, able.stdout]).toEqual([0, expect.stringContaining('Second')]);
  });

  it('completes nothing without the evidence that the project asks for, and says what is missing', async () => {
    const path = await file('evidence.yaml', 'name: Shown\ntasks:\n  - { key: a, title: Only }\n');
    await runJson('plan', 'import', path);
    await runJson('project', 'require', 'Shown', '--commit', '--check', 'tests');
    const mine = ['--project', 'Shown', '--agent', 'dora'];
    await runJson('task', 'next', ...mine);
    const refused = await run('task', 'complete', 'a', ...mine, '--check', 'tests=fail');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('the commit, a pass of the check tests');
    await runJson('task', 'complete', 'a', ...mine, '--commit', '3f2a1b0', '--check', 'tests=pass');
  });

  it('shows texts of others escaped, never raw', async () => {
    await run('project', 'create', EVIL);
    const args = ['--project', EVIL];
    await run('task', 'create', EVIL, '--description', EVIL, '--type', EVIL, ...args);
    await run('task', 'create', 'held', '--key', EVIL, '--requires', `${EVIL.slice(0, 20)}:1`, ...args);
    await run('task', 'next', '--agent', 'ann', ...args);
    const outputs = await Promise.all([
      run('status', ...args),
      run('plan', 'show', ...args),
      run('task', 'list', ...args),
      run('task', 'show', EVIL, ...args),
      run('task', 'claim', EVIL, '--agent', 'bob', ...args),
      run('task', 'show', `no ${EVIL}`, ...args),
      run('tail', '--after', '0', '--until-seq', '4', ...args),
      run('tail', '--after', '0', '--until-seq', '4', '--json', ...args),
      run('project', 'list'),
      run('status', '--project', `no ${EVIL}`),
    ]);
    for (const { stdout, stderr } of outputs) {
      expect(stdout).not.toMatch(HOSTILE);
      expect(stderr).not.toMatch(HOSTILE);
    }
    expect(outputs[2]?.stdout).toContain('evil \\u{1b}[31mred');
    expect(outputs[6]?.stdout.split('\n')).toHaveLength(5);
  });
});

describe.concurrent('act work', { timeout: 90_000 }, () => {
  const project = async (name: string, ...titles: string[]): Promise<string[]> => {
    await run('project', 'create', name);
    for (const title of titles) await run('task', 'create', title, '--key', title, '--project', name);
    return ['--project', name];
  };
  /** Asks for task `t` without starting a process each time. */
  const watch = async (name: string) => {
    const { hub: client, project: known } = await connectProject(
      { project: name },
      { ...readSurroundings(), env: hub.env },
    );
    return async (): Promise<Task | undefined> => {
      const result = await client.query('task.list', known.id, { key: 't' });
      return result.ok ? result.value.items[0] : undefined;
    };
  };
  const isAlive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  it('gives the task of a worker that was killed to another, with its checkpoint, and ends its program', async () => {
    const args = await project('Takeover', 't');
    const slow = `echo "::act progress 50 half"; echo '::act checkpoint {"note":"half way"}'; echo "pid $$"; sleep 300 & sleep 300`;
    const first = startAct(
      ['work', '--agent', 'ann', '--lease', '2', ...args, '--', 'sh', '-c', slow],
      hub.env,
    );
    let stderr = '';
    first.child.stderr?.on('data', (text: string) => {
      stderr += text;
    });
    const shown = await watch('Takeover');
    await waitUntil(async () => (await shown())?.checkpoint !== undefined, 'a checkpoint');
    await waitUntil(() => stderr.includes('pid '), 'the program’s pid');
    const pid = Number(/pid (\d+)/.exec(stderr)?.[1]);
    expect(isAlive(pid)).toBe(true);
    first.child.kill('SIGKILL');
    await waitUntil(() => !isAlive(-pid), 'the program and what it started are gone', 8_000);
    const script = `read task; echo "$task" >&2; test "$ACT_CHECKPOINT" = '{"note":"half way"}' && test "$ACT_ATTEMPT" = 2 && test -z "$ACT_TOKEN" && echo '{"resumed":true}'`;
    const second = await run('work', '--agent', 'bob', '--once', ...args, '--', 'sh', '-c', script);
    expect([second.code, second.stderr]).toEqual([
      0,
      expect.stringContaining('"checkpoint":{"note":"half way"}'),
    ]);
    expect(second.stdout).toContain('goes on from: half way');
    expect(await shown()).toMatchObject({
      status: 'completed',
      assignedAgentId: 'bob',
      result: { resumed: true },
    });
  });

  it('gives a task back on 75, fails it on anything else, and says when nobody can go on', async () => {
    const args = await project('Outcomes', 't');
    await run('task', 'create', 'behind', '--key', 'behind', '--depends-on', 't', ...args);
    const once = (script: string) =>
      run('work', '--agent', 'ann', '--once', ...args, '--json', '--', 'sh', '-c', script);
    const back = await once('exit 75');
    expect([back.code, jsonOf(back)]).toEqual([1, expect.objectContaining({ released: 1 })]);
    const stuck = await run(
      'work',
      '--agent',
      'ann',
      '--until-done',
      ...args,
      '--json',
      '--',
      'sh',
      '-c',
      'echo broken >&2; exit 3',
    );
    expect(stuck.code).toBe(1);
    expect(jsonOf(stuck)).toMatchObject({
      error: { code: 'stuck', failed: 3, stuck: { waiting: 1, parked: 1 } },
    });
    const { task } = await runJson('task', 'show', 't', ...args);
    expect(task).toMatchObject({
      status: 'failed',
      attempts: 3,
      blockedReason: expect.stringContaining('broken') as string,
    });
    await run('task', 'retry', 't', ...args);
    const done = await run('work', '--agent', 'ann', '--until-done', ...args, '--json', '--', 'true');
    expect([done.code, jsonOf(done)]).toEqual([0, expect.objectContaining({ completed: 2, end: 'done' })]);
  });

  it('gives the task back with its checkpoint when it is stopped', async () => {
    const args = await project('Stopped', 't');
    const script = `echo '::act checkpoint {"note":"one third"}'; exec sleep 300`;
    const worker = startAct(['work', '--agent', 'ann', ...args, '--', 'sh', '-c', script], hub.env);
    const shown = await watch('Stopped');
    await waitUntil(async () => (await shown())?.checkpoint !== undefined, 'a checkpoint');
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({ code: 1, signal: null });
    expect(await shown()).toMatchObject({ status: 'ready', attempts: 0, checkpoint: { note: 'one third' } });
  });
});

describe('act up', () => {
  it('names a busy port and the way out', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ended = await act(['up', '--port', String(port), '--data-dir', join(hub.folder, 'other')]);
    server.close();
    expect([ended.code, ended.stdout]).toEqual([1, '']);
    expect(ended.stderr).toBe(
      `act: port ${port} is in use by another program\n     take another: act up --port ${port + 1}\n`,
    );
  });

  it('says that a hub runs there already', async () => {
    const ended = await act(['up', '--port', new URL(hub.url).port, '--json']);
    expect([ended.code, jsonOf(ended)]).toEqual([0, { url: hub.url, alreadyRunning: true }]);
  });

  it(
    'says how to go on as it was called: by npm in a clone, else by its name',
    { timeout: 60_000 },
    async () => {
      const words = ['up', '--port', '0', '--data-dir', join(hub.folder, 'third')];
      for (const [env, call] of [
        [{ npm_package_name: 'act-hub' }, 'npm run act -- status'],
        [{ npm_package_name: 'shop' }, 'around: act status'],
      ] as const) {
        const up = startAct(words, env);
        await waitUntil(() => up.stdout().includes('hub is serving'), 'the hub serves', 30_000);
        up.child.kill('SIGTERM');
        expect((await up.ended).stderr).toContain(call);
      }
    },
  );

  it('refuses a data directory that another hub uses, in one line', async () => {
    const ended = await act(['up', '--port', '0', '--data-dir', hub.dataDir]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(
      /^act: data directory .* is in use by another hub \(pid \d+.*\)\n {5}stop that hub/,
    );
  });
});

describe('act', { timeout: 30_000 }, () => {
  it('ends with 3 when no hub answers, and says how to start one', async () => {
    const ended = await act(['status', '--json', '--url', 'http://127.0.0.1:1'], { ACT_TOKEN: 'x' });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('with: act up\n');
    expect(jsonOf(ended)).toMatchObject({ error: { code: 'unreachable' } });
  });

  it('names itself in hints and in its help as npm called it', async () => {
    const byNpm = { ACT_TOKEN: 'x', npm_package_name: 'act-hub' };
    const ended = await act(['status', '--url', 'http://127.0.0.1:1'], byNpm);
    expect(ended.stderr).toContain('with: npm run act -- up\n');
    expect((await act(['task', '--help'], byNpm)).stdout).toContain('Usage  npm run act -- task COMMAND');
  });

  it('ends with 1 when the key is wrong, and never shows a key', async () => {
    const ended = await act(['status'], { ...hub.env, ACT_TOKEN: 'act_admin_wrong' });
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('wants a key')]);
    expect(ended.stderr).not.toContain('act_admin_wrong');
  });

  it('ends with 2 when it is called wrongly', async () => {
    const wrong = [
      ['bogus'],
      ['task', 'list', '--bogus'],
      ['task', 'create'],
      ['work', '--agent', 'a b', '--', 'true'],
      ['work'],
    ];
    for (const args of wrong) expect((await act(args)).code).toBe(2);
  });

  it('lists the projects when it cannot tell which one is meant', async () => {
    const ended = await run('status');
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringMatching(/say which[\s\S]*Small/)]);
  });
});
