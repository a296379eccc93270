/** Access as others may use it without a hub: the doors’ tests and the torture rows. */
export { makeDatabaseClock } from '../app/database-clock.ts';
export type { DatabaseClock } from '../app/database-clock.ts';
export { MASTER_KEY_FILE, openKeyProvider } from './key-provider/open-key-provider.ts';
export { hashSecret, makeKey, parseKey, sameHash } from './keys/api-key.ts';
export type { ApiKey, KeyEnvironment } from './keys/api-key.ts';
export { issueToken } from './tokens/issue-token.ts';
export type { IssuedToken, TokenAuthority, TokenGrant } from './tokens/issue-token.ts';
export { KeyRing } from './tokens/key-ring.ts';
export type { KeyRingOptions } from './tokens/key-ring.ts';
export type { OpenSigningKey } from './tokens/signing-key.ts';
export { refusalOf } from './tokens/token-flaw.ts';
export type { TokenFlaw } from './tokens/token-flaw.ts';
export { makeTokenVerifier } from './tokens/verify-token.ts';
export type { TokenVerdict, TokenVerifier } from './tokens/verify-token.ts';
