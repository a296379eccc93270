import type { HUB_PROJECT_ID, MemberKind, Role } from '@agentmix/act-contract';
import { StoreUnavailable } from '@agentmix/act-core';
import { uuidv7 } from 'uuidv7';
import { Access } from '../src/access/access.ts';
import type { Authenticated, Bearer } from '../src/access/access.ts';
import { Directory } from '../src/access/directory.ts';
import { hashSecret, keyText, makeSecret } from '../src/access/keys/api-key.ts';
import { issueToken } from '../src/access/tokens/issue-token.ts';
import type { TokenAuthority, TokenGrant } from '../src/access/tokens/issue-token.ts';
import { makeTokenVerifier } from '../src/access/tokens/verify-token.ts';
import type { Outcome } from '../src/app/batch.ts';
import { makeService, outputOf } from './make-service.ts';
import type { ServiceUnderTest } from './make-service.ts';
import { makeTokenWorld } from './token-authority.ts';
import type { TokenWorld } from './token-authority.ts';

export interface TestKey {
  readonly keyId: string;
  readonly memberId: string;
  readonly text: string;
}

/**
 * Access over a store that can fail, with monotonic time that stands still unless it is moved. What the service
 * changes the directory hears when it is asked to look, as on another hub.
 */
export interface AccessWorld extends ServiceUnderTest {
  /** Monotonic milliseconds. */
  monotonic: number;
  readonly tokens: TokenWorld;
  readonly directory: Directory;
  readonly access: Access;
  readonly logged: string[];
  member(role: Role, more?: { kind?: MemberKind; agentId?: string; memberId?: string }): Promise<string>;
  key(memberId: string, more?: { role?: Role; expiresAt?: string }): Promise<TestKey>;
  token(key: TestKey, over?: Partial<TokenGrant>): Promise<string>;
  bearer(text: string): Promise<Bearer>;
  close(): Promise<void>;
}

/** Whoever gives this command is not asked: the hub itself does. */
const run = async (outcome: Promise<Outcome>): Promise<Record<string, unknown>> => outputOf(await outcome);

export const unreachable = (): Promise<never> => Promise.reject(new StoreUnavailable('away'));

/** The code of a refusal; undefined where there was none. */
export const codeOf = async (answer: Authenticated | Promise<Authenticated>): Promise<string | undefined> => {
  const given = await answer;
  return given.ok ? undefined : given.refusal.code;
};

export const makeAccessWorld = async (projectId?: typeof HUB_PROJECT_ID): Promise<AccessWorld> => {
  const service = await makeService(projectId);
  const tokens = makeTokenWorld();
  const authority: TokenAuthority = await tokens.hub();
  const logged: string[] = [];
  const directory = new Directory(
    service.failing.store,
    (message) => logged.push(message),
    () => world.monotonic,
  );
  const access = new Access(directory, makeTokenVerifier(authority), () => tokens.now);
  const world: AccessWorld = {
    ...service,
    monotonic: 0,
    tokens,
    directory,
    access,
    logged,
    member: async (role, { kind = 'service', memberId = uuidv7(), ...more } = {}) => {
      await run(service.run('member.put', { memberId, kind, role, ...more }));
      return memberId;
    },
    key: async (memberId, more = {}) => {
      const secret = makeSecret();
      const secretHash = hashSecret(secret).toString('hex');
      const { keyId } = await run(service.run('key.create', { memberId, secretHash, ...more }));
      return { keyId: String(keyId), memberId, text: keyText(String(keyId), 'test', secret) };
    },
    token: async ({ keyId, memberId }, over = {}) => {
      const grant = { memberId, projectId: service.projectId, role: 'admin' as const, keyId, ...over };
      const issued = await issueToken(authority, grant);
      if (!issued) throw new Error('no token');
      return issued.token;
    },
    bearer: async (text) => {
      const answer = await access.authenticate(text);
      if (!answer.ok) throw new Error(answer.refusal.code);
      return answer.bearer;
    },
    close: async () => {
      await directory.stop();
      await tokens.close();
      await service.service.stop();
    },
  };
  await directory.refresh();
  return world;
};
