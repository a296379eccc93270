import { setTimeout as sleep } from 'node:timers/promises';
import type { Hub } from '@agentmix/act-client';
import { Failure } from '../cli/failure.ts';
import { answersOf } from './answers.ts';
import { failedLine, headersOf, readMessage } from './message.ts';
import type { Message } from './message.ts';

/** Where messages go. */
export interface Target {
  readonly url: string;
  readonly request: Hub['request'];
  /** Who calls: the project, the agent. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface RelayOptions {
  /** Asked for before the first message, and anew until it is found. */
  readonly find: () => Promise<Target>;
  readonly write: (line: string) => void;
  readonly stop: AbortSignal;
  /** Our own words, with the command as it is called from here. */
  readonly asCalled: (words: string) => string;
  /** How long a message is tried while the hub does not answer, in milliseconds. */
  readonly patienceMs: number;
}

/** Longer than any tool lets itself be waited for. */
const ATTEMPT_MS_MAX = 60_000;
const DELAY_MS_MAX = 2_000;

/** Full jitter, so that those who wait for one hub do not return in step. */
const delayMs = (failures: number): number => Math.random() * Math.min(DELAY_MS_MAX, 50 * 2 ** failures);

/** The hub is starting or busy: it says to come again. */
const isPassing = (status: number): boolean => status === 502 || status === 503 || status === 429;

/**
 * Passes JSON-RPC messages on to a hub, each a request of its own, so that a hub that started anew is no other hub.
 * What the hub did not answer is sent again until its patience is over: the hub’s tools do nothing twice.
 */
export const makeRelay = ({ find, write, stop, patienceMs, asCalled }: RelayOptions) => {
  let target: Target | undefined;
  let negotiated: string | undefined;
  const post = async (message: Message, line: string): Promise<Response> => {
    target ??= await find();
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), ATTEMPT_MS_MAX);
    const sent = target.request('/mcp', {
      method: 'POST',
      headers: {
        ...target.headers,
        ...headersOf(message, negotiated),
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: line,
      signal: AbortSignal.any([stop, late.signal]),
    });
    return sent.finally(() => clearTimeout(timer));
  };
  const hear = (text: string): void => {
    const answer = readMessage(text);
    const version = answer?.result?.protocolVersion;
    if (typeof version === 'string') negotiated = version;
    // A line is a message: line ends within one can only be white space.
    write(text.replaceAll(/[\r\n]/g, ' '));
  };
  /** One attempt; true when it was answered, otherwise the reason. */
  const attempt = async (message: Message, line: string): Promise<true | string> => {
    try {
      const response = await post(message, line);
      if (isPassing(response.status)) {
        await response.body?.cancel();
        return `the hub is not ready (${response.status})`;
      }
      if (!response.ok && response.headers.get('content-type')?.includes('problem+json')) {
        const { title = '', detail = '' } = (await response.json()) as { title?: string; detail?: string };
        refuse(message, [title, detail].filter(Boolean).join(': '));
        return true;
      }
      for await (const text of answersOf(response)) hear(text);
      return true;
    } catch (error) {
      if (error instanceof Failure)
        return [error.message, asCalled(error.hint ?? '')].filter(Boolean).join('; ');
      return `the hub at ${target?.url ?? 'its address'} does not answer; ${asCalled('start it: act up')}`;
    }
  };
  const refuse = (message: Message | undefined, reason: string): void => {
    const line = failedLine(message, reason);
    if (line !== undefined) write(line);
  };
  /** Resolves when the line was answered, or never will be. */
  return async (line: string): Promise<void> => {
    const message = readMessage(line);
    if (!message) return refuse(undefined, 'a line is one JSON-RPC message');
    const until = performance.now() + patienceMs;
    for (let failures = 1; ; failures++) {
      const done = await attempt(message, line);
      if (done === true || stop.aborted) return;
      const delay = delayMs(failures);
      if (performance.now() + delay > until) return refuse(message, done);
      // The hub may have come back elsewhere.
      target = undefined;
      await sleep(delay, undefined, { signal: stop }).catch(() => undefined);
    }
  };
};
