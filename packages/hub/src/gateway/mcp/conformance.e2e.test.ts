import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFixtureHub } from '../../../test/mcp-fixture-hub.ts';

const SUITE = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/dist/index.js');
const GLOB_SYNC = fileURLToPath(new URL('../../../test/glob-sync.mjs', import.meta.url));

/** In these a server asks its client within a session. The door has none; in 2026-07-28 servers ask by their results. */
const NEEDS_SESSION = [
  'elicitation-sep1034-defaults',
  'elicitation-sep1330-enums',
  'tools-call-elicitation',
  'tools-call-sampling',
];

/** Scenarios that a revision asks of servers, as the suite lists them. */
const required = async (revision: string): Promise<string[]> => {
  const text = await readFile(join(dirname(SUITE), '..', 'requirements', `${revision}.yaml`), 'utf8');
  const [, list = ''] = /^server:\n((?: {2}- .+\n)+)/m.exec(text) ?? [];
  return [...list.matchAll(/- (\S+)/g)].map(([, name]) => name ?? '');
};

describe('MCP’s conformance suite', () => {
  let hub: Awaited<ReturnType<typeof startFixtureHub>>;
  let folder: string;
  beforeAll(async () => {
    hub = await startFixtureHub();
    folder = await mkdtemp(join(tmpdir(), 'act-mcp-'));
  });
  afterAll(async () => {
    await hub.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** The names of scenarios, passed and failed. */
  const run = (revision: string): Promise<{ passed: string[]; failed: string[] }> => {
    const args = ['server', '--url', hub.url, '--requirements', revision, '-o', folder];
    const ended = new Promise<string>((resolve) => {
      // It fails where any scenario does, also those that count for nothing: the summary is what is judged.
      execFile(
        process.execPath,
        ['--import', GLOB_SYNC, SUITE, ...args],
        { timeout: 150_000 },
        (_error, out) => resolve(out),
      );
    });
    return ended.then((out) => {
      const named = (mark: string): string[] =>
        [...out.matchAll(new RegExp(`^${mark} (\\S+): \\d+ passed`, 'gm'))].map(([, name]) => name ?? '');
      return { passed: named('✓'), failed: named('✗') };
    });
  };

  it.each([
    ['2025-11-25', 30, NEEDS_SESSION],
    ['2026-07-28', 37, []],
  ] as const)(
    'passes what %s asks of servers without sessions',
    { timeout: 180_000 },
    async (revision, count, not) => {
      const names = await required(revision);
      expect(names).toHaveLength(count);
      const { passed, failed } = await run(revision);
      expect(names.filter((name) => failed.includes(name)).toSorted()).toEqual(not);
      expect(names.filter((name) => !passed.includes(name)).toSorted()).toEqual(not);
    },
  );
});
