import { algorithmForgeries } from './algorithms.ts';
import { claimForgeries } from './claims.ts';
import { containerForgeries } from './containers.ts';
import { makeForge } from './forge.ts';
import type { Forgery, ForgeryContext } from './forge.ts';
import { headerForgeries } from './headers.ts';
import { spellingForgeries } from './spellings.ts';

export type { Forgery, ForgeryContext } from './forge.ts';

/** Every forgery we know how to make from a good token and the hub’s own key; each must be refused on every door. */
export const forgeries = async (context: ForgeryContext): Promise<Forgery[]> => {
  const forge = makeForge(context);
  const all = {
    ...algorithmForgeries(forge),
    ...headerForgeries(forge, context),
    ...claimForgeries(forge),
    ...spellingForgeries(forge),
    ...(await containerForgeries(forge)),
  };
  return Object.entries(all).map(([name, token]) => {
    if (token === context.token) throw new Error(`“${name}” is the good token itself`);
    return { name, token };
  });
};

/** Tokens made the same way that must be taken: they show that the forgeries are refused for what is wrong in them. */
export const controls = (context: ForgeryContext): Forgery[] => {
  const { claims, header, sealed, withClaims } = makeForge(context);
  const reversed = Object.fromEntries(Object.entries(claims).toReversed());
  return [
    { name: 'the same claims, signed here', token: sealed(header, claims) },
    { name: 'the claims in another order', token: sealed(header, reversed) },
    { name: 'a claim nobody knows', token: withClaims({ unheard: 'of' }) },
    { name: 'nbf now', token: withClaims({ nbf: claims.iat }) },
    { name: 'no agent', token: withClaims({ agt: undefined }) },
  ];
};

/**
 * Whether a token reaches the hub as it is in an Authorization header: HTTP trims white space around values, and has
 * no control characters or letters outside Latin-1 (RFC 9110, 5.5). The others are for Socket.IO.
 */
export const fitsHeader = (token: string): boolean =>
  /^[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?$/.test(token);
