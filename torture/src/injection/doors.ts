import { execFile } from 'node:child_process';
import { readFileSync, readdirSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { envelope, messagePart, recordPart, taskPart } from '@agentmix/act-contract';
import type { Part } from '@agentmix/act-contract';
import { actProgram } from '../processes/act-program.ts';
import { repositoryRoot } from '../processes/copy-tree.ts';
import type { Scene } from '../scene.ts';
import { listAll } from '../list-all.ts';
import type { Judge } from './judge.ts';
import type { Payload } from './payloads.ts';
import type { Planted } from './plant.ts';

const WHOLE = { charsMax: 100_000_000 };
const OUTPUT_BYTES_MAX = 268_435_456;

/** What the doors for models are made of: the renderers, over everything that the hub tells. */
export const readEnvelopes = async (scene: Scene, planted: Planted, judge: Judge): Promise<void> => {
  const each = (door: string, parts: readonly Part[]): void => {
    for (const part of parts) judge.envelope(door, envelope([part]));
    judge.envelope(`${door}, all`, envelope(parts, WHOLE));
    judge.envelope(`${door}, a few`, envelope(parts));
  };
  const { agentId } = planted.reader;
  each('messages', (await listAll(scene, 'message.list', { agentId })).map(messagePart));
  each('tasks', (await listAll(scene, 'task.list', {})).map(taskPart));
  const agents = await listAll(scene, 'agent.list', {});
  each(
    'agents',
    agents.map(({ id, lastSeen, name, kind, capabilities }) =>
      recordPart('agent', { id, at: lastSeen }, { name, kind, capabilities }),
    ),
  );
  const asked = await listAll(scene, 'assistance.list', {});
  each(
    'questions',
    asked.map(({ id, agentId: from, createdAt: at, question, requires }) =>
      recordPart('assistance', { id, from, at }, { question, requires }),
    ),
  );
  const entries = await listAll(scene, 'state.list', {});
  each(
    'state',
    entries.map(({ key, value, updatedAt: at }) => recordPart('state', { at }, { key, value })),
  );
  const files = await listAll(scene, 'file.list', {});
  each(
    'files',
    files.map(({ filePath, agentId: from, lastModified: at }) =>
      recordPart('file', { from, at }, { filePath }),
    ),
  );
  const conflicts = await listAll(scene, 'conflict.list', {});
  each(
    'conflicts',
    conflicts.map(({ id, createdAt: at, description }) =>
      recordPart('conflict', { id, at }, { description }),
    ),
  );
  const events = await listAll(scene, 'event.list', {});
  each(
    'events',
    events.map(({ id, agentId: from, timestamp: at, type, data }) =>
      recordPart('event', { id, from, at, type }, data),
    ),
  );
  // Provenance itself, with texts where ids and names belong.
  each(
    'forged provenance',
    events.map(({ data }) =>
      recordPart('event', { id: JSON.stringify(data), from: JSON.stringify(data), status: 'x y' }, {}),
    ),
  );
};

const runAct = async (scene: Scene, args: readonly string[]): Promise<{ stdout: string; stderr: string }> => {
  const { words, env } = actProgram(scene);
  return promisify(execFile)(process.execPath, [...words, ...args], {
    cwd: repositoryRoot(),
    env,
    maxBuffer: OUTPUT_BYTES_MAX,
  });
};

/** The commands of act that show what others wrote, for people, for programs and for models. */
export const readCommands = async (scene: Scene, planted: Planted, judge: Judge): Promise<void> => {
  const seq = await scene.quiet.query('project.get', scene.projectId, {});
  if (!seq.ok) throw new Error('no project');
  const until = ['--after', '0', '--until-seq', String(seq.value.seq)];
  const [first = '', second = ''] = planted.taskIds;
  // A line of ours begins with a time, a glyph, a blank, or a word of ours.
  const isOurs = (line: string): boolean =>
    /^(?: |\d\d:\d\d:\d\d |[·○▶‖✓✗–█▒░] ?|torture |Agents|In hand|Ready|Parked|Blocked|no task|in no phase)/u.test(
      line,
    );
  for (const args of [
    ['status'],
    ['task', 'list'],
    ['plan', 'show'],
    ['tail', ...until],
    ['task', 'show', first],
  ]) {
    const { stdout, stderr } = await runAct(scene, args);
    judge.terminal(`act ${args.slice(0, 2).join(' ')}`, `${stdout}\n${stderr}`, isOurs);
    judge.data(`act ${args.slice(0, 2).join(' ')} --json`, (await runAct(scene, [...args, '--json'])).stdout);
  }
  for (const args of [['list'], ['show', first], ['show', second]])
    judge.envelope(
      `act task ${args[0]} --envelope`,
      (await runAct(scene, ['task', ...args, '--envelope'])).stdout,
    );
};

/** What reaches the programs that act runs: a model, and a script. */
export const readPrograms = async (scene: Scene, dir: string, count: number, judge: Judge): Promise<void> => {
  for (const kind of ['model', 'script'] as const) {
    const folder = join(dir, `programs-${kind}`);
    mkdirSync(folder);
    const script = `cat > "${folder}/$ACT_TASK_ID.stdin"; env | grep -a -A9 '^ACT_TASK_\\|^ACT_CHECKPOINT' > "${folder}/$ACT_TASK_ID.env"; exit 75`;
    const flags = kind === 'model' ? ['--envelope'] : [];
    await runAct(scene, [
      'work',
      '--agent',
      kind,
      '--max',
      String(count),
      ...flags,
      '--',
      'sh',
      '-c',
      script,
    ]);
    for (const name of readdirSync(folder)) {
      const text = readFileSync(join(folder, name), 'utf8');
      if (name.endsWith('.env') || kind === 'script') judge.data(`act work, ${kind}`, text);
      else judge.envelope('act work, model', text);
    }
  }
};

/** Refusals and documents: words of the hub, in which no word of the project stands. */
export const readOurWords = async (scene: Scene, all: readonly Payload[], judge: Judge): Promise<void> => {
  const { quiet, projectId, hub } = scene;
  const detailOf = async (call: Promise<{ ok: boolean; refusal?: { detail?: string } }>): Promise<string> =>
    (await call).refusal?.detail ?? '';
  for (const { text } of all) {
    const key = text.slice(0, 255).replace(/[\uD800-\uDBFF]$/, '');
    const tasks = [
      { key, title: 'a' },
      { key, title: 'b' },
    ];
    judge.ours(
      'duplicate key',
      await detailOf(quiet.command('task.create', projectId, { key, title: 'twice' })),
    );
    judge.ours('plan', await detailOf(quiet.command('plan.apply', projectId, { tasks })));
    judge.ours(
      'unknown key',
      await detailOf(quiet.query('state.get', projectId, { key: `no ${key}`.slice(0, 200) })),
    );
    // What the caller itself sent may be named to it, where it shows.
    const wrong = { title: 'x', [key]: 1 } as unknown as { title: string };
    judge.data('unknown field', await detailOf(quiet.command('task.create', projectId, wrong)));
  }
  for (const path of ['/openapi.json', '/v1', '/healthz']) {
    const headers = { authorization: `Bearer ${hub.token}` };
    judge.ours(path, JSON.stringify(await (await fetch(`${hub.url}${path}`, { headers })).json()));
  }
};
