import type { ToolAnswer, Turn } from './scripted-model.ts';

type Body = Readonly<Record<string, unknown>>;
interface Block {
  readonly type: string;
  readonly content?: unknown;
  readonly is_error?: boolean;
}

const textOf = (content: unknown): string =>
  typeof content === 'string' ? content : JSON.stringify(content ?? '');

/** The results of tools in a request of the Messages API, in order. */
export const answersAnthropic = (body: Body): ToolAnswer[] =>
  ((body['messages'] as { content: unknown }[] | undefined) ?? []).flatMap(({ content }) =>
    Array.isArray(content)
      ? (content as Block[])
          .filter(({ type }) => type === 'tool_result')
          .map((block) => ({ text: textOf(block.content), isError: block.is_error === true }))
      : [],
  );

/** A streamed answer of the Messages API with one content block. */
export const anthropicEvents = (turn: Turn, number: number): readonly Body[] => {
  const isTool = 'tool' in turn;
  const input = isTool ? JSON.stringify(turn.input) : '';
  return [
    {
      type: 'message_start',
      message: {
        id: `msg_${number}`,
        type: 'message',
        role: 'assistant',
        model: 'scripted',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 1, output_tokens: 1 },
      },
    },
    {
      type: 'content_block_start',
      index: 0,
      content_block: isTool
        ? { type: 'tool_use', id: `toolu_${number}`, name: turn.tool, input: {} }
        : { type: 'text', text: '' },
    },
    {
      type: 'content_block_delta',
      index: 0,
      delta: isTool
        ? { type: 'input_json_delta', partial_json: input }
        : { type: 'text_delta', text: turn.say },
    },
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: isTool ? 'tool_use' : 'end_turn', stop_sequence: null },
      usage: { output_tokens: 1 },
    },
    { type: 'message_stop' },
  ];
};
