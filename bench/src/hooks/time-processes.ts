import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { LINES, pathOf } from './hook-world.ts';
import type { HookWorld } from './hook-world.ts';

/** Runs Node on these words to its end; ms, and what it wrote. */
const runNode = async (
  words: readonly string[],
  input: string,
  home: string,
): Promise<{ ms: number; output: string }> => {
  const start = performance.now();
  const child = spawn(process.execPath, words, { env: { PATH: process.env['PATH'], HOME: home } });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${output}`);
  return { ms: performance.now() - start, output };
};

/** What Claude Code writes before an edit of one line. */
const payloadOf = ({ worktree }: HookWorld, path: string, line: number): string =>
  JSON.stringify({
    session_id: '7c1a9f42-5a8e-4f6b-9d03-2b1f60c7e611',
    transcript_path: '/tmp/transcript.jsonl',
    cwd: worktree,
    permission_mode: 'acceptEdits',
    hook_event_name: 'PreToolUse',
    tool_name: 'Edit',
    tool_input: {
      file_path: join(worktree, path),
      old_string: `line ${line} of the file\n`,
      new_string: `line ${line}, which the agent wrote\n`,
    },
  });

export interface ProcessTimes {
  readonly bareMs: number[];
  readonly hookMs: number[];
  /** The hook less the bare Node right before it. */
  readonly ownMs: number[];
}

/**
 * Bare Node and the hook before an edit, one after the other, so that what else the machine does falls on both. Each
 * edit is of a line that nobody else has, in one of the files.
 */
export async function timeProcesses(world: HookWorld, runs: number, files: number): Promise<ProcessTimes> {
  const times: ProcessTimes = { bareMs: [], hookMs: [], ownMs: [] };
  for (let run = 0; run <= runs; run++) {
    // Not the last one: what agents append there is beside it.
    const line = LINES - 1 - (Math.floor(run / files) % 50);
    const payload = payloadOf(world, pathOf(run % files), line);
    const bare = await runNode(['-e', '0'], '', world.home);
    const hook = await runNode([world.program, 'claude-code', 'before-edit'], payload, world.home);
    if (/unchecked|deny/.test(hook.output)) throw new Error(`the hook said: ${hook.output}`);
    // The first one registers the session, which the others find.
    if (run === 0) continue;
    times.bareMs.push(bare.ms);
    times.hookMs.push(hook.ms);
    times.ownMs.push(hook.ms - bare.ms);
  }
  return times;
}
