import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeJoinedWorld, FILE, TEXT } from '../../test/joined-world.ts';
import type { JoinedWorld } from '../../test/joined-world.ts';
import { startScriptedModel } from '../../test/model/scripted-model.ts';
import type { ScriptedModel, Script, ToolAnswer, Turn } from '../../test/model/scripted-model.ts';
import { hasClients, runClaude, runCodex } from '../../test/real-client.ts';
import { waitUntil } from '../../test/run-act.ts';

// A login shell would read the machine's profile, which may set another PATH.
const shell = (cmd: string): Turn => ({ tool: 'exec_command', input: { cmd, login: false } });
const patch = (old: string, young: string): Turn =>
  shell(
    `apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: ${FILE}\n@@\n-${old}\n+${young}\n*** End Patch\nEOF`,
  );
const bash = (command: string): Turn => ({ tool: 'Bash', input: { command, description: 'Runs a command' } });
const idIn = (answers: readonly ToolAnswer[]): string =>
  /\\?"taskId\\?":\\?"([0-9a-f-]{36})/.exec(answers[0]?.text ?? '')?.[1] ?? 'none';

describe.skipIf(!hasClients)('real Codex processes', () => {
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
    await world.actJson(world.repository, 'join', 'codex');
  });
  afterAll(async () => {
    for (const one of models) await one.stop();
    await world.stop();
  });

  it('share the work in two worktrees, and never overwrite each other', async () => {
    for (const title of ['Greeting', 'Farewell'])
      await world.actJson(world.repository, 'task', 'create', title);
    const first = await model([
      shell('act task next --json'),
      patch('line 10', 'line ten'),
      after('message.sent', shell('act message inbox')),
      (answers) => shell(`act task complete ${idIn(answers)}`),
      { say: 'done' },
    ]);
    const second = await model([
      shell('act task next --json'),
      after('reservation.granted', patch('line 10', 'line X')),
      (answers) => {
        const holder = /codex:[0-9a-f-]{36}/.exec(answers.at(-1)?.text ?? '')?.[0] ?? 'nobody';
        return shell(`act message send ${holder} 'May I have line 10?' --urgency high`);
      },
      patch('line 20', 'line twenty'),
      { say: 'done' },
    ]);
    const [one, other] = await Promise.all([
      runCodex(world, world.repository, first),
      runCodex(world, world.worktree, second),
    ]);
    const answers = (from: ScriptedModel): string[] => from.answers.map(({ text }) => text);
    expect(one.code, one.output).toBe(0);
    expect(other.code, other.output).toBe(0);
    expect(answers(second)[1]).toMatch(
      /codex:[0-9a-f-]{36} has reserved .*src\/shop.txt.*, line 10 for task /,
    );
    expect(answers(first).join('\n')).toContain('May I have line 10?');
    expect(await fileIn(world.repository)).toBe(TEXT.replace('line 10\n', 'line ten\n'));
    expect(await fileIn(world.worktree)).toBe(TEXT.replace('line 20\n', 'line twenty\n'));
    await waitUntil(async () => (await events('agent.disconnected')).length === 2, 'both sessions end');
    expect(await events('agent.registered')).toHaveLength(2);
    expect(await events('task.completed')).toHaveLength(1);
  });

  it('go on from the checkpoint that a Claude Code left which died', async () => {
    await world.actJson(world.repository, 'join', 'claude-code');
    await world.actJson(world.repository, 'task', 'create', 'Halves', '--priority', '0');
    const dying = await model([
      bash('act task next --json'),
      (answers) =>
        bash(
          `act task progress ${idIn(answers)} --percent 50 --checkpoint '{"note":"lines 1 to 15 are done"}'`,
        ),
      { say: 'gone' },
    ]);
    const left = await runClaude(world, world.repository, dying);
    expect(left.code, left.output).toBe(0);
    await waitUntil(async () => (await events('task.released')).length > 0, 'the task returns');
    const heir = await model([
      shell('act task next --json'),
      (answers) => shell(`act task complete ${idIn(answers)}`),
      { say: 'done' },
    ]);
    const ended = await runCodex(world, world.worktree, heir);
    expect(ended.code, ended.output).toBe(0);
    expect(heir.answers[0]?.text).toContain('lines 1 to 15 are done');
    const claims = (await events('task.claimed')).filter(({ data }) => data['taskId'] === idIn(heir.answers));
    expect(claims.map(({ agentId }) => agentId?.split(':')[0])).toEqual(['claude-code', 'codex']);
    expect((await events('task.completed')).at(-1)?.agentId).toMatch(/^codex:/);
  });
});
