import { createHash, timingSafeEqual } from 'node:crypto';
import { refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';

export interface Admission {
  readonly checkToken: (token: string | undefined) => Refusal | undefined;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
/** Whether a caller shows the hub’s token, the same for every door. */
export const makeAdmission = (token: string): Admission => {
  const expected = digest(token);
  return {
    checkToken: (given) =>
      given !== undefined && timingSafeEqual(digest(given), expected) ? undefined : refusal('unauthorized'),
  };
};

/** The token of an Authorization header. */
export const bearerToken = (header: string | undefined): string | undefined =>
  /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
