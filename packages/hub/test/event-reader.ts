import { request } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { isRecord } from './contract.ts';
import { bearer } from './rest-door.ts';
import type { HubAddress } from './rest-door.ts';

export interface StreamMessage {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: Record<string, unknown>;
}

const parse = (block: string): StreamMessage | undefined => {
  const fields = new Map(
    block
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith(':'))
      .map((line): [string, string] => {
        const at = line.indexOf(': ');
        return [line.slice(0, at), line.slice(at + 2)];
      }),
  );
  const text = fields.get('data');
  if (text === undefined) return undefined;
  const data: unknown = JSON.parse(text);
  return { event: fields.get('event') ?? 'message', id: fields.get('id'), data: isRecord(data) ? data : {} };
};

/** Sequence numbers of the events of a frame. */
export const seqsOf = ({ data }: StreamMessage): number[] => {
  const { events } = data;
  return Array.isArray(events)
    ? events.map((event: unknown) => Number(isRecord(event) ? event['seq'] : Number.NaN))
    : [];
};

/** Reads one project’s event stream; it can stop reading, as a slow page does, and go on. */
export class EventReader {
  readonly messages: StreamMessage[] = [];
  readonly seqs: number[] = [];
  status = 0;
  isEnded = false;
  #request: ClientRequest;
  #response: IncomingMessage | undefined;
  #text = '';

  private constructor(opened: ClientRequest) {
    this.#request = opened;
  }

  /** Resolves when the hub has answered. */
  static open(
    hub: HubAddress,
    projectId: string,
    after?: number,
    headers: Record<string, string> = {},
  ): Promise<EventReader> {
    const query = after === undefined ? '' : `?after=${after}`;
    const url = `${hub.url}/v1/projects/${projectId}/events${query}`;
    return new Promise((resolve, reject) => {
      const opened = request(url, { headers: { ...bearer(hub), ...headers }, agent: false });
      const reader = new EventReader(opened);
      opened.on('error', (error) => (reader.isEnded = reader.isEnded || reject(error) === undefined));
      opened.on('response', (response) => resolve(reader.#read(response)));
      opened.end();
    });
  }

  pause(): void {
    this.#response?.pause();
  }

  resume(): void {
    this.#response?.resume();
  }

  close(): void {
    this.#request.destroy();
  }

  /** Resolves when the last event read has this number. */
  async until(seq: number, waitMs = 20_000): Promise<void> {
    const late = performance.now() + waitMs;
    while ((this.seqs.at(-1) ?? 0) < seq) {
      if (performance.now() > late) throw new Error(`read up to ${this.seqs.at(-1)}, not ${seq}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  #read(response: IncomingMessage): this {
    this.#response = response;
    this.status = response.statusCode ?? 0;
    response.setEncoding('utf8');
    response.on('error', () => (this.isEnded = true));
    response.on('close', () => (this.isEnded = true));
    response.on('data', (chunk: string) => {
      const blocks = (this.#text + chunk).split('\n\n');
      this.#text = blocks.pop() ?? '';
      for (const block of blocks) this.#take(parse(block));
    });
    return this;
  }

  #take(message: StreamMessage | undefined): void {
    if (!message) return;
    // Frames are kept as their numbers: a long stream would fill the test’s memory, not the hub’s.
    if (message.event === 'frame') this.seqs.push(...seqsOf(message));
    else this.messages.push(message);
  }
}

/** From `first` to `last` without a gap. */
export const run = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
