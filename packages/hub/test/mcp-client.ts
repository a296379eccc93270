import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { bearer } from './rest-door.ts';
import type { HubAddress } from './rest-door.ts';
import { httpRequest } from './http-request.ts';
import type { HttpAnswer } from './http-request.ts';

/** What a tool answered, as a model gets it. */
export interface ToolAnswer {
  readonly isError: boolean;
  readonly text: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Connects the official client; `mode` tells which revision it asks for. */
export const connectMcp = async (
  hub: HubAddress,
  headers: Record<string, string>,
  mode: 'legacy' | 'auto' = 'auto',
) => {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  const requestInit = { headers: { ...bearer(hub), ...headers } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${hub.url}/mcp`), { requestInit }));
  const call = async (name: string, given: Record<string, unknown> = {}): Promise<ToolAnswer> => {
    const result = await client.callTool({ name, arguments: given });
    const [first] = result.content as { text?: string }[];
    return {
      isError: result.isError === true,
      text: first?.text ?? '',
      facts: (result.structuredContent ?? {}) as Record<string, unknown>,
    };
  };
  return { client, call, close: () => client.close() };
};
export type McpClient = Awaited<ReturnType<typeof connectMcp>>;

/** One message as its bytes, without a client that would mend it. */
export const postMcp = (
  hub: HubAddress,
  message: unknown,
  headers: Record<string, string> = {},
): Promise<HttpAnswer> =>
  httpRequest(`${hub.url}/mcp`, {
    method: 'POST',
    headers: {
      ...bearer(hub),
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: typeof message === 'string' ? message : JSON.stringify(message),
  });
