import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FILE, makeJoinedWorld, TEXT } from '../../test/joined-world.ts';
import type { JoinedWorld } from '../../test/joined-world.ts';
import { startScriptedModel } from '../../test/model/scripted-model.ts';
import type { ScriptedModel, Script, ToolAnswer } from '../../test/model/scripted-model.ts';
import { hasClients, runClaude, runClient } from '../../test/real-client.ts';
import { waitUntil } from '../../test/run-act.ts';

/** The task that the first command was given. */
const taskIn = (answers: readonly ToolAnswer[]): string =>
  /"taskId":"([0-9a-f-]{36})"/.exec(answers[0]?.text ?? '')?.[1] ?? 'none';
const bash = (command: string) => ({ tool: 'Bash', input: { command, description: 'Runs a command' } });

describe.skipIf(!hasClients)('two real Claude Code processes in two worktrees', () => {
  let world: JoinedWorld;
  const models: ScriptedModel[] = [];
  const model = async (script: Script): Promise<ScriptedModel> => {
    const started = await startScriptedModel(script);
    models.push(started);
    return started;
  };
  beforeAll(async () => {
    world = await makeJoinedWorld();
  });
  afterAll(async () => {
    for (const one of models) await one.stop();
    await world.stop();
  });

  it('join by one command, share the work, and never overwrite each other', async () => {
    const joined = await world.actJson(world.repository, 'join', 'claude-code');
    expect(joined).toMatchObject({ name: 'shop', clients: [{ client: 'claude-code' }] });
    const listed = await runClient('claude', ['mcp', 'list'], world.repository, world.env);
    expect(listed.output).toMatch(/plugin:act:hub: .*Connected/);
    const plugin = join(world.home, '.claude', 'skills', 'act');
    const validated = await runClient('claude', ['plugin', 'validate', plugin], world.repository, world.env);
    expect(validated, validated.output).toMatchObject({ code: 0 });
    expect(validated.output).not.toMatch(/warning|error/i);
    for (const title of ['Greeting', 'Farewell'])
      await world.actJson(world.repository, 'task', 'create', title);

    const edit = (folder: string, old: string, young: string) => ({
      tool: 'Edit',
      input: { file_path: join(folder, FILE), old_string: old, new_string: young },
    });
    const read = (folder: string) => ({ tool: 'Read', input: { file_path: join(folder, FILE) } });
    const isIn = async (type: string): Promise<boolean> =>
      (await world.history()).some((event) => event.type === type);
    /** Holds a turn back until something is in the log. */
    const after =
      <T>(type: string, turn: (answers: readonly ToolAnswer[]) => T) =>
      async (answers: readonly ToolAnswer[]): Promise<T> => {
        await waitUntil(() => isIn(type), type, 60_000);
        return turn(answers);
      };
    const first = await model([
      bash('act task next --json'),
      read(world.repository),
      edit(world.repository, 'line 10\n', 'line ten\n'),
      after('message.sent', () => bash('act message inbox')),
      (answers) => bash(`act task complete ${taskIn(answers)}`),
      { say: 'done' },
    ]);
    const second = await model([
      bash('act task next --json'),
      read(world.worktree),
      after('file.modified', () => edit(world.worktree, 'line 10\n', 'line X\n')),
      (answers) => {
        const holder = /claude-code:[0-9a-f-]{36}/.exec(answers.at(-1)?.text ?? '')?.[0] ?? 'nobody';
        return bash(`act message send ${holder} 'May I have line 10?' --urgency high`);
      },
      edit(world.worktree, 'line 20\n', 'line twenty\n'),
      { say: 'done' },
    ]);
    const [one, other] = await Promise.all([
      runClaude(world, world.repository, first),
      runClaude(world, world.worktree, second),
    ]);
    const answers = (from: ScriptedModel) => from.answers.map(({ text }) => text);
    expect(one, JSON.stringify(answers(first))).toMatchObject({ code: 0 });
    expect(other, JSON.stringify(answers(second))).toMatchObject({ code: 0 });

    expect(answers(second)[2]).toMatch(
      /claude-code:[0-9a-f-]{36} has reserved "src\/shop.txt", line 10 for task /,
    );
    expect(answers(first).join('\n')).toContain('May I have line 10?');
    expect(await readFile(join(world.repository, FILE), 'utf8')).toBe(
      TEXT.replace('line 10\n', 'line ten\n'),
    );
    expect(await readFile(join(world.worktree, FILE), 'utf8')).toBe(
      TEXT.replace('line 20\n', 'line twenty\n'),
    );

    await waitUntil(
      async () => (await world.history()).filter(({ type }) => type === 'agent.disconnected').length === 2,
      'both sessions end',
    );
    const { hub, projectId } = await world.hub();
    const roster = await hub.query('agent.list', projectId, {});
    await hub.close();
    const agents = roster.ok ? roster.value.items : [];
    expect(agents.map(({ kind, status }) => ({ kind, status }))).toEqual([
      { kind: 'claude-code', status: 'offline' },
      { kind: 'claude-code', status: 'offline' },
    ]);
    const types = (await world.history()).map(({ type }) => type);
    expect(types.filter((type) => type === 'agent.registered')).toHaveLength(2);
    expect(types.filter((type) => type === 'task.claimed')).toHaveLength(2);
    expect(types.filter((type) => type === 'task.completed')).toHaveLength(1);
    expect(types.filter((type) => type === 'file.modified')).toHaveLength(2);
  });
});
