/** A JSON-RPC message, as far as whoever passes it on has to know it. */
export interface Message {
  readonly jsonrpc: '2.0';
  /** Absent: nobody waits for an answer. */
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: {
    readonly name?: unknown;
    readonly uri?: unknown;
    readonly _meta?: Readonly<Record<string, unknown>>;
  };
  readonly result?: { readonly protocolVersion?: unknown };
}

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
const PARSE_ERROR = -32_700;
const INTERNAL_ERROR = -32_603;

/** One message of a line; undefined for what is none. */
export const readMessage = (line: string): Message | undefined => {
  try {
    const value: unknown = JSON.parse(line);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Message) : undefined;
  } catch {
    return undefined;
  }
};

/** A value of a header: what no header can carry is written as the protocol says, in base64. */
const headerValue = (text: string): string =>
  /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !/^=\?.*\?=$/.test(text)
    ? text
    : `=?base64?${Buffer.from(text).toString('base64')}?=`;

/** Headers that repeat what the message says: since 2026-07-28 the message tells its revision, before the connection does. */
export const headersOf = (
  { method, params }: Message,
  negotiated: string | undefined,
): Record<string, string> => {
  const own = params?._meta?.[VERSION_KEY];
  const version = typeof own === 'string' ? own : negotiated;
  const named = params?.name ?? params?.uri;
  return {
    ...(version === undefined ? {} : { 'mcp-protocol-version': version }),
    ...(typeof own === 'string' && method !== undefined ? { 'mcp-method': headerValue(method) } : {}),
    ...(typeof own === 'string' && typeof named === 'string' ? { 'mcp-name': headerValue(named) } : {}),
  };
};

/** The answer of whoever could not pass a message on; undefined where none is waited for. */
export const failedLine = (message: Message | undefined, reason: string): string | undefined => {
  const error = { code: message ? INTERNAL_ERROR : PARSE_ERROR, message: reason };
  if (!message) return JSON.stringify({ jsonrpc: '2.0', id: null, error });
  const { id, method } = message;
  return id === undefined || method === undefined ? undefined : JSON.stringify({ jsonrpc: '2.0', id, error });
};
