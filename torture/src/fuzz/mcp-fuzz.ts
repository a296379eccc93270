import { toolInput, tools } from '@agentmix/act-contract';
import type { ToolName } from '@agentmix/act-contract';
import fc from 'fast-check';
import type { OutgoingHttpHeaders } from 'node:http';
import type { Address } from '../wire/rest.ts';
import type { FuzzSizes } from './drawn.ts';
import { HOSTILE_JSON, hostileText, hostileValue } from './hostile.ts';
import { fuzzHttp } from './http-requests.ts';
import { headerText, withoutWaiting } from './rest-fuzz.ts';
import { anyInput } from './values.ts';
import type { Ids } from './values.ts';
import type { Verdicts } from './verdicts.ts';

const METHODS = ['tools/list', 'initialize', 'ping', 'server/discover', 'resources/read', '__proto__'];

/** What stands in the head beside the token; an agent’s name and a project that exist, mostly. */
const headOf = (ids: Ids): fc.Arbitrary<OutgoingHttpHeaders> =>
  fc
    .record(
      {
        agent: fc.oneof({ weight: 8, arbitrary: fc.constantFrom('ada', 'bob') }, hostileText),
        project: fc.oneof(
          { weight: 12, arbitrary: fc.constantFrom(...(ids.get('projectId') ?? [])) },
          hostileText,
        ),
        version: fc.constantFrom('2025-11-25', '2026-07-28', '1999-01-01', 'x'),
        key: fc.oneof(fc.uuid({ version: 7 }), hostileText),
      },
      { requiredKeys: ['project'] },
    )
    .map(({ agent, project, version, key }) => ({
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'act-project': headerText(project),
      ...(agent === undefined ? {} : { 'act-agent': headerText(agent) }),
      ...(version === undefined ? {} : { 'mcp-protocol-version': version }),
      ...(key === undefined ? {} : { 'idempotency-key': headerText(key) }),
    }));

const callOf = (name: ToolName, ids: Ids): fc.Arbitrary<unknown> =>
  anyInput(toolInput(name, true), ids).map((given) => ({ name, arguments: withoutWaiting(given) }));

/** Messages about one tool, from valid to hopeless. */
const bodiesOf = (name: ToolName, ids: Ids): fc.Arbitrary<string> => {
  const call = fc.record({
    jsonrpc: fc.constant('2.0'),
    id: fc.oneof({ weight: 8, arbitrary: fc.nat() }, hostileValue),
    method: fc.constant('tools/call'),
    params: callOf(name, ids),
  });
  const other = fc.record({
    jsonrpc: fc.constantFrom('2.0', '1.0'),
    id: hostileValue,
    method: fc.oneof(fc.constantFrom(...METHODS), hostileText),
    params: hostileValue,
  });
  const json = (value: unknown): string => JSON.stringify(value) ?? '';
  return fc.oneof(
    { weight: 20, arbitrary: call.map(json) },
    { weight: 3, arbitrary: other.map(json) },
    { weight: 1, arbitrary: fc.array(fc.oneof(call, other), { maxLength: 4 }).map(json) },
    { weight: 1, arbitrary: fc.constantFrom(...HOSTILE_JSON) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  );
};

/** Sends so many messages to the door of agents’ tools. */
export const fuzzMcp = (
  address: Address,
  ids: Ids,
  verdicts: Verdicts,
  sizes: FuzzSizes,
  onAnswer: (name: string, text: string) => void,
): Promise<void> => {
  // Names of the table, each of which is a tool.
  const names = Object.keys(tools) as ToolName[];
  const kinds = names.map((name) => ({
    name,
    requests: fc
      .record({ body: bodiesOf(name, ids), headers: headOf(ids) })
      .map((sent) => ({ ...sent, method: 'POST', path: '/mcp' })),
  }));
  return fuzzHttp(
    address,
    kinds,
    verdicts,
    sizes,
    (what, answer) => verdicts.judgeInside(what, answer),
    onAnswer,
  );
};
