import { auditServer } from 'graphql-http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bearer } from '../../../test/rest-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';

/** GET is not served: what a page could ask for without asking whether it may is not there at all. */
const EXPLAINED = new Set(['5A70', 'D6D5', '6A70']);

let hub: TestHub;
beforeAll(async () => (hub = await TestHub.start()));
afterAll(() => hub.stop());

it('passes the audits of GraphQL over HTTP, but for those of GET', async () => {
  const fetchFn = (url: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(bearer(hub))) headers.set(name, value);
    return fetch(url, { ...init, headers });
  };
  const results = await auditServer({ url: `${hub.url}/graphql`, fetchFn });
  expect(results).toHaveLength(61);
  const failed = results.filter(({ status }) => status !== 'ok');
  expect(failed.map(({ id }) => id).toSorted()).toEqual([...EXPLAINED].toSorted());
  expect(failed.map(({ status }) => status)).toEqual(failed.map(() => 'notice'));
});
