import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root, runTool } from './tools.ts';

const text = readFileSync(join(root, 'Dockerfile'), 'utf8');
/** Each stage by its name, from its FROM on. */
const stages = new Map(
  text
    .split(/^(?=FROM )/m)
    .slice(1)
    .map((stage) => [/ AS (\w+)/.exec(stage)?.[1] ?? '', stage]),
);

it('has nothing that the linter warns of', () => {
  const { code, stdout } = runTool('hadolint', 'Dockerfile');
  expect(stdout).toBe('');
  expect(code).toBe(0);
});

it('is refused by the linter with an unpinned base and a command as text', () => {
  const { stdout } = runTool('hadolint', 'deploy/checks/bad.Dockerfile');
  expect(stdout).toMatch(/DL3006|DL3007/);
  expect(stdout).toMatch(/DL3025/);
});

it('pins its base image by an exact version', () => {
  expect(text).toMatch(/^ARG NODE_IMAGE=node:\d+\.\d+\.\d+-slim$/m);
  for (const stage of stages.values()) expect(stage).toMatch(/^FROM (\$\{NODE_IMAGE\}|base) AS /);
});

it('ends every image as a user who is not root, by number', () => {
  for (const name of ['base', 'hub', 'watcher']) {
    const users = [...(stages.get(name) ?? '').matchAll(/^USER (.*)$/gm)].map(([, user]) => user);
    // The hub's stage names none: it goes on as the one of its base.
    expect(users.at(-1) ?? '10001:10001').toBe('10001:10001');
  }
});
