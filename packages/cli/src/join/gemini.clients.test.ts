import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FILE, makeJoinedWorld, TEXT } from '../../test/joined-world.ts';
import type { JoinedWorld } from '../../test/joined-world.ts';
import { startScriptedModel } from '../../test/model/scripted-model.ts';
import type { Script, ScriptedModel, ToolAnswer, Turn } from '../../test/model/scripted-model.ts';
import { hasClients, runGemini } from '../../test/real-client.ts';
import { waitUntil } from '../../test/run-act.ts';

/** A person's settings: how they sign in, and a comment of theirs. */
const SETTINGS = '{\n  // mine\n  "security": { "auth": { "selectedType": "gemini-api-key" } }\n}\n';

const shell = (command: string): Turn => ({
  tool: 'run_shell_command',
  input: { command, description: 'Runs a command' },
});
const replace = (old: string, young: string): Turn => ({
  tool: 'replace',
  input: { file_path: FILE, instruction: 'Changes a line', old_string: old, new_string: young },
});

describe.skipIf(!hasClients)('two real Gemini CLI processes in two worktrees', () => {
  let world: JoinedWorld;
  let settings: string;
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
    settings = join(world.home, '.gemini', 'settings.json');
    await mkdir(join(world.home, '.gemini'));
    await writeFile(settings, SETTINGS);
    await world.actJson(world.repository, 'join', 'gemini');
  });
  afterAll(async () => {
    for (const one of models) await one.stop();
    await world.stop();
  });

  it('never overwrite each other, and hear of it', async () => {
    const first = await model([
      replace('line 10\n', 'line ten\n'),
      after('message.sent', { say: 'done' }),
      { say: 'I have read it' },
    ]);
    const second = await model([
      after('file.modified', replace('line 10\n', 'line X\n')),
      (answers) => {
        const holder = /gemini:[0-9a-f-]{36}/.exec(answers.at(-1)?.text ?? '')?.[0] ?? 'nobody';
        return shell(`act message send ${holder} 'May I have line 10?' --urgency high --agent gemini-cli`);
      },
      replace('line 20\n', 'line twenty\n'),
      { say: 'done' },
    ]);
    const [one, other] = await Promise.all([
      runGemini(world, world.repository, first),
      runGemini(world, world.worktree, second),
    ]);
    expect(one.code, one.output).toBe(0);
    expect(other.code, other.output).toBe(0);
    expect(second.answers[0]?.isError).toBe(true);
    expect(second.answers[0]?.text).toMatch(/gemini:[0-9a-f-]{36} has reserved .*src\/shop.txt.*, line 10/);
    // What it reads at its start, and before it stops, which it then does not.
    expect(first.requests[0]).toContain('This session is the agent gemini:');
    // The hub's tools are there, under the name that its settings give our server.
    expect(first.requests[0]).toContain('"name":"mcp_act_act_next"');
    expect(first.requests.at(-1)).toContain('May I have line 10?');
    expect(first.requests).toHaveLength(3);
    expect(await fileIn(world.repository)).toBe(TEXT.replace('line 10\n', 'line ten\n'));
    expect(await fileIn(world.worktree)).toBe(TEXT.replace('line 20\n', 'line twenty\n'));
    await waitUntil(
      async () =>
        (await events('agent.disconnected')).filter(({ agentId }) => agentId?.startsWith('gemini:'))
          .length === 2,
      'both sessions end',
    );
  });

  it('are joined by a file whose every byte comes back', async () => {
    expect(await readFile(settings, 'utf8')).toContain('// mine');
    await world.act(world.repository, 'leave');
    expect(await readFile(settings, 'utf8')).toBe(SETTINGS);
  });
});
