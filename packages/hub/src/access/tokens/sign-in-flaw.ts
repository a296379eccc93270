import type { JWTPayload } from 'jose';
import type { SignInRules } from '../../config/identity-provider.ts';

const wordsOf = (claim: unknown): readonly unknown[] => (typeof claim === 'string' ? claim.split(' ') : []);

/** What a person's token lacks of what the operator asks for: the right to this hub, or the strength of the sign-in. */
export const signInFlaw = (
  { scope, acr, amr }: SignInRules,
  claims: JWTPayload,
): 'other_scope' | 'weak_sign_in' | undefined => {
  if (scope !== undefined && !wordsOf(claims['scope']).includes(scope)) return 'other_scope';
  if (acr && !acr.some((one) => one === claims['acr'])) return 'weak_sign_in';
  const methods: readonly unknown[] = Array.isArray(claims['amr']) ? claims['amr'] : [];
  return amr && !amr.some((one) => methods.includes(one)) ? 'weak_sign_in' : undefined;
};
