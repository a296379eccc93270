/** An identity provider’s documents are a few kilobytes. */
const BODY_BYTES_MAX = 262_144;

/** Throws unless nobody on the way can change what comes from there: https, or this machine. */
export const checkedUrl = (text: string, what: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLoopback = url && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback)) return url;
  throw new Error(`${what} must be an https address, not ${JSON.stringify(text)}`);
};

const readBounded = async (body: ReadableStream<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop cancels the stream.
  for await (const chunk of body) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) throw new Error(`more than ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/** `fetch` that follows no redirection and reads no more than a document of an identity provider can be. */
export const fetchBounded = async (url: string, options: RequestInit): Promise<Response> => {
  const { body, status } = await fetch(url, { ...options, redirect: 'error' });
  return new Response(body && (await readBounded(body)), { status });
};
