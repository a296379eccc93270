import { randomBytes } from 'node:crypto';
import {
  createRequestStateCodec,
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
} from '@modelcontextprotocol/server';
import type { ServerContext } from '@modelcontextprotocol/server';

/** What MCP’s conformance suite asks of a server under test, as its scenarios describe it; mounted by its test alone. */

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const WAV = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';
const text = (words: string) => ({ content: [{ type: 'text' as const, text: words }] });
const image = { type: 'image' as const, data: PNG, mimeType: 'image/png' };
const resource = (uri: string, mimeType: string, words: string) => ({
  type: 'resource' as const,
  resource: { uri, mimeType, text: words },
});

type Json = Record<string, unknown>;
const elicit = (message: string, properties: Json) => ({
  method: 'elicitation/create',
  params: {
    mode: 'form',
    message,
    requestedSchema: { type: 'object', properties, required: Object.keys(properties) },
  },
});
const sample = (words: string, maxTokens: number) => ({
  method: 'sampling/createMessage',
  params: { messages: [{ role: 'user', content: { type: 'text', text: words } }], maxTokens },
});
const roots = { method: 'roots/list', params: {} };
const name = elicit('What is your name?', { name: { type: 'string' } });
const ask = (inputRequests: Json, requestState?: string) => ({
  resultType: 'input_required',
  inputRequests,
  ...(requestState === undefined ? {} : { requestState }),
});

interface Call {
  readonly answers: Readonly<Record<string, Json>> | undefined;
  readonly state: string | undefined;
  readonly declared: Json;
  readonly progress: (progress: number) => Promise<void>;
  readonly log: (data: string) => Promise<void>;
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

/** Tools that answer the same whoever calls. */
const PLAIN: Readonly<Record<string, Json>> = {
  test_simple_text: text('This is a simple text response for testing.'),
  test_image_content: { content: [image] },
  test_audio_content: { content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }] },
  test_embedded_resource: {
    content: [resource('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
  },
  test_multiple_content_types: {
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      image,
      resource('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
    ],
  },
  test_error_handling: { ...text('This tool intentionally returns an error for testing'), isError: true },
};

/** Tools that need something of the call. */
const ACTIVE: Readonly<Record<string, (call: Call) => Promise<Json> | Json>> = {
  test_tool_with_logging: async ({ log }) => {
    for (const words of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await log(words);
      await pause();
    }
    return text('logged');
  },
  test_logging_tool: async ({ log }) => (await log('a line'), text('logged')),
  test_tool_with_progress: async ({ progress }) => {
    for (const done of [0, 50, 100]) {
      await progress(done);
      await pause();
    }
    return text('done');
  },
  test_missing_capability: () => ask({ capital: sample('What is the capital of France?', 10) }),
  test_streaming_elicitation: () => ask({ user_name: name }),
  test_input_required_result_elicitation: ({ answers }) => {
    const given = (answers?.['user_name']?.['content'] as Json | undefined)?.['name'];
    return typeof given === 'string' ? text(`Hello, ${given}!`) : ask({ user_name: name });
  },
  test_input_required_result_sampling: ({ answers }) =>
    answers?.['capital_question']
      ? text(JSON.stringify(answers['capital_question']['content']))
      : ask({ capital_question: sample('What is the capital of France?', 100) }),
  test_input_required_result_list_roots: ({ answers }) =>
    answers?.['client_roots'] ? text(JSON.stringify(answers['client_roots'])) : ask({ client_roots: roots }),
  test_input_required_result_request_state: ({ answers, state }) =>
    answers && state === 'confirm'
      ? text('state-ok')
      : ask({ confirm: elicit('Please confirm', { ok: { type: 'boolean' } }) }, 'confirm'),
  test_input_required_result_multiple_inputs: ({ answers, state }) =>
    state === 'several' && answers?.['user_name'] && answers['greeting'] && answers['client_roots']
      ? text('all there')
      : ask({ user_name: name, greeting: sample('Generate a greeting', 50), client_roots: roots }, 'several'),
  test_input_required_result_multi_round: ({ answers, state }) => {
    if (state === 'second' && answers?.['step2']) return text('both steps done');
    return state === 'first' && answers?.['step1']
      ? ask(
          { step2: elicit('Step 2: What is your favorite color?', { color: { type: 'string' } }) },
          'second',
        )
      : ask({ step1: elicit('Step 1: What is your name?', { name: { type: 'string' } }) }, 'first');
  },
  test_input_required_result_tampered_state: ({ answers, state }) =>
    answers && state === 'sealed'
      ? text('state-ok')
      : ask({ confirm: elicit('Please confirm', { ok: { type: 'boolean' } }) }, 'sealed'),
  test_input_required_result_capabilities: ({ declared, answers }) => {
    if (answers) return text('done');
    const wanted = {
      ...('elicitation' in declared ? { user_name: name } : {}),
      ...('sampling' in declared ? { question: sample('Hello?', 10) } : {}),
    };
    return ask(wanted);
  },
};

const argument = (one: string) => ({ name: one, required: true });
const PROMPTS = [
  { name: 'test_simple_prompt' },
  { name: 'test_prompt_with_arguments', arguments: [argument('arg1'), argument('arg2')] },
  { name: 'test_prompt_with_embedded_resource', arguments: [argument('resourceUri')] },
  { name: 'test_prompt_with_image' },
  { name: 'test_input_required_result_prompt' },
].map((one) => ({ ...one, description: 'A prompt of the conformance suite' }));

const says = (content: unknown) => ({ role: 'user', content });
const words = (one: string) => says({ type: 'text', text: one });

const promptOf = (one: string, given: Readonly<Record<string, string>>, answers: Call['answers']): Json => {
  switch (one) {
    case 'test_simple_prompt':
      return { messages: [words('This is a simple prompt for testing.')] };
    case 'test_prompt_with_arguments':
      return { messages: [words(`Prompt with arguments: arg1='${given['arg1']}', arg2='${given['arg2']}'`)] };
    case 'test_prompt_with_embedded_resource': {
      const embedded = resource(
        String(given['resourceUri']),
        'text/plain',
        'Embedded resource content for testing.',
      );
      return { messages: [says(embedded), words('Please process the embedded resource above.')] };
    }
    case 'test_prompt_with_image':
      return { messages: [says(image), words('Please analyze the image above.')] };
    default:
      return answers?.['user_context']
        ? { messages: [words('with context')] }
        : ask({
            user_context: elicit('What context should the prompt use?', { context: { type: 'string' } }),
          });
  }
};

const RESOURCES = [
  { uri: 'test://static-text', name: 'text', mimeType: 'text/plain' },
  { uri: 'test://static-binary', name: 'binary', mimeType: 'image/png' },
  { uri: 'test://watched-resource', name: 'watched', mimeType: 'text/plain' },
];
const contentsOf = (uri: string): Json => {
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id !== undefined) {
    const data = { id, templateTest: true, data: `Data for ID: ${id}` };
    return { uri, mimeType: 'application/json', text: JSON.stringify(data) };
  }
  if (!RESOURCES.some((one) => one.uri === uri)) throw new ResourceNotFoundError(uri);
  return uri === 'test://static-binary'
    ? { uri, mimeType: 'image/png', blob: PNG }
    : { uri, mimeType: 'text/plain', text: 'This is the content of the static text resource.' };
};

