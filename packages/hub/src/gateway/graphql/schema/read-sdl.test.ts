import { graphqlSchema } from '@agentmix/act-contract/graphql';
import { parse } from 'graphql';
import { expect, it } from 'vitest';
import { readSdl } from './read-sdl.ts';

it('reads the same schema a few definitions at a time as in one go', async () => {
  expect(await readSdl()).toEqual(parse(graphqlSchema(), { noLocation: true }));
});
