import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
/** Filled by scripts/deploy-tools.mjs. */
const tools = join(root, '.cache', 'deploy-tools');
const OUTPUT_BYTES_MAX = 67_108_864;

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (program: string, args: readonly string[], input = ''): Said => {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: root,
    input,
    encoding: 'utf8',
    maxBuffer: OUTPUT_BYTES_MAX,
    env: { ...process.env, PYTHONPATH: tools },
  });
  if (error) throw error;
  return { code: status, stdout, stderr };
};

/** One of the installed programs. */
export const runTool = (name: string, ...args: string[]): Said => run(join(tools, 'bin', name), args);

/** A check of this folder that is written in Python, because its library is; JSON goes in and comes out. */
export const runPython = <T>(script: string, input: unknown, ...args: string[]): T => {
  const said = run('python3', [join(root, 'deploy', 'checks', script), ...args], JSON.stringify(input));
  if (said.code !== 0) throw new Error(`${script}: ${said.stderr}`);
  return JSON.parse(said.stdout) as T;
};
