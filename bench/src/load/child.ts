import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const START_MS_MAX = 60_000;

export interface Child<Line> {
  /** What the program said on its first line of standard output. */
  line: Line;
  /** Ends its standard input, which it takes as the wish to stop, and waits until it has. */
  stop(): Promise<void>;
}

/**
 * Starts a program of this bench as a process of its own, with the flags of this one (so that a profile of the bench
 * is one of the program too), and waits for its first line, which is JSON. `program` is named from `src`, without
 * its ending. Further lines go to `onLine`.
 */
export async function startChild<Line>(
  program: string,
  args: readonly string[],
  onLine?: (line: string) => void,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Child<Line>> {
  const own = fileURLToPath(import.meta.url);
  const path = fileURLToPath(new URL(`../${program}${extname(own)}`, import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, path, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // As images and the bundled command have it.
    env: { ...env, NODE_ENV: 'production' },
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const failed = exited.then(([code]) => {
    throw new Error(`${program} ended with ${code} before it was ready`);
  });
  failed.catch(() => undefined);
  const late = AbortSignal.timeout(START_MS_MAX);
  const [text] = await Promise.race([once(lines, 'line', { signal: late }), failed]);
  if (onLine) lines.on('line', onLine);
  return {
    // Both programs are of this bench, which also types the line.
    line: JSON.parse(String(text)) as Line,
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}
