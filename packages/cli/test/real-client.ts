import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JoinedWorld } from './joined-world.ts';
import type { ScriptedModel } from './model/scripted-model.ts';

const FOLDER = fileURLToPath(new URL('../../../.cache/agent-clients', import.meta.url));
const binOf = (name: string): string => join(FOLDER, 'node_modules', '.bin', name);

/** Whether the real clients are there: `node scripts/agent-clients.mjs` installs them. */
export const hasClients = existsSync(join(FOLDER, 'installed.json'));

export interface ClientEnded {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a client to its end, with an environment of the test's own. */
export const runClient = async (
  name: string,
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<ClientEnded> => {
  const child = spawn(binOf(name), words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
};

const CLAUDE_WORDS = ['--permission-mode', 'acceptEdits', '--allowedTools', 'Bash,Edit,Read'];
const claudeEnv = (world: JoinedWorld, model: ScriptedModel) => ({
  ...world.env,
  ANTHROPIC_BASE_URL: model.url,
  ANTHROPIC_API_KEY: 'not-a-key',
  DISABLE_TELEMETRY: '1',
  DISABLE_AUTOUPDATER: '1',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
});

/** Claude Code without its terminal, whose model is a script. */
export const runClaude = (world: JoinedWorld, cwd: string, model: ScriptedModel, ...more: string[]) =>
  runClient('claude', ['--print', 'work', ...CLAUDE_WORDS, ...more], cwd, claudeEnv(world, model));

/** A session that stays open when its agent has stopped, as one in a terminal does, until its stdin ends. */
export const openClaude = (world: JoinedWorld, cwd: string, model: ScriptedModel) => {
  const streams = ['--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'];
  const child = spawn(binOf('claude'), ['--print', ...streams, ...CLAUDE_WORDS], {
    cwd,
    // So say programs that keep sessions open.
    env: { ...claudeEnv(world, model), CLAUDE_CODE_ENTRYPOINT: 'sdk-ts' },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const message = { role: 'user', content: 'work' };
  child.stdin.write(`${JSON.stringify({ type: 'user', message })}\n`);
  return { child, ended: once(child, 'close') };
};

/** Codex without its terminal, whose model is a script. The trust in its hooks, a person's to give, is bypassed. */
export const runCodex = (world: JoinedWorld, cwd: string, model: ScriptedModel): Promise<ClientEnded> => {
  const words = [
    'model="scripted"',
    'model_provider="scripted"',
    'model_providers.scripted.name="scripted"',
    `model_providers.scripted.base_url="${model.url}/v1"`,
    'model_providers.scripted.wire_api="responses"',
    'model_providers.scripted.env_key="SCRIPTED_KEY"',
  ].flatMap((setting) => ['--config', setting]);
  return runClient(
    'codex',
    ['exec', '--dangerously-bypass-hook-trust', '--sandbox', 'danger-full-access', ...words, 'work'],
    cwd,
    { ...world.env, SCRIPTED_KEY: 'not-a-key' },
  );
};

/** Gemini CLI without its terminal, whose model is a script. */
export const runGemini = (world: JoinedWorld, cwd: string, model: ScriptedModel): Promise<ClientEnded> =>
  runClient('gemini', ['--prompt', 'work', '--model', 'scripted', '--approval-mode', 'yolo'], cwd, {
    ...world.env,
    GOOGLE_GEMINI_BASE_URL: model.url,
    GEMINI_API_KEY: 'not-a-key',
    GEMINI_CLI_TRUST_WORKSPACE: 'true',
  });

/** opencode without its terminal, whose model is a script: its settings name it. */
export const runOpencode = async (
  world: JoinedWorld,
  cwd: string,
  model: ScriptedModel,
): Promise<ClientEnded> => {
  const scripted = {
    npm: '@ai-sdk/openai-compatible',
    options: { baseURL: `${model.url}/v1`, apiKey: 'not-a-key' },
    models: { scripted: { tool_call: true } },
  };
  const config = { autoupdate: false, share: 'disabled', provider: { scripted }, model: 'scripted/scripted' };
  return runClient('opencode', ['run', 'work'], cwd, {
    ...world.env,
    OPENCODE_CONFIG_CONTENT: JSON.stringify({ ...config, small_model: config.model }),
  });
};
