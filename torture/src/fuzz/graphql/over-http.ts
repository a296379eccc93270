import fc from 'fast-check';
import type { OutgoingHttpHeaders } from 'node:http';
import type { Address } from '../../wire/rest.ts';
import type { FuzzSizes } from '../drawn.ts';
import { HOSTILE_JSON, hostileText } from '../hostile.ts';
import { fuzzHttp } from '../http-requests.ts';
import type { Kind } from '../http-requests.ts';
import { headerText } from '../rest-fuzz.ts';
import type { Ids } from '../values.ts';
import type { Verdicts } from '../verdicts.ts';
import { followOf, malformed, operationsOf } from './operations.ts';
import type { Sent } from './operations.ts';

const JSON_TYPE = 'application/json';
const RESPONSE_JSON = 'application/graphql-response+json';
const STREAM = 'text/event-stream';

/** Mostly what a client writes. */
const headOf = (accept: fc.Arbitrary<string>): fc.Arbitrary<OutgoingHttpHeaders> =>
  fc
    .record(
      {
        type: fc.oneof(
          { weight: 20, arbitrary: fc.constant(JSON_TYPE) },
          {
            weight: 1,
            arbitrary: fc.constantFrom(
              'application/graphql',
              'text/plain',
              'application/json; charset=utf-16',
            ),
          },
        ),
        accept: fc.oneof(
          { weight: 20, arbitrary: accept },
          {
            weight: 1,
            arbitrary: fc.constantFrom('*/*;q=x', 'a/b', ','.repeat(2_000), 'application/json;q=0', STREAM),
          },
          { weight: 1, arbitrary: hostileText.map(headerText) },
        ),
        key: fc.oneof(fc.uuid({ version: 7 }), hostileText.map(headerText)),
      },
      { requiredKeys: ['type', 'accept'] },
    )
    .map(({ type, accept: taken, key }) => ({
      'content-type': type,
      accept: taken,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    }));

const bodyOf = (sent: fc.Arbitrary<Sent>): fc.Arbitrary<string> => {
  const json = (value: unknown): string => JSON.stringify(value);
  return fc.oneof(
    { weight: 30, arbitrary: sent.map(json) },
    { weight: 1, arbitrary: fc.array(sent, { maxLength: 4 }).map(json) },
    { weight: 1, arbitrary: fc.constantFrom(...HOSTILE_JSON) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(...HOSTILE_JSON)
        .map((text) => `{"query":"{ __typename }","variables":${text}}`),
    },
  );
};

const kindOf = (name: string, sent: fc.Arbitrary<Sent>, accept: fc.Arbitrary<string>): Kind => ({
  name,
  requests: fc
    .record({ body: bodyOf(sent), headers: headOf(accept) })
    .map((parts) => ({ ...parts, method: 'POST', path: '/graphql' })),
});

/** Sends so many requests to /graphql, each thirtieth of which asks for a stream. */
export const fuzzGraphql = (
  address: Address,
  ids: Ids,
  verdicts: Verdicts,
  sizes: FuzzSizes,
  onAnswer: (name: string, text: string) => void,
): Promise<void> => {
  const answers = fc.constantFrom(JSON_TYPE, RESPONSE_JSON);
  const kinds = [
    ...[...operationsOf(ids), ...malformed].map(({ name, sent }) => kindOf(name, sent, answers)),
    ...Array.from({ length: 3 }, () => kindOf('events', followOf(ids), fc.constant(STREAM))),
  ];
  return fuzzHttp(
    address,
    kinds,
    verdicts,
    sizes,
    (what, answer) => verdicts.judgeInside(what, answer),
    onAnswer,
  );
};
