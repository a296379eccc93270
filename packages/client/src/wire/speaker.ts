import { hubCalls } from '@agentmix/act-contract';
import { unlessAborted } from '../deadline.ts';
import { HEADERS, ROOT_PATH } from './names.ts';
import { refusedAnswer } from './problem.ts';
import type { Answer } from './problem.ts';

/** Where the hub is and who speaks to it. */
export interface Address {
  readonly url: string;
  /** An API key, or an access token. */
  readonly token: string;
  readonly fetch: typeof globalThis.fetch;
}

/** The key could not be exchanged for a token. */
export class NotExchanged extends Error {
  readonly answer: Exclude<Answer, { kind: 'ok' }>;
  readonly response: Response;
  constructor(answer: Exclude<Answer, { kind: 'ok' }>, response: Response) {
    super('the hub made no access token from the API key');
    this.answer = answer;
    this.response = response;
  }
}

const EXCHANGE_MS_MAX = 10_000;
/** Of a token's life; then the next is made before anybody is refused. */
const USED_SHARE = 0.8;
/** What another token may be taken after. */
const ENDED: ReadonlySet<string> = new Set(['token_expired', 'token_invalid']);

interface Token {
  readonly text: string;
  /** Monotonic milliseconds. */
  readonly freshUntil: number;
}

/**
 * Speaks to a hub with what it was given; with access tokens made from it once the hub has said that it takes API keys
 * for these only. A hub that does not say so sees no token.
 */
export class Speaker {
  /** Ends without a slash. */
  readonly url: string;
  readonly #address: Address;
  #needsTokens = false;
  #token: Token | undefined;
  #exchanging: Promise<Token> | undefined;
  #wasHeard = false;

  constructor(address: Address) {
    this.#address = address;
    this.url = address.url;
  }

  /** What to show now. Throws NotExchanged, or the error of a broken connection. */
  async text(signal: AbortSignal): Promise<string> {
    if (!this.#needsTokens) return this.#address.token;
    if (this.#token && performance.now() < this.#token.freshUntil) return this.#token.text;
    this.#exchanging ??= this.#exchange().finally(() => (this.#exchanging = undefined));
    this.#token = await unlessAborted(this.#exchanging, signal);
    return this.#token.text;
  }

  /** Whether a call that was refused so may be made once more, since `text` has something else to show than it did. */
  hasAnother(code: string, shown?: string): boolean {
    if (code === 'token_needed') {
      this.#needsTokens = true;
      return shown === this.#address.token;
    }
    if (!this.#needsTokens || !ENDED.has(code)) return false;
    if (shown === undefined || shown === this.#token?.text) this.#token = undefined;
    return true;
  }

  /**
   * One request below the hub's address. A body that is a stream is sent once: see `beHeard`. Where no token could be
   * made the answer is that of the exchange.
   */
  async send(target: string, init: RequestInit & { readonly signal: AbortSignal }): Promise<Response> {
    for (let isRepeated = false; ; isRepeated = true) {
      const shown = await this.text(init.signal).catch((error: unknown) => {
        if (error instanceof NotExchanged) return error.response.clone();
        throw error;
      });
      if (shown instanceof Response) return shown;
      const response = await this.#fetch(target, shown, init);
      if (response.status !== 401) this.#wasHeard = true;
      if (response.status !== 401 || isRepeated || init.body instanceof ReadableStream) return response;
      const answer = refusedAnswer(response.status, await response.clone().text(), null);
      if (answer.kind !== 'refused' || !this.hasAnother(answer.refusal.code, shown)) return response;
      await response.body?.cancel();
    }
  }

  /** Asks for nothing, so that what cannot be sent twice is not refused for want of a token, or of another. */
  async beHeard(signal: AbortSignal): Promise<void> {
    if (this.#wasHeard && !this.#needsTokens) return;
    await (await this.send(ROOT_PATH, { signal })).body?.cancel();
  }

  #fetch(target: string, shown: string, init: RequestInit): Promise<Response> {
    const headers = {
      ...(init.headers as Record<string, string>),
      [HEADERS.authorization]: `Bearer ${shown}`,
    };
    // A redirect would carry the token to another host.
    return this.#address.fetch(this.url + target, { ...init, headers, redirect: 'manual' });
  }

  async #exchange(): Promise<Token> {
    const askedAt = performance.now();
    const { method, path } = hubCalls['token.issue'].route;
    const response = await this.#fetch(ROOT_PATH + path, this.#address.token, {
      method,
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: '{}',
      signal: AbortSignal.timeout(EXCHANGE_MS_MAX),
    });
    const text = await response.clone().text();
    if (response.status !== 200) {
      const retryAfter = response.headers.get(HEADERS.retryAfter);
      throw new NotExchanged(refusedAnswer(response.status, text, retryAfter), response);
    }
    const made = JSON.parse(text) as { token: string; expiresAt: string };
    // Both by the hub's clock; this machine's may be another.
    const lifeMs = Date.parse(made.expiresAt) - Date.parse(response.headers.get('date') ?? '');
    return { text: made.token, freshUntil: askedAt + USED_SHARE * (Number.isFinite(lifeMs) ? lifeMs : 0) };
  }
}
