import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpRequest } from '../../test/http-request.ts';
import { TestHub } from '../../test/start-test-hub.ts';

const requireHere = createRequire(import.meta.url);

describe('the page at /docs', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await TestHub.start();
  });
  afterAll(() => hub.stop());

  it('has every file that it names, none of the large ones read anew for who asks', async () => {
    const page = await httpRequest(`${hub.url}/docs/`);
    const names = [...page.text.matchAll(/(?:src|href)="\.\/static\/([^"]+)"/g)].map(([, name = '']) => name);
    expect(names).toContain('swagger-ui-bundle.js');
    for (const name of names) {
      const answer = await httpRequest(`${hub.url}/docs/static/${name}`);
      expect([name, answer.status]).toEqual([name, 200]);
      if (Number(answer.headers['content-length']) < 100_000) continue;
      const file = readFileSync(requireHere.resolve(`@fastify/swagger-ui/static/${name}`), 'utf8');
      expect([name, answer.text === file]).toEqual([name, true]);
      // The plug-in tells when a file that it reads was changed.
      expect([name, answer.headers['last-modified']]).toEqual([name, undefined]);
    }
  });
});
