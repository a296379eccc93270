import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FILE, makeJoinedWorld, TEXT } from '../../test/joined-world.ts';
import type { JoinedWorld } from '../../test/joined-world.ts';
import { startScriptedModel } from '../../test/model/scripted-model.ts';
import type { Script, ScriptedModel, ToolAnswer, Turn } from '../../test/model/scripted-model.ts';
import { hasClients, runOpencode } from '../../test/real-client.ts';
import { waitUntil } from '../../test/run-act.ts';

const bash = (command: string): Turn => ({ tool: 'bash', input: { command, description: 'Runs a command' } });
const read = (folder: string): Turn => ({ tool: 'read', input: { filePath: join(folder, FILE) } });
const edit = (folder: string, oldString: string, newString: string): Turn => ({
  tool: 'edit',
  input: { filePath: join(folder, FILE), oldString, newString },
});

describe.skipIf(!hasClients)('two real opencode processes in two worktrees', () => {
  let world: JoinedWorld;
  const models: ScriptedModel[] = [];
  const model = async (script: Script): Promise<ScriptedModel> => {
    const started = await startScriptedModel(script);
    models.push(started);
    return started;
  };
  const events = async (type: string) => (await world.history()).filter((event) => event.type === type);
  const after =
    (type: string, turn: Turn | ((answers: readonly ToolAnswer[]) => Turn)) =>
    async (answers: readonly ToolAnswer[]): Promise<Turn> => {
      await waitUntil(async () => (await events(type)).length > 0, type, 60_000);
      return typeof turn === 'function' ? turn(answers) : turn;
    };
  const fileIn = (folder: string): Promise<string> => readFile(join(folder, FILE), 'utf8');
  beforeAll(async () => {
    world = await makeJoinedWorld();
    await mkdir(join(world.home, '.config', 'opencode'), { recursive: true });
    await world.actJson(world.repository, 'join');
  });
  afterAll(async () => {
    for (const one of models) await one.stop();
    await world.stop();
  });

  it('never overwrite each other, hear of it, and take tasks in their own names', async () => {
    await world.actJson(world.repository, 'task', 'create', 'Greeting');
    const { repository, worktree } = world;
    const first = await model([
      bash('act task next --json'),
      read(repository),
      edit(repository, 'line 10\n', 'line ten\n'),
      after('message.sent', edit(repository, 'line 12\n', 'line twelve\n')),
      { say: 'done' },
    ]);
    const second = await model([
      read(worktree),
      after('file.modified', edit(worktree, 'line 10\n', 'line X\n')),
      (answers) => {
        const holder = /opencode:ses_\w+/.exec(answers.at(-1)?.text ?? '')?.[0] ?? 'nobody';
        return bash(`act message send ${holder} 'May I have line 10?' --urgency high`);
      },
      edit(worktree, 'line 20\n', 'line twenty\n'),
      { say: 'done' },
    ]);
    const [one, other] = await Promise.all([
      runOpencode(world, repository, first),
      runOpencode(world, worktree, second),
    ]);
    expect(one.code, one.output).toBe(0);
    expect(other.code, other.output).toBe(0);
    expect(second.answers[1]?.text).toMatch(
      /opencode:ses_\w+ has reserved .*src\/shop.txt.*, line 10 for task /,
    );
    expect(first.requests[0]).toContain('This session is the agent opencode:ses_');
    expect(first.requests[0]).toContain('"name":"act_act_next"');
    expect(first.answers.at(-1)?.text).toContain('May I have line 10?');
    expect(await fileIn(repository)).toBe(
      TEXT.replace('line 10\n', 'line ten\n').replace('line 12\n', 'line twelve\n'),
    );
    expect(await fileIn(worktree)).toBe(TEXT.replace('line 20\n', 'line twenty\n'));
    await waitUntil(async () => (await events('agent.disconnected')).length === 2, 'both sessions end');
    expect(
      (await events('agent.registered')).every(({ agentId }) => agentId?.startsWith('opencode:ses_')),
    ).toBe(true);
    expect((await events('task.claimed'))[0]?.agentId).toMatch(/^opencode:ses_/);
  });
});