const seals = createRequestStateCodec<string>({ key: randomBytes(32) });
const sealed = async (result: Json, context: ServerContext): Promise<Json> =>
  typeof result['requestState'] === 'string'
    ? { ...result, requestState: await seals.mint(result['requestState'], context) }
    : result;

const callOf = (context: ServerContext): Call => {
  const { mcpReq } = context;
  const token = mcpReq._meta?.progressToken;
  return {
    answers: mcpReq.inputResponses as Call['answers'],
    state: mcpReq.requestState<string>(),
    declared: ((mcpReq.envelope as Json | undefined)?.['io.modelcontextprotocol/clientCapabilities'] ??
      {}) as Json,
    log: (data) => mcpReq.log('info', data),
    progress: async (progress) => {
      const params = { progressToken: token, progress, total: 100 };
      if (token !== undefined) await mcpReq.notify({ method: 'notifications/progress', params } as never);
    },
  };
};

/** A server with the fixtures, for one request. Its answers are the suite’s own examples, whatever the library’s types say. */
export const makeFixtureServer = (): McpServer => {
  const mcp = new McpServer(
    { name: 'fixtures', version: '1' },
    {
      capabilities: { tools: {}, resources: { subscribe: true }, prompts: {}, logging: {}, completions: {} },
      requestState: { verify: (state, context) => seals.verify(state, context) },
    },
  );
  const { server } = mcp;
  const described = [...Object.keys(PLAIN), ...Object.keys(ACTIVE)].map((one) => ({
    name: one,
    description: 'A tool of the conformance suite',
    inputSchema: { type: 'object' as const },
  }));
  server.setRequestHandler('tools/list', () => ({ tools: described }));
  server.setRequestHandler('tools/call', async ({ params }, context) => {
    const made = PLAIN[params.name] ?? (await ACTIVE[params.name]?.(callOf(context)));
    if (!made) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'there is no such tool');
    return (await sealed(made, context)) as never;
  });
  server.setRequestHandler('prompts/list', () => ({ prompts: PROMPTS }));
  server.setRequestHandler(
    'prompts/get',
    async ({ params }, context) =>
      promptOf(params.name, params.arguments ?? {}, callOf(context).answers) as never,
  );
  server.setRequestHandler('resources/list', () => ({ resources: RESOURCES }));
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: [
      { uriTemplate: 'test://template/{id}/data', name: 'template', mimeType: 'application/json' },
    ],
  }));
  server.setRequestHandler(
    'resources/read',
    ({ params }) => ({ contents: [contentsOf(params.uri)] }) as never,
  );
  server.setRequestHandler('resources/subscribe', () => ({}));
  server.setRequestHandler('resources/unsubscribe', () => ({}));
  server.setRequestHandler('completion/complete', () => ({
    completion: { values: [], total: 0, hasMore: false },
  }));
  return mcp;
};
