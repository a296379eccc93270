import type { ToolAnswer, Turn } from './scripted-model.ts';

type Body = Readonly<Record<string, unknown>>;
interface Content {
  readonly parts?: readonly { readonly functionResponse?: { readonly response?: Body } }[];
}

/** The responses of functions in a request of the Gemini API, in order. */
export const answersGemini = (body: Body): ToolAnswer[] =>
  ((body['contents'] as Content[] | undefined) ?? [])
    .flatMap(({ parts = [] }) => parts)
    .flatMap(({ functionResponse }) => (functionResponse ? [functionResponse.response ?? {}] : []))
    .map((response) => ({ text: JSON.stringify(response), isError: 'error' in response }));

/** A streamed answer of the Gemini API with one part. */
export const geminiEvents = (turn: Turn): readonly Body[] => {
  const part = 'tool' in turn ? { functionCall: { name: turn.tool, args: turn.input } } : { text: turn.say };
  return [
    {
      candidates: [{ content: { role: 'model', parts: [part] }, finishReason: 'STOP', index: 0 }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
      modelVersion: 'scripted',
    },
  ];
};
