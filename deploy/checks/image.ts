import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './tools.ts';

const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');

const words = (pattern: RegExp): readonly string[] => {
  const text = pattern.exec(dockerfile)?.[1];
  if (text === undefined) throw new Error(`the Dockerfile has no ${pattern.source}`);
  return JSON.parse(text) as readonly string[];
};

/** The commands of the image as its Dockerfile has them, in a tree that lies elsewhere than /app. */
export const commandsOf = (tree: string) => {
  const moved = (command: readonly string[]): readonly string[] =>
    command.map((word) => word.replace(/^\/app(?=\/)/, tree));
  const entry = moved(words(/^ENTRYPOINT (\[.*\])$/m));
  return {
    act: (...args: string[]): readonly string[] => [...entry, ...args],
    start: [...entry, ...words(/^FROM base AS hub\n(?:.*\n)*?CMD (\[.*\])$/m)],
    health: moved(words(/^HEALTHCHECK .* CMD (\[.*\])$/m)),
  };
};

/** Makes the tree that the image holds as /app, by the Dockerfile's own command. */
export const makeTree = (tree: string): void => {
  const line = /^RUN node (\S+) \/app$/m.exec(dockerfile);
  if (!line?.[1]) throw new Error('the Dockerfile makes no tree');
  execFileSync(process.execPath, [line[1], tree], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
};
