import { hubCalls, refusal, timestampOf } from '@agentmix/act-contract';
import type { HubCallInput, HubCallOutput, Refusal } from '@agentmix/act-contract';
import { StoreUnavailable } from '@agentmix/act-core';
import type { Credential } from '@agentmix/act-core';
import { roleOf } from './access.ts';
import type { Access, Authenticated, Bearer } from './access.ts';
import type { Directory } from './directory.ts';
import { issueToken } from './tokens/issue-token.ts';
import type { TokenAuthority } from './tokens/issue-token.ts';
import type { OidcVerdict } from './tokens/oidc.ts';
import type { RefreshTokens } from './tokens/refresh-tokens.ts';
import { refusalOf } from './tokens/token-flaw.ts';

type Tokens = HubCallOutput<'token.issue'>;
export type Issued =
  | { readonly ok: true; readonly memberId: string; readonly output: Tokens }
  | { readonly ok: false; readonly refusal: Refusal };

export interface TokenDeskOptions {
  readonly access: Access;
  readonly directory: Directory;
  readonly authority: TokenAuthority;
  readonly refreshTokens: RefreshTokens;
  /** Verifies tokens of people from the identity provider; absent where there is none. */
  readonly people?: { verify(token: string): Promise<OidcVerdict> };
}

const refuse = (value: Refusal): Extract<Issued, { ok: false }> => ({ ok: false, refusal: value });
const unavailable = refuse(
  refusal('unavailable', 'tokens cannot be made while the database is away', { retryAfter: 1 }),
);

/** Where API keys and sign-ins are exchanged for access tokens, and these are refreshed. */
export class TokenDesk {
  readonly #options: TokenDeskOptions;

  constructor(options: TokenDeskOptions) {
    this.#options = options;
  }

  /** Whose credential that is, an API key’s too where the doors take none. */
  async admit(text: string | undefined): Promise<Authenticated> {
    try {
      return await this.#options.access.authenticate(text);
    } catch (error) {
      if (error instanceof StoreUnavailable) return unavailable;
      throw error;
    }
  }

  /** For an API key, or for a person’s token and a project that the person is a member of. */
  async issue(text: string | undefined, input: HubCallInput<'token.issue'>): Promise<Issued> {
    const admitted = await this.#options.access.authenticate(text);
    if (admitted.ok && !admitted.bearer.token) return this.#withRefresh(admitted.bearer, input.refresh);
    const person = text === undefined ? undefined : await this.#person(text, input.projectId);
    if (person) return person;
    return refuse(admitted.ok ? refusal('unauthorized', 'an API key is needed') : admitted.refusal);
  }

  async refresh({ refreshToken }: HubCallInput<'token.refresh'>): Promise<Issued> {
    const { refreshTokens, directory, access } = this.#options;
    const refreshed = await refreshTokens.refresh(refreshToken);
    if ('refusal' in refreshed) return refuse(refreshed.refusal);
    const credential = await directory.key(refreshed.grant.keyId);
    if (!credential) return refuse(refusal('key_revoked'));
    const wrong = access.check({ credential });
    if (wrong) return refuse(wrong);
    return this.#issue(
      { credential },
      {
        refreshToken: refreshed.next,
        refreshExpiresAt: timestampOf(refreshed.expiresAt),
      },
    );
  }

  /** Runs one of the two, checked by its schema; a database that is away is a refusal. */
  static async guarded(run: () => Promise<Issued>): Promise<Issued> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof StoreUnavailable) return unavailable;
      throw error;
    }
  }

  async #withRefresh(bearer: Bearer, isWanted: boolean): Promise<Issued> {
    const { key, memberId, projectId } = bearer.credential;
    if (!isWanted || !key) return this.#issue(bearer, {});
    const refreshToken = await this.#options.refreshTokens.open({ memberId, projectId, keyId: key.id });
    return this.#issue(bearer, { refreshToken });
  }

  /** What comes of a person’s token; undefined when the text is none. */
  async #person(text: string, projectId: string | undefined): Promise<Issued | undefined> {
    const { people, directory, access } = this.#options;
    const verdict = await people?.verify(text);
    if (!verdict || ('flaw' in verdict && verdict.flaw === 'malformed')) return undefined;
    if ('flaw' in verdict) return refuse(refusalOf(verdict.flaw));
    const { memberId } = verdict.person;
    const credential: Credential | undefined =
      projectId === undefined ? undefined : await directory.member(projectId.toLowerCase(), memberId);
    // The id is what an admin needs to make this person a member.
    if (credential?.kind !== 'human' || access.check({ credential }))
      return refuse(refusal('forbidden', 'you are no member of this project', { memberId }));
    return this.#issue({ credential }, {});
  }

  async #issue(bearer: Bearer, more: Partial<Tokens>): Promise<Issued> {
    const { memberId, projectId, agentId, key } = bearer.credential;
    const grant = { memberId, projectId, agentId, role: roleOf(bearer), keyId: key?.id };
    const issued = await issueToken(this.#options.authority, grant);
    if (!issued) return unavailable;
    const output = { token: issued.token, expiresAt: timestampOf(issued.claims.exp * 1_000), ...more };
    return { ok: true, memberId, output: hubCalls['token.issue'].output.parse(output) };
  }
}
