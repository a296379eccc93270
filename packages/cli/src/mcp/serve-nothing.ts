import type { Interface } from 'node:readline';
import { VERSION } from '../version.ts';

interface Request {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: { readonly protocolVersion?: string };
}

const METHOD_NOT_FOUND = -32_601;

const resultOf = ({ method, params }: Request): object | undefined => {
  switch (method ?? '') {
    case 'initialize':
      return {
        protocolVersion: params?.protocolVersion ?? '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'act', version: VERSION },
      };
    case 'tools/list':
      return { tools: [] };
    case 'ping':
      return {};
  }
  return undefined;
};

const answerTo = (line: string): object | undefined => {
  let request: Request;
  try {
    request = JSON.parse(line) as Request;
  } catch {
    return undefined;
  }
  const { id, method } = request;
  if (id === undefined) return undefined;
  const result = resultOf(request);
  return result
    ? { jsonrpc: '2.0', id, result }
    : { jsonrpc: '2.0', id, error: { code: METHOD_NOT_FOUND, message: `no ${String(method)} here` } };
};

/** A server without tools, for folders that were never joined: a client that starts us everywhere sees no error there. */
export const serveNothing = async (lines: Interface): Promise<void> => {
  for await (const line of lines) {
    const answer = answerTo(line);
    if (answer) process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
};
