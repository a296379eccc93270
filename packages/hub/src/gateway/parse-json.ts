import { refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import { tooMuchJson } from './json-bounds.ts';

/** A body that is no input of anything; the refusal says why. */
export class UnacceptableBody extends Error {
  readonly refusal: Refusal;

  constructor(reason: Refusal) {
    super(reason.code);
    this.refusal = reason;
  }
}

/** Fastify’s parser of JSON bodies; it has no promise, since every call has a body. Fails with UnacceptableBody. */
export const parseJson = (
  _request: unknown,
  text: string,
  done: (error: Error | null, body?: unknown) => void,
): void => {
  const reason = text === '' ? refusal('malformed_body', 'the body is empty') : tooMuchJson(text);
  if (reason) return done(new UnacceptableBody(reason));
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return done(new UnacceptableBody(refusal('malformed_body')));
  }
  done(null, body);
};
