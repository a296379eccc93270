import { hubCalls } from '@agentmix/act-contract';
import type { MemberKind, Role } from '@agentmix/act-contract';
import { uuidv7 } from 'uuidv7';
import { done } from './door.ts';
import type { Door } from './door.ts';
import { httpRequest } from './http-request.ts';
import { bearer, openRest } from './rest-door.ts';
import type { HubAddress } from './rest-door.ts';

/** A member of a project with a key of its own. */
export interface Principal {
  readonly memberId: string;
  readonly keyId: string;
  /** Where it speaks to the hub, with its key. */
  readonly hub: HubAddress;
  readonly door: Door;
}

export const PROJECT_ROLES = ['viewer', 'agent', 'coordinator', 'admin'] as const;

export interface PrincipalOptions {
  readonly kind?: MemberKind;
  readonly agentId?: string;
  readonly key?: { readonly role?: Role; readonly expiresAt?: string };
}

/** Makes a member of a project and a key for it, as an owner. */
export const makePrincipal = async (
  owner: HubAddress,
  projectId: string,
  role: Role,
  { kind = 'service', key: keyOptions = {}, ...more }: PrincipalOptions = {},
): Promise<Principal> => {
  const memberId = uuidv7();
  const door = openRest(owner);
  await done(door, 'member.put', projectId, { memberId, kind, role, ...more });
  const { key, keyId } = await done(door, 'key.create', projectId, { memberId, ...keyOptions });
  const hub = { url: owner.url, token: String(key) };
  return { memberId, keyId: String(keyId), hub, door: openRest(hub) };
};

/** An access token in the place of the key. */
export const withToken = async ({ url, token }: HubAddress): Promise<HubAddress> => {
  const { method, path } = hubCalls['token.issue'].route;
  const headers = { ...bearer({ url, token }), 'content-type': 'application/json' };
  const { text } = await httpRequest(`${url}/v1${path}`, { method, headers, body: '{}' });
  return { url, token: String((JSON.parse(text) as { token?: string }).token) };
};
