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

/** Fastify's parser of JSON bodies. Rejects with UnacceptableBody. */
export const parseJson = async (_request: unknown, text: string): Promise<unknown> => {
  const reason = text === '' ? refusal('malformed_body', 'the body is empty') : tooMuchJson(text);
  if (reason) throw new UnacceptableBody(reason);
  try {
    return JSON.parse(text);
  } catch {
    throw new UnacceptableBody(refusal('malformed_body'));
  }
};
