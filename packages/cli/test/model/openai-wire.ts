import type { ToolAnswer, Turn } from './scripted-model.ts';

type Body = Readonly<Record<string, unknown>>;

const textOf = (output: unknown): string =>
  typeof output === 'string' ? output : JSON.stringify(output ?? '');

/** The outputs of tools in a request of the Responses API, in order. */
export const answersOpenAi = (body: Body): ToolAnswer[] =>
  ((body['input'] as { type?: string; output?: unknown }[] | undefined) ?? [])
    .filter(({ type }) => type?.endsWith('_call_output'))
    .map(({ output }) => ({ text: textOf(output), isError: false }));

const itemOf = (turn: Turn, number: number): Body => {
  if ('say' in turn)
    return {
      type: 'message',
      role: 'assistant',
      id: `msg_${number}`,
      content: [{ type: 'output_text', text: turn.say }],
    };
  const call = { call_id: `call_${number}`, name: turn.tool };
  return typeof turn.input === 'string'
    ? { type: 'custom_tool_call', id: `ctc_${number}`, ...call, input: turn.input }
    : { type: 'function_call', id: `fc_${number}`, ...call, arguments: JSON.stringify(turn.input) };
};

/** A streamed answer of the Responses API with one output item. */
export const openAiEvents = (turn: Turn, number: number): readonly Body[] => [
  { type: 'response.created', response: { id: `resp_${number}` } },
  { type: 'response.output_item.done', output_index: 0, item: itemOf(turn, number) },
  {
    type: 'response.completed',
    response: {
      id: `resp_${number}`,
      usage: {
        input_tokens: 1,
        input_tokens_details: null,
        output_tokens: 1,
        output_tokens_details: null,
        total_tokens: 2,
      },
    },
  },
];
