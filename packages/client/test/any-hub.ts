import { FakeHub, TOKEN } from './fake-hub.ts';

export interface AnyHub {
  readonly url: string;
  readonly token: string;
  stop(): Promise<void>;
}

/** The hub at ACT_TEST_HUB_URL, spoken to with ACT_TEST_HUB_TOKEN; without them the fake one. */
export const startAnyHub = async (): Promise<AnyHub> => {
  const url = process.env['ACT_TEST_HUB_URL'];
  const token = process.env['ACT_TEST_HUB_TOKEN'] ?? TOKEN;
  if (url !== undefined) return { url, token, stop: () => Promise.resolve() };
  const fake = await new FakeHub().start();
  return { url: fake.url, token, stop: () => fake.stop() };
};
