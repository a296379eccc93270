import type { Address } from './rest.ts';

/** Reads server-sent events of one name until the connection ends. */
export const readEvents = async (
  body: ReadableStream<Uint8Array>,
  name: string,
  onData: (text: string) => void,
): Promise<void> => {
  const decoder = new TextDecoder();
  let waiting = '';
  for await (const chunk of body) {
    const parts = (waiting + decoder.decode(chunk, { stream: true })).split('\n\n');
    waiting = parts.pop() ?? '';
    for (const part of parts) {
      const lines = part.split('\n');
      if (!lines.includes(`event: ${name}`)) continue;
      const data = lines.find((line) => line.startsWith('data: '));
      if (data) onData(data.slice(6));
    }
  }
};

/** Reads a project's server-sent stream until the signal aborts or the connection ends. Frames come as text. */
export const sseStream = async (
  address: Address,
  projectId: string,
  after: number,
  onFrame: (text: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  const response = await fetch(`${address.url}/v1/projects/${projectId}/events?after=${after}`, {
    headers: { authorization: `Bearer ${address.token}`, accept: 'text/event-stream' },
    signal,
  });
  if (!response.ok || !response.body) throw new Error(`no stream: ${response.status}`);
  await readEvents(response.body, 'frame', onFrame);
};
