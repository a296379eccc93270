import type { JSONWebKeySet } from 'jose';
import type { KeyRing } from './key-ring.ts';

/** The hub’s public keys (RFC 7517 key set) with the headers it is sent with. */
export interface KeySetDocument {
  readonly body: JSONWebKeySet;
  readonly headers: Readonly<Record<string, string>>;
}

/** Caches may keep it for as long as a key is published before it signs: no reader meets a key that it cannot know. */
export const keySetOf = (ring: KeyRing): KeySetDocument => ({
  body: { keys: ring.keys.map(({ jwk }) => jwk) },
  headers: {
    'content-type': 'application/jwk-set+json',
    'cache-control': `public, max-age=${Math.floor(ring.publishAheadMs / 1000)}`,
  },
});
