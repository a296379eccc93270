import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { actProgram } from '../processes/act-program.ts';
import type { Stage } from '../processes/stage.ts';
import type { Scene } from '../scene.ts';
import type { ClientSession } from './hook-world.ts';

const ANSWER_MS_MAX = 30_000;

/** `act mcp` beside a session of a client, spoken to as the client does. */
export interface ActMcp {
  readonly pid: number;
  /** Calls a tool; its answer as text. Rejects when there is none within half a minute. */
  readonly call: (tool: string, given?: object) => Promise<string>;
}

export const startActMcp = async (
  stage: Stage,
  scene: Scene,
  { session, cwd }: ClientSession,
): Promise<ActMcp> => {
  const { words, env } = actProgram(scene);
  const child = spawn(process.execPath, [...words, 'mcp'], {
    cwd,
    env: { ...env, CLAUDE_CODE_SESSION_ID: session },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  stage.onClose(async () => {
    const exited = once(child, 'exit');
    child.stdin.end();
    if (child.exitCode === null) await exited;
  });
  const answers = new Map<unknown, (line: string) => void>();
  createInterface({ input: child.stdout }).on('line', (line) =>
    answers.get((JSON.parse(line) as { id?: unknown }).id)?.(line),
  );
  let asked = 0;
  const ask = (method: string, params: object): Promise<string> => {
    const id = ++asked;
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    return new Promise((resolve, reject) => {
      answers.set(id, resolve);
      const late = (): void => reject(new Error(`act mcp did not answer ${method}`));
      setTimeout(late, ANSWER_MS_MAX).unref();
    });
  };
  await ask('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'torture', version: '1' },
  });
  return {
    pid: child.pid ?? 0,
    call: (tool, given = {}) => ask('tools/call', { name: tool, arguments: given }),
  };
};
