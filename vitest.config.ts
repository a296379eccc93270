import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

// Packages resolve to their sources, so that a test never runs yesterday's build.
const conditions = ['@act/source'];
// Vite would take the module that graphql has for bundlers, and its other users the one that Node takes.
const alias = [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }];
const ignored = ['**/node_modules/**', '**/dist/**'];
const project = (name: string, include: string[], exclude: string[], testTimeout: number) => ({
  resolve: { conditions, alias },
  ssr: { resolve: { conditions } },
  test: {
    name,
    include,
    exclude: [...ignored, ...exclude],
    testTimeout,
    hookTimeout: 60_000,
    // What is waited for comes late where two cores have other work; what must come soon says so in its test.
    expect: { poll: { timeout: 15_000 } },
  },
});

export default defineConfig({
  test: {
    // Servers and processes of several files would take each other's two cores.
    maxWorkers: 2,
    projects: [
      project(
        'unit',
        ['**/src/**/*.test.ts', 'scripts/**/*.test.ts'],
        ['**/*.int.test.ts', '**/*.e2e.test.ts', '**/*.clients.test.ts'],
        30_000,
      ),
      project('int', ['**/src/**/*.int.test.ts'], [], 120_000),
      project('e2e', ['**/src/**/*.e2e.test.ts'], [], 180_000),
      // What containers and clusters get: scripts/deploy-tools.mjs installs what checks it.
      project('deploy', ['deploy/**/*.test.ts'], [], 120_000),
      // The real clients of vendors: scripts/agent-clients.mjs installs them.
      project('clients', ['**/src/**/*.clients.test.ts'], [], 180_000),
    ],
  },
});
