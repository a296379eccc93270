import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anthropicEvents, answersAnthropic } from './anthropic-wire.ts';
import { answersChat, chatEvents } from './chat-wire.ts';
import { answersGemini, geminiEvents } from './gemini-wire.ts';
import { openAiEvents, answersOpenAi } from './openai-wire.ts';

/** What the model does in a turn: says something, or calls a tool with this input. */
export type Turn =
  | { readonly say: string }
  | { readonly tool: string; readonly input: Readonly<Record<string, unknown>> | string };

/** What the client answered to a tool call, in the order of the calls. */
export interface ToolAnswer {
  readonly text: string;
  readonly isError: boolean;
}

/** A turn may depend on what was answered so far. */
export type Script = readonly (Turn | ((answers: readonly ToolAnswer[]) => Turn | Promise<Turn>))[];

export interface ScriptedModel {
  readonly url: string;
  /** What the tools answered so far. */
  readonly answers: readonly ToolAnswer[];
  /** The body of each request of the agent itself, as text. */
  readonly requests: readonly string[];
  readonly stop: () => Promise<void>;
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text;
};

const anthropicWire = { events: anthropicEvents, answers: answersAnthropic };
const wireOf = (path: string): typeof anthropicWire => {
  if (path.endsWith('/responses')) return { events: openAiEvents, answers: answersOpenAi };
  if (path.endsWith(':streamGenerateContent')) return { events: geminiEvents, answers: answersGemini };
  if (path.endsWith('/chat/completions')) return { events: chatEvents, answers: answersChat };
  return anthropicWire;
};

/**
 * A model server on loopback that follows a script: the nth answer to the agent is the nth turn. It speaks enough of
 * the Messages, the Responses, the Chat Completions and the Gemini API for the real clients; their side requests, say for a title, get a word.
 */
export const startScriptedModel = async (script: Script): Promise<ScriptedModel> => {
  const answers: ToolAnswer[] = [];
  const requests: string[] = [];
  let turns = 0;

  const nextTurn = async (): Promise<Turn> => {
    const turn = script[turns++] ?? { say: 'The script is over.' };
    return typeof turn === 'function' ? turn(answers) : turn;
  };

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = await bodyOf(request);
    const path = (request.url ?? '').split('?')[0] ?? '';
    const wire = wireOf(path);
    if (request.method !== 'POST' || path.endsWith('/count_tokens')) {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"input_tokens":1,"data":[]}');
      return;
    }
    const body = JSON.parse(text) as Readonly<Record<string, unknown>>;
    // A request without tools is not the agent's own.
    const isAgent = Array.isArray(body['tools']) && body['tools'].length > 0;
    if (isAgent) {
      requests.push(text);
      answers.splice(0, answers.length, ...wire.answers(body));
    }
    const turn = isAgent ? await nextTurn() : { say: 'title' };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of wire.events(turn, turns)) {
      if (typeof event['type'] === 'string') response.write(`event: ${event['type']}\n`);
      response.write(`data: ${JSON.stringify(event)}\n\n`);
    }
    response.end();
  };

  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
