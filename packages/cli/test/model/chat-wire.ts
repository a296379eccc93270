import type { ToolAnswer, Turn } from './scripted-model.ts';

type Body = Readonly<Record<string, unknown>>;

/** The answers of tools in a request of the Chat Completions API, in order. */
export const answersChat = (body: Body): ToolAnswer[] =>
  ((body['messages'] as { role?: string; content?: unknown }[] | undefined) ?? [])
    .filter(({ role }) => role === 'tool')
    .map(({ content }) => ({
      text: typeof content === 'string' ? content : JSON.stringify(content ?? ''),
      isError: false,
    }));

const deltaOf = (turn: Turn, number: number): Body =>
  'say' in turn
    ? { content: turn.say }
    : {
        tool_calls: [
          {
            index: 0,
            id: `call_${number}`,
            type: 'function',
            function: { name: turn.tool, arguments: JSON.stringify(turn.input) },
          },
        ],
      };

/** A streamed answer of the Chat Completions API with one message. */
export const chatEvents = (turn: Turn, number: number): readonly Body[] => {
  const chunk = (choice: Body): Body => ({
    id: `chat_${number}`,
    object: 'chat.completion.chunk',
    created: 1,
    model: 'scripted',
    choices: [{ index: 0, ...choice }],
  });
  return [
    chunk({ delta: { role: 'assistant', ...deltaOf(turn, number) }, finish_reason: null }),
    {
      ...chunk({ delta: {}, finish_reason: 'tool' in turn ? 'tool_calls' : 'stop' }),
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    },
  ];
};
