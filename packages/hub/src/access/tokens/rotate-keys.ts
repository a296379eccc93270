import { hubCalls, refusal, validate } from '@agentmix/act-contract';
import type { HubCallOutput, Refusal } from '@agentmix/act-contract';
import { StoreUnavailable } from '@agentmix/act-core';
import { isOfHub } from '../access.ts';
import type { Bearer } from '../access.ts';
import type { KeyRing } from './key-ring.ts';

type Rotated =
  | { readonly ok: true; readonly value: HubCallOutput<'token.rotate'> }
  | { readonly ok: false; readonly refusal: Refusal };

const refused = (value: Refusal): Rotated => ({ ok: false, refusal: value });

/**
 * Makes the next signing key, or ends the trust in one. An owner shows the API key for it: an access token may be the
 * very thing that somebody forged.
 */
export const rotateKeys = async (ring: KeyRing, bearer: Bearer, given: unknown): Promise<Rotated> => {
  const input = validate(hubCalls['token.rotate'].input, given);
  if (!input.ok) return input;
  if (!isOfHub(bearer)) return refused(refusal('forbidden'));
  if (bearer.token) return refused(refusal('forbidden', 'show the API key, not a token of it'));
  const { retire } = input.value;
  try {
    if (retire !== undefined && !(await ring.find(retire)))
      return refused(refusal('invalid_input', 'retire: no key of this id is trusted'));
    const full = retire === undefined ? await ring.rotate() : await ring.retire(retire);
    if (full) return refused(full);
  } catch (error) {
    if (error instanceof StoreUnavailable) return refused(refusal('unavailable'));
    throw error;
  }
  return { ok: true, value: { keys: ring.keys.map(({ kid }) => kid) } };
};
