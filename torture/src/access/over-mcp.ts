import { get } from './doors.ts';
import type { Seen } from './doors.ts';

/** What the head of a request says besides its token. */
export interface Head {
  readonly projectId?: string;
  readonly agentId?: string;
}

interface Answer {
  readonly error?: unknown;
  readonly result?: { readonly isError?: boolean; readonly structuredContent?: { readonly code?: string } };
}

/** A message of MCP and every byte of its answer; a refusal of a tool has its code where REST has it. */
export const overMcp = async (
  base: string,
  token: string | undefined,
  { projectId, agentId }: Head,
  method: 'tools/list' | 'tools/call',
  params: object,
): Promise<Seen> => {
  const seen = await get(`${base}/mcp`, token, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(projectId === undefined ? {} : { 'act-project': projectId }),
      ...(agentId === undefined ? {} : { 'act-agent': agentId }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  if (!seen.ok) return seen;
  // As JSON, or as the one event of a stream.
  const answer = JSON.parse(seen.text.replace(/^[\s\S]*?^data: (?=\{)/m, '')) as Answer;
  const { error, result } = answer;
  const ok = error === undefined && result?.isError !== true;
  return { ok, status: seen.status, text: JSON.stringify({ code: result?.structuredContent?.code, answer }) };
};
